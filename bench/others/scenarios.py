"""The failures on which the tools are compared: some of the gallery, and more ways in which a session can fail."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.client import Sandbox
from sandbox.gallery import build, seed_of
from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, Application, deploy
from sandbox.gallery.network import Network
from sandbox.gallery.observe import running_task, try_exec
from sandbox.gallery.workbench import Workbench

SSMMESSAGES = "ssmmessages"


@dataclass(frozen=True, slots=True)
class Case:
    """One task, and what is wrong with it by how it was built: `cause` is a cause's id, None where nothing is.

    `event` is what AWS emitted about it, None where nothing failed.
    """

    name: str
    about_exec: bool
    cluster: str
    service: str
    task_arn: str
    cause: str | None
    event: Mapping[str, Any] | None


FROM_THE_GALLERY = {
    "exec_not_enabled": True,
    "ssmmessages_endpoint_missing": True,
    "exec_task_role_lacks_ssmmessages": True,
    "exec_task_role_missing": True,
    "exec_agent_stopped": True,
    "ecr_dkr_endpoint_missing": False,
    "s3_gateway_not_on_route_table": False,
    "endpoint_security_group_closed": False,
    "network_acl_closed": False,
    "nat_present_execution_role_cannot_pull": False,
    "image_tag_missing": False,
    "secret_scheduled_for_deletion": False,
    "log_group_missing": False,
    "out_of_memory": False,
    "app_exited": False,
}
"""By name; whether it is about ECS Exec."""


def cases() -> tuple[str, ...]:
    """The names, those about ECS Exec in front."""
    its = [name for name, about_exec in FROM_THE_GALLERY.items() if about_exec]
    return (*_BUILT_HERE, *its, *(name for name in FROM_THE_GALLERY if name not in its))


def make(sandbox: Sandbox, name: str) -> Case:
    """Build one in an empty account."""
    if name in FROM_THE_GALLERY:
        scenario = build(sandbox, name)
        detail = scenario.event["detail"]
        about_exec = FROM_THE_GALLERY[name]
        task = detail["requestParameters"]["task"] if about_exec else detail["taskArn"]
        return Case(name, about_exec, scenario.cluster, str(scenario.service), task, scenario.cause, scenario.event)
    bench = Workbench(sandbox)
    bench.begin(seed=seed_of(name), clock=None)
    cause, change = _BUILT_HERE[name]
    service = "support"
    network = net.with_endpoints(bench, service, [*net.START, SSMMESSAGES])
    deploy(bench, Application(service, network, enable_exec=True))
    # The task runs already: what happens to its way to Systems Manager now, only its sessions notice.
    change(bench, network)
    event = try_exec(bench, service) if cause else None
    return Case(name, True, CLUSTER, service, running_task(bench, service), cause, event)


def caller(sandbox: Sandbox) -> dict[str, str]:
    """The environment of somebody who may do everything: a user, since not every tool takes other callers."""
    iam = sandbox.client("iam")
    iam.create_user(UserName="oncall")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="oncall", PolicyName="everything", PolicyDocument=json.dumps(everything))
    key = iam.create_access_key(UserName="oncall")["AccessKey"]
    return {
        **sandbox.environment,
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }


def _nothing(bench: Workbench, network: Network) -> None:
    """All is well."""


def _group_closed(bench: Workbench, network: Network) -> None:
    ec2 = bench.client("ec2")
    ec2.revoke_security_group_ingress(GroupId=network.endpoint_group, IpPermissions=[net.https_from(net.VPC_CIDR)])


def _private_dns_off(bench: Workbench, network: Network) -> None:
    endpoint = network.endpoints[SSMMESSAGES]
    bench.client("ec2").modify_vpc_endpoint(VpcEndpointId=endpoint, PrivateDnsEnabled=False)


def _policy_denies(bench: Workbench, network: Network) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "ssmmessages:CreateControlChannel", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    endpoint = network.endpoints[SSMMESSAGES]
    bench.client("ec2").modify_vpc_endpoint(VpcEndpointId=endpoint, PolicyDocument=policy)


_BUILT_HERE: dict[str, tuple[str | None, Callable[[Workbench, Network], None]]] = {
    "exec_works": (None, _nothing),
    "exec_endpoint_security_group_closed": ("endpoint_security_group_blocks", _group_closed),
    "exec_endpoint_private_dns_off": ("endpoint_private_dns_off", _private_dns_off),
    "exec_endpoint_policy_denies": ("endpoint_policy_denies", _policy_denies),
}
