"""What is wrong, and yet not shown to be why this task failed."""

from dataclasses import replace

import pytest

from ecs_medic.facts.network import AclEntry
from ecs_medic.finding import Confidence
from ecs_medic.rules.judge import judge
from ecs_medic.vocabulary import Id
from tests import builders
from tests.rules.network import worlds as w

SIDECAR = replace(w.CONTAINER, name="sidecar", image="nginx:latest", log_configuration=None)


def with_sidecar(where, **changes):
    made = w.facts(where, **changes)
    definition = made.task_definition.value
    both = replace(definition, containers=(*definition.containers, SIDECAR))
    return replace(made, task_definition=w.known(both))


@pytest.mark.parametrize("symptom", [Id.ECR_UNREACHABLE, Id.LOG_GROUP_MISSING, Id.SECRETS_UNREACHABLE])
def test_a_destination_that_the_symptom_does_not_speak_of_is_only_possible(symptom):
    groups = {(w.REGION, "/shop/orders"): builders.log_group("/shop/orders", w.REGION)}
    found = judge(w.incident(symptom), with_sidecar(w.network(), log_groups=groups)).findings
    [internet] = [one for one in found if one.cause is Id.NO_ROUTE_TO_INTERNET]
    assert internet.confidence is Confidence.POSSIBLE


def test_every_missing_endpoint_is_listed_though_the_symptom_speaks_of_one():
    first = judge(w.incident(Id.ECR_UNREACHABLE), with_sidecar(w.network(endpoints=(), routes=(w.LOCAL,)))).findings[0]
    assert (first.cause, first.confidence) == (Id.VPC_ENDPOINT_MISSING, Confidence.CONFIRMED)
    assert first.params["services"] == [w.service_name(one) for one in ("ecr.api", "ecr.dkr", "logs", "s3")]


def test_an_instance_may_use_a_proxy_that_nothing_shows():
    isolated = w.network(endpoints=())
    made = w.facts(isolated, launch_type="EC2", interface=None, host=w.HOST, network_mode="bridge")
    first = judge(w.incident(), made).findings[0]
    assert (first.cause, first.confidence) == (Id.VPC_ENDPOINT_MISSING, Confidence.LIKELY)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, Confidence.CONFIRMED), ({"https_proxy": "http://10.0.5.5:3128"}, Confidence.LIKELY)],
)
def test_an_exec_session_may_go_through_the_containers_proxy(environment, expected):
    container = replace(w.CONTAINER, environment={"NO_PROXY": "169.254.170.2", **environment})
    found = judge(w.EXEC, w.facts(w.network(), container=container, exec_enabled=True)).findings
    assert {one.confidence for one in found if one.cause is Id.VPC_ENDPOINT_MISSING} == {expected}


HIDDEN = tuple(w.interface_endpoint(one, private_dns_enabled=False) for one in w.FOR_START)


@pytest.mark.parametrize("endpoints", [HIDDEN, ()], ids=["private DNS is off", "no endpoint"])
@pytest.mark.parametrize(
    ("zones", "expected"),
    [
        (w.known(()), {Confidence.CONFIRMED}),
        (w.known(("shop.internal", "azonaws.com")), {Confidence.CONFIRMED}),
        (w.known(("amazonaws.com",)), set()),
        (w.denied("route53:ListHostedZonesByVPC"), {Confidence.LIKELY}),
    ],
    ids=["no zone", "other zones", "a zone answers", "zones were not read"],
)
def test_a_private_hosted_zone_may_know_another_way(endpoints, zones, expected):
    where = w.network(endpoints=(*endpoints, w.S3_GATEWAY), hosted_zones=zones)
    causes = {Id.ENDPOINT_PRIVATE_DNS_OFF, Id.VPC_ENDPOINT_MISSING}
    found = judge(w.incident(Id.IMAGE_PULL_FAILED), w.facts(where)).findings
    assert {one.confidence for one in found if one.cause in causes} == expected


def test_an_endpoint_of_which_one_interface_is_closed_excludes_nothing():
    closed = w.acl(
        AclEntry(90, egress=False, allow=False, protocol="6", cidr="10.0.2.0/24"),
        *w.OPEN_ACL.entries,
    )
    judged = judge(w.incident(), w.facts(w.network(network_acls=w.known((closed,)))))
    assert Id.NETWORK_ACL_BLOCKS not in {one.cause for one in judged.ruled_out} | {one.cause for one in judged.findings}
    [gap] = [one for one in judged.not_checked if one.check == Id.NETWORK_ACL_BLOCKS]
    assert "now and then" in gap.reason
    assert "acl-1" in gap.reason
