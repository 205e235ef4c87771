"""The gallery: each failure shows as AWS would show it, ends when its one cause is repaired, and is repeatable."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox import gallery
from sandbox.client import Sandbox
from sandbox.gallery import Scenario, Workbench
from sandbox.gallery import network as net
from sandbox.gallery.__main__ import as_text
from sandbox.gallery.application import CLUSTER, PULL_AND_LOG, SSMMESSAGES
from sandbox.gallery.observe import running_task

EVENTS = Path(__file__).parents[2] / "events"

FAILED = "TaskFailedToStart"
AUTH = (FAILED, "The task cannot pull registry auth from Amazon ECR")
REGISTRY = "There is a connection issue between the task and the registry"
LOGS = (FAILED, "There is a connection issue between the task and Amazon CloudWatch")
NO_GROUP = (FAILED, "The specified log group does not exist.")
UNAVAILABLE = ("InvalidParameterException", "the execute command agent isn’t running")
NOT_CONNECTED = ("TargetNotConnectedException", "internal error. Try again later.")
ENDED = ("EssentialContainerExited", "Essential container in task exited")

SHOWN: dict[str, tuple[str, str]] = {
    "exec_not_enabled": UNAVAILABLE,
    "exec_agent_stopped": UNAVAILABLE,
    "exec_agent_pending": UNAVAILABLE,
    "exec_task_role_missing": UNAVAILABLE,
    "exec_task_role_lacks_ssmmessages": NOT_CONNECTED,
    "ssmmessages_endpoint_missing": NOT_CONNECTED,
    "ecr_dkr_endpoint_missing": (FAILED, REGISTRY),
    "s3_gateway_not_on_route_table": (FAILED, REGISTRY),
    "logs_endpoint_missing": LOGS,
    "ecr_api_endpoint_missing": AUTH,
    "secretsmanager_endpoint_missing": (FAILED, "from secrets manager: RequestCanceled"),
    "every_endpoint_missing": AUTH,
    "log_group_missing": NO_GROUP,
    "nat_present_log_group_missing": NO_GROUP,
    "nat_present_execution_role_cannot_pull": (FAILED, "403 Forbidden"),
    "endpoint_security_group_closed": AUTH,
    "task_security_group_closed": AUTH,
    "network_acl_closed": AUTH,
    "endpoint_private_dns_off": AUTH,
    "vpc_dns_off": (FAILED, "dial tcp: lookup api.ecr.eu-west-1.amazonaws.com"),
    "custom_dns_resolver": AUTH,
    "endpoint_policy_denies": (FAILED, "starport-layer-bucket"),
    "endpoint_pending": AUTH,
    "blackhole_route": AUTH,
    "public_subnet_without_public_ip": AUTH,
    "app_exited": ENDED,
    "out_of_memory": ENDED,
    "service_steady_state": ("SERVICE_STEADY_STATE", ""),
    "service_deployment_completed": ("SERVICE_DEPLOYMENT_COMPLETED", "completed."),
    "service_deployment_failed": ("SERVICE_DEPLOYMENT_FAILED", "circuit breaker"),
    "service_task_start_impaired": ("SERVICE_TASK_START_IMPAIRED", ""),
    "scale_in": ("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/"),
    "stopped_by_user": ("UserInitiated", "Replaced by hand"),
}


ALONE = "endpoint_policy_denies"


@pytest.fixture(scope="module")
def alone(running_account: Sandbox) -> Scenario:
    running_account.reset(seed=8)
    return gallery.build(running_account, ALONE, clock=gallery.CLOCK)


@pytest.fixture(scope="module")
def bench(alone: Scenario, running_account: Sandbox) -> Workbench:
    running_account.reset(seed=9)
    return Workbench(running_account)


@pytest.fixture(scope="module")
def scenarios(bench: Workbench) -> dict[str, Scenario]:
    return {s.name: s for s in gallery.build_each(bench.sandbox, clock=gallery.CLOCK)}


def test_a_scenario_is_named_like_its_builder(scenarios):
    assert list(scenarios) == gallery.names() == list(dict.fromkeys(gallery.names()))
    assert set(SHOWN) == set(scenarios)


def test_services_and_networks_are_not_shared(scenarios):
    assert len({s.service for s in scenarios.values()}) == len(scenarios)
    assert len({s.resources["vpc"] for s in scenarios.values()}) == len(scenarios)


@pytest.mark.parametrize("name", SHOWN)
def test_the_event_reads_as_aws_words_it(scenarios, name):
    code, words = SHOWN[name]
    detail = scenarios[name].event["detail"]
    shown = detail.get("stopCode") or detail.get("errorCode") or detail.get("eventName")
    said = detail.get("stoppedReason") or detail.get("errorMessage") or detail.get("reason", "")
    assert shown == code
    assert words in said


@pytest.mark.parametrize("name", gallery.names())
def test_the_committed_event_is_the_one_that_the_gallery_emits(scenarios, name):
    assert (EVENTS / f"{name}.json").read_text(encoding="utf-8") == as_text(scenarios[name].event)


def test_every_committed_event_has_its_scenario(scenarios):
    assert {path.stem for path in EVENTS.glob("*.json")} == set(scenarios)


def test_a_scenario_has_the_same_ids_when_it_is_built_alone(alone, scenarios):
    assert alone == scenarios[ALONE]


def test_an_unknown_scenario_is_refused(bench):
    with pytest.raises(KeyError):
        gallery.build(bench, "nothing")


type Repair = Callable[[Workbench, Scenario], object]


def endpoints(*services: str) -> Repair:
    def repair(bench: Workbench, scenario: Scenario) -> None:
        for service in services:
            bench.client("ec2").create_vpc_endpoint(
                VpcId=scenario.resources["vpc"],
                VpcEndpointType="Interface",
                ServiceName=net.full_name(service),
                SubnetIds=[scenario.resources["endpoint_subnet"]],
                SecurityGroupIds=[scenario.resources["endpoint_group"]],
                PrivateDnsEnabled=True,
            )

    return repair


def gateway(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ec2").create_vpc_endpoint(
        VpcId=scenario.resources["vpc"],
        VpcEndpointType="Gateway",
        ServiceName=net.full_name("s3"),
        RouteTableIds=[scenario.resources["route_table"]],
    )


def every_endpoint(bench: Workbench, scenario: Scenario) -> None:
    endpoints(*net.START)(bench, scenario)
    gateway(bench, scenario)


def log_group(bench: Workbench, scenario: Scenario) -> None:
    bench.client("logs").create_log_group(logGroupName=scenario.params["log_group"])


def allow(suffix: str, *actions: str) -> Repair:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    return lambda bench, s: bench.client("iam").put_role_policy(
        RoleName=f"{s.service}-{suffix}", PolicyName="more", PolicyDocument=json.dumps(document)
    )


def default_dns(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ec2").associate_dhcp_options(DhcpOptionsId="default", VpcId=scenario.resources["vpc"])


def acl_ingress(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ec2").create_network_acl_entry(
        NetworkAclId=scenario.params["network_acl_id"],
        RuleNumber=110,
        Protocol="6",
        RuleAction="allow",
        Egress=False,
        CidrBlock="0.0.0.0/0",
        PortRange={"From": 1024, "To": 65535},
    )


def public_ip(bench: Workbench, scenario: Scenario) -> None:
    awsvpc = {
        "subnets": [scenario.resources["subnet"]],
        "securityGroups": [scenario.resources["task_group"]],
        "assignPublicIp": "ENABLED",
    }
    bench.client("ecs").update_service(
        cluster=CLUSTER, service=scenario.service, networkConfiguration={"awsvpcConfiguration": awsvpc}
    )


def new_nat(bench: Workbench, scenario: Scenario) -> None:
    ec2 = bench.client("ec2")
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [scenario.resources["vpc"]]}])["Subnets"]
    public = next(s["SubnetId"] for s in subnets if s["CidrBlock"] == net.PUBLIC_CIDR)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]["NatGatewayId"]
    ec2.replace_route(
        RouteTableId=scenario.resources["route_table"], DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat
    )


def wait_for_endpoint(bench: Workbench, scenario: Scenario) -> None:
    """The endpoint that will never be available is replaced by one that is."""
    bench.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[scenario.resources["endpoint:ecr.api"]])
    endpoints("ecr.api")(bench, scenario)


REPAIRS: dict[str, Repair] = {
    "ecr_dkr_endpoint_missing": endpoints("ecr.dkr"),
    "ecr_api_endpoint_missing": endpoints("ecr.api"),
    "logs_endpoint_missing": endpoints("logs"),
    "secretsmanager_endpoint_missing": endpoints("secretsmanager"),
    "every_endpoint_missing": every_endpoint,
    "s3_gateway_not_on_route_table": lambda b, s: b.client("ec2").modify_vpc_endpoint(
        VpcEndpointId=s.params["vpc_endpoint_id"], AddRouteTableIds=[s.params["route_table_id"]]
    ),
    "log_group_missing": log_group,
    "nat_present_log_group_missing": log_group,
    "nat_present_execution_role_cannot_pull": allow("execution", *PULL_AND_LOG),
    "endpoint_security_group_closed": lambda b, s: b.client("ec2").authorize_security_group_ingress(
        GroupId=s.resources["endpoint_group"], IpPermissions=[net.https_from("10.0.1.0/24")]
    ),
    "task_security_group_closed": lambda b, s: b.client("ec2").authorize_security_group_egress(
        GroupId=s.resources["task_group"], IpPermissions=[net.https_from("0.0.0.0/0")]
    ),
    "network_acl_closed": acl_ingress,
    "endpoint_private_dns_off": lambda b, s: b.client("ec2").modify_vpc_endpoint(
        VpcEndpointId=s.params["vpc_endpoint_id"], PrivateDnsEnabled=True
    ),
    "vpc_dns_off": lambda b, s: b.client("ec2").modify_vpc_attribute(
        VpcId=s.resources["vpc"], EnableDnsSupport={"Value": True}
    ),
    "custom_dns_resolver": default_dns,
    "endpoint_policy_denies": lambda b, s: b.client("ec2").modify_vpc_endpoint(
        VpcEndpointId=s.resources["endpoint:s3"], ResetPolicy=True
    ),
    "endpoint_pending": wait_for_endpoint,
    "blackhole_route": new_nat,
    "public_subnet_without_public_ip": public_ip,
    "service_deployment_failed": endpoints("logs"),
    "service_task_start_impaired": log_group,
}


@pytest.mark.parametrize("name", REPAIRS)
def test_the_one_repair_lets_the_service_start(bench, scenarios, name):
    scenario, ecs = scenarios[name], bench.client("ecs")
    ecs.update_service(cluster=CLUSTER, service=scenario.service, forceNewDeployment=True)
    described = ecs.describe_services(cluster=CLUSTER, services=[scenario.service])["services"][0]
    assert described["runningCount"] == 0
    REPAIRS[name](bench, scenario)
    service = ecs.update_service(cluster=CLUSTER, service=scenario.service, forceNewDeployment=True)["service"]
    assert service["runningCount"] == service["desiredCount"] == 1
    assert [d["rolloutState"] for d in service["deployments"]] == ["COMPLETED"]


def enable(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ecs").update_service(
        cluster=CLUSTER, service=scenario.service, enableExecuteCommand=True, forceNewDeployment=True
    )


def replace_task(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ecs").stop_task(cluster=CLUSTER, task=running_task(bench, str(scenario.service)))


EXEC_REPAIRS: dict[str, Repair] = {
    "exec_not_enabled": enable,
    "exec_agent_stopped": replace_task,
    "exec_agent_pending": lambda b, s: b.client("ecs").tag_resource(
        resourceArn=s.params["task_arn"], tags=[{"key": "sandbox:exec-agent", "value": "RUNNING"}]
    ),
    "exec_task_role_lacks_ssmmessages": allow("task", *SSMMESSAGES),
    "ssmmessages_endpoint_missing": endpoints("ssmmessages"),
}


@pytest.mark.parametrize("name", EXEC_REPAIRS)
def test_the_one_repair_opens_the_session(bench, scenarios, name):
    scenario, ecs = scenarios[name], bench.client("ecs")
    EXEC_REPAIRS[name](bench, scenario)
    task = running_task(bench, str(scenario.service))
    session = ecs.execute_command(cluster=CLUSTER, task=task, container="app", command="/bin/sh", interactive=True)
    assert session["session"]["sessionId"]


def test_every_failure_that_a_change_can_repair_is_repaired_here(scenarios):
    beyond_repair = {"exec_task_role_missing", "app_exited", "out_of_memory"}
    alerts = {name for name, scenario in scenarios.items() if scenario.action == "alert"}
    assert alerts == set(REPAIRS) | set(EXEC_REPAIRS) | beyond_repair
