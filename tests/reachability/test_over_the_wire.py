"""Three walks of one network, built with AWS's own API and read as a diagnosis reads it.

The model and the brute force judge the facts that were collected, and the embedded account walks its own state. What
the collector loses or misreads on the way shows here, as what the model and the account hold different beliefs about.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import boto3
import pytest

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Reader
from ecs_medic.collect import prefix_lists, vpc
from ecs_medic.collect.network import interface_from, only_item
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Interface, Network
from ecs_medic.needs.endpoints import destination, layer_bucket, s3_bucket
from ecs_medic.needs.need import Destination
from ecs_medic.reachability.path import HopKind, NoEndpointBecause, Path, Verdict, Via
from ecs_medic.reachability.request import Request
from ecs_medic.reachability.walk import path
from sandbox.client import REGION, Sandbox
from tests.reachability.brute_force import reachable
from tests.reachability.wire_networks import Built, build, shared

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders-execution"
NETWORKS = 100
IN_ONE_ACCOUNT = 20
"""Networks side by side: each must be read without the others."""
EXPECTED = {True: Verdict.OPEN, False: Verdict.BLOCKED, None: Verdict.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Aim:
    """Where to, and the call that it is for."""

    destination: Destination
    action: str = ""
    resource: str = "*"

    @property
    def requests(self) -> tuple[Request, ...]:
        return (Request(self.action, self.resource, ROLE),) if self.action else ()


AIMS = (
    Aim(destination("ecr.api", REGION, REGION), "ecr:GetAuthorizationToken"),
    Aim(
        destination("ecr.dkr", REGION, REGION, host=f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"),
        "ecr:BatchGetImage",
        f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/orders",
    ),
    Aim(s3_bucket(layer_bucket(REGION), REGION, REGION), "s3:GetObject", f"arn:aws:s3:::{layer_bucket(REGION)}/orders"),
    Aim(
        destination("logs", REGION, REGION),
        "logs:PutLogEvents",
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/ecs/orders:log-stream:web",
    ),
    Aim(destination("ssmmessages", REGION, REGION), "ssmmessages:CreateControlChannel"),
    Aim(Destination("registry-1.docker.io")),
    # Names that have IPv6 addresses, too.
    Aim(destination("secretsmanager", REGION, REGION), "secretsmanager:GetSecretValue"),
    Aim(Destination(f"{ACCOUNT}.dkr-ecr.{REGION}.on.aws")),
)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the three say of one destination in one network."""

    seed: int
    host: str
    model: Path
    brute_force: bool | None
    account: bool
    account_stopped_at: str | None

    @property
    def disagree(self) -> bool:
        """The account walks to one address; what depends on which one it is may go either way there."""
        if self.model.verdict is not EXPECTED[self.brute_force]:
            return True
        return self.brute_force is not None and self.brute_force != self.account

    def __str__(self) -> str:
        broken = self.model.broken_at or self.model.unknown_hops or self.model.via
        return (
            f"network {self.seed}, {self.host}: model {self.model.verdict} ({broken}), brute force {self.brute_force}, "
            f"account {self.account} ({self.account_stopped_at})"
        )


def collected(reader: Reader, built: Built) -> tuple[Interface, Network]:
    """The interface and its VPC, asked for and read as `collect` does."""
    asked = {"NetworkInterfaceIds": [built.interface]}
    questions = {
        ("interface",): Call("ec2", "DescribeNetworkInterfaces", asked, items="NetworkInterfaces"),
        **vpc.questions(built.vpc),
    }
    answers = reader.together(questions)
    interface = only_item(answers["interface",], "NetworkInterfaces", "interface", interface_from)
    assert isinstance(interface, Known)
    networks = {built.vpc: vpc.network_from(built.vpc, answers)}
    facts = Facts(datetime.now(UTC), ACCOUNT, REGION, task_interface=interface, networks=networks)
    if more := prefix_lists.questions_on_the_way(facts):
        answers = {**answers, **reader.together(more)}
    return interface.value, vpc.network_from(built.vpc, answers)


def opinions(account: Sandbox, seeds: Iterable[int]) -> Iterator[Opinion]:
    session = boto3.session.Session()
    with account.environ():
        reader = Reader(REGION, session=session, account=ACCOUNT)
        for batch in itertools.batched(seeds, IN_ONE_ACCOUNT, strict=False):
            account.reset()
            common = shared(account.client("ec2"))
            for seed in batch:
                built = build(account, seed, common)
                interface, network = collected(reader, built)
                for aim in AIMS:
                    yield opinion(account, seed, (interface, network), aim)


def opinion(account: Sandbox, seed: int, seen: tuple[Interface, Network], aim: Aim) -> Opinion:
    interface, network = seen
    host = aim.destination.host
    walked = account.ecs(
        "can_reach",
        account=ACCOUNT,
        region=REGION,
        interface=interface.id,
        host=host,
        action=aim.action or None,
        resource=aim.resource,
        role_arn=ROLE,
    )
    return Opinion(
        seed,
        host,
        path(interface, aim.destination, network, requests=aim.requests, account=ACCOUNT),
        reachable(interface, aim.destination, network, (aim.action or "none:None", aim.resource)),
        walked["arrived"],
        walked["stop"],
    )


def test_no_disagreement_in_a_hundred_networks(account):
    seen: Counter[object] = Counter()
    wrong: list[str] = []
    for one in opinions(account, range(NETWORKS)):
        if one.disagree:
            wrong.append(str(one))
        seen[one.model.verdict] += 1
        for way in one.model.ways:
            seen[way.via] += 1
            seen[way.no_endpoint] += 1
            seen.update((hop.kind, hop.verdict) for hop in way.hops)
    assert wrong == []
    assert all(seen[verdict] > NETWORKS // 10 for verdict in Verdict), seen
    assert all(seen[via] for via in set(Via) - {Via.INSIDE}), seen
    assert all(seen[reason] for reason in NoEndpointBecause), seen
    # A gateway endpoint is available at once; an interface that was read is there, and so is a gateway with a route.
    never = {HopKind.INTERFACE, HopKind.ENDPOINT, HopKind.INTERNET_GATEWAY, HopKind.DESTINATION_SECURITY_GROUP}
    assert {kind for kind in HopKind if seen[kind, Verdict.BLOCKED]} == set(HopKind) - never, seen


@pytest.mark.soak
def test_no_disagreement_in_a_thousand_networks(account):
    assert [str(one) for one in opinions(account, range(NETWORKS, 11 * NETWORKS)) if one.disagree] == []
