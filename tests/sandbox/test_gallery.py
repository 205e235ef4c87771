"""The gallery: each failure shows as AWS would show it, ends when its one cause is repaired, and is repeatable."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox import gallery
from sandbox.client import Sandbox
from sandbox.gallery import Scenario, Workbench, fetched, refused_calls, running
from sandbox.gallery import network as net
from sandbox.gallery.__main__ import as_text
from sandbox.gallery.application import CLUSTER, PULL_AND_LOG, SSMMESSAGES, TAG
from sandbox.gallery.observe import running_task

EVENTS = Path(__file__).parents[2] / "events"

FAILED = "TaskFailedToStart"
AUTH = (FAILED, "The task cannot pull registry auth from Amazon ECR")
REGISTRY = "There is a connection issue between the task and the registry"
LOGS = (FAILED, "There is a connection issue between the task and Amazon CloudWatch")
NO_GROUP = (FAILED, "The specified log group does not exist.")
UNAVAILABLE = ("InvalidParameterException", "the execute command agent isn’t running")
NOT_CONNECTED = ("TargetNotConnectedException", "internal error. Try again later.")
ON_INSTANCE = (FAILED, "Task failed to start")
NO_PLACE = "SERVICE_TASK_PLACEMENT_FAILURE"
ENDED = ("EssentialContainerExited", "Essential container in task exited")
REFUSED = "AccessDeniedException"
GIVEN_UP = "ServiceSchedulerInitiated"

SHOWN: dict[str, tuple[str, str]] = {
    "exec_not_enabled": UNAVAILABLE,
    "exec_agent_stopped": UNAVAILABLE,
    "exec_agent_pending": UNAVAILABLE,
    "exec_task_role_missing": UNAVAILABLE,
    "exec_task_role_lacks_ssmmessages": NOT_CONNECTED,
    "ssmmessages_endpoint_missing": NOT_CONNECTED,
    "exec_caller_denied": ("AccessDeniedException", "is not authorized to perform: ecs:ExecuteCommand on resource: "),
    "ecr_dkr_endpoint_missing": (FAILED, REGISTRY),
    "s3_gateway_not_on_route_table": (FAILED, REGISTRY),
    "logs_endpoint_missing": LOGS,
    "ecr_api_endpoint_missing": AUTH,
    "secretsmanager_endpoint_missing": (FAILED, "from secrets manager: RequestCanceled"),
    "every_endpoint_missing": AUTH,
    "log_group_missing": NO_GROUP,
    "nat_present_log_group_missing": NO_GROUP,
    "nat_present_execution_role_cannot_pull": (FAILED, "403 Forbidden"),
    "image_tag_missing": (FAILED, "receipts:1.4.3: not found"),
    "image_platform_mismatch": (FAILED, "does not contain descriptor matching platform 'linux/amd64'"),
    "secret_scheduled_for_deletion": (FAILED, "it was marked for deletion"),
    "secret_created_again": (FAILED, "can't find the specified secret."),
    "secret_without_value": (FAILED, "can't find the specified secret value"),
    "secret_key_denied": (FAILED, "not authorized to perform: kms:Decrypt"),
    "parameter_missing": (FAILED, "invalid parameters: /shipping/databse"),
    "parameter_denied": (FAILED, "not authorized to perform: ssm:GetParameters"),
    "environment_file_missing": (FAILED, "StatusCode: 403"),
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
    "managed_instance_network_blocked": ON_INSTANCE,
    "awsvpc_task_cannot_have_public_ip": NOT_CONNECTED,
    "instance_role_cannot_pull": ON_INSTANCE,
    "instance_subnet_isolated": ON_INSTANCE,
    "insufficient_memory": (NO_PLACE, "RESOURCE:MEMORY"),
    "host_port_in_use": (NO_PLACE, "RESOURCE:PORTS"),
    "no_container_instances": (NO_PLACE, "No Container Instances were found in your cluster."),
    "ecs_agent_disconnected": (NO_PLACE, "AGENT"),
    "instance_never_registered": (NO_PLACE, "No Container Instances were found in your cluster."),
    "efs_security_group_closed": (FAILED, "mount.nfs4: Connection timed out"),
    "efs_no_mount_target_in_zone": (FAILED, "ensure that the VPC has an EFS mount target"),
    "efs_access_point_missing": (FAILED, "AccessPointNotFound"),
    "app_exited": ENDED,
    "app_crashed": ENDED,
    "service_container_finished": ENDED,
    "entrypoint_not_found": ENDED,
    "exec_format_error": ENDED,
    "out_of_memory": ENDED,
    "killed_without_memory_pressure": ENDED,
    "container_health_check_failed": (GIVEN_UP, "Task failed container health checks"),
    "elb_cannot_reach_task": (GIVEN_UP, "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing"),
    "elb_cannot_reach_instance": (
        GIVEN_UP,
        "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing",
    ),
    "elb_wrong_answer": (GIVEN_UP, "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing"),
    "service_steady_state": ("SERVICE_STEADY_STATE", ""),
    "service_deployment_completed": ("SERVICE_DEPLOYMENT_COMPLETED", "completed."),
    "service_deployment_failed": ("SERVICE_DEPLOYMENT_FAILED", "circuit breaker"),
    "service_deployment_rolled_back": ("SERVICE_DEPLOYMENT_FAILED", "circuit breaker"),
    "service_task_start_impaired": ("SERVICE_TASK_START_IMPAIRED", ""),
    "scale_in": ("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/"),
    "stopped_by_user": ("UserInitiated", "Replaced by hand"),
    "spot_interruption": ("SpotInterruption", "Your Spot Task was interrupted."),
    "task_retirement": ("TerminationNotice", "performing maintenance on the underlying infrastructure"),
    "push_denied": (REFUSED, "is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:"),
    "push_repository_missing": ("RepositoryNotFoundException", "does not exist in the registry with id"),
    "update_service_denied": (REFUSED, "is not authorized to perform: ecs:UpdateService on resource: arn:aws:ecs:"),
    "pass_role_denied": (REFUSED, "is not authorized to perform: iam:PassRole on resource: arn:aws:iam:"),
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
    running = [s for s in scenarios.values() if s.service]
    assert len({s.service for s in running}) == len(running)
    assert len({s.resources["vpc"] for s in running}) == len(running)
    assert all("vpc" not in s.resources for s in scenarios.values() if not s.service)


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


def nat_for(param: str) -> Repair:
    """A default route through the VPC's NAT gateway for the subnet of that param."""

    def repair(bench: Workbench, scenario: Scenario) -> None:
        ec2 = bench.client("ec2")
        value = scenario.params[param]
        of_subnet = [{"Name": "association.subnet-id", "Values": value if isinstance(value, list) else [value]}]
        of_vpc = [{"Name": "vpc-id", "Values": [scenario.resources["vpc"]]}]
        [table] = ec2.describe_route_tables(Filters=of_subnet)["RouteTables"]
        [nat] = ec2.describe_nat_gateways(Filters=of_vpc)["NatGateways"]
        default = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "0.0.0.0/0"}
        if any(route.get("DestinationCidrBlock") == "0.0.0.0/0" for route in table["Routes"]):
            ec2.delete_route(**default)
        ec2.create_route(**default, NatGatewayId=nat["NatGatewayId"])

    return repair


def connect(bench: Workbench, scenario: Scenario) -> None:
    ecs = bench.client("ecs")
    for arn in ecs.list_container_instances(cluster=scenario.cluster)["containerInstanceArns"]:
        ecs.tag_resource(resourceArn=arn, tags=[{"key": "sandbox:agent-connected", "value": "true"}])


def join(bench: Workbench, scenario: Scenario) -> None:
    """The agents of the group's instances register them."""
    for instance in scenario.params["instance_ids"]:
        document = json.dumps({"instanceId": instance})
        bench.client("ecs").register_container_instance(cluster=scenario.cluster, instanceIdentityDocument=document)


def image_index(bench: Workbench, scenario: Scenario) -> None:
    """The tag again, built for both architectures."""
    ecr = bench.client("ecr")
    ecr.batch_delete_image(repositoryName="printing/labels", imageIds=[{"imageTag": "2.0.0"}])
    fetched.push_index(bench, "printing/labels", "2.0.0", "arm64", "amd64")


def mount_target(bench: Workbench, scenario: Scenario) -> None:
    """In the task's own zone, with a security group that admits NFS."""
    efs, ec2 = bench.client("efs"), bench.client("ec2")
    system = scenario.params["file_system_id"]
    target = efs.describe_mount_targets(FileSystemId=system)["MountTargets"][0]["MountTargetId"]
    groups = efs.describe_mount_target_security_groups(MountTargetId=target)["SecurityGroups"]
    efs.create_mount_target(FileSystemId=system, SubnetId=scenario.resources["endpoint_subnet"], SecurityGroups=groups)
    assert ec2.describe_security_groups(GroupIds=groups)["SecurityGroups"][0]["IpPermissions"]


def one_group(scenario: Scenario) -> str:
    groups = scenario.params["security_group_ids"]
    assert isinstance(groups, list)
    (group,) = groups
    return str(group)


def nfs(bench: Workbench, scenario: Scenario) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "IpRanges": [{"CidrIp": "10.0.1.0/24"}]}
    group = one_group(scenario)
    bench.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])


def admit_load_balancer(bench: Workbench, scenario: Scenario, first: int = 8080, last: int = 8080) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": first, "ToPort": last, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
    group = one_group(scenario)
    bench.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])


REPAIRS: dict[str, Repair] = {
    "efs_security_group_closed": nfs,
    "efs_no_mount_target_in_zone": mount_target,
    "elb_cannot_reach_task": admit_load_balancer,
    "elb_cannot_reach_instance": lambda b, s: admit_load_balancer(b, s, 32768, 65535),
    "image_tag_missing": lambda b, s: b.client("ecr").put_image(
        repositoryName="receipts",
        imageTag="1.4.3",
        imageManifest=b.client("ecr").batch_get_image(repositoryName="receipts", imageIds=[{"imageTag": TAG}])[
            "images"
        ][0]["imageManifest"],
    ),
    "image_platform_mismatch": image_index,
    "secret_scheduled_for_deletion": lambda b, s: b.client("secretsmanager").restore_secret(
        SecretId=s.params["secret"]
    ),
    "secret_without_value": lambda b, s: b.client("secretsmanager").put_secret_value(
        SecretId=s.params["secret"], SecretString="{}"
    ),
    "secret_key_denied": allow("execution", "kms:Decrypt"),
    "parameter_missing": lambda b, s: b.client("ssm").put_parameter(
        Name=s.params["parameter"], Value="x", Type="String"
    ),
    "parameter_denied": allow("execution", "ssm:GetParameters"),
    "environment_file_missing": lambda b, s: b.client("s3").put_object(
        Bucket=s.params["bucket"], Key=s.params["key"], Body=b"LEVEL=info\n"
    ),
    "managed_instance_network_blocked": nat_for("subnet_id"),
    "instance_role_cannot_pull": allow("instance", *PULL_AND_LOG),
    "instance_subnet_isolated": nat_for("subnet_ids"),
    "ecs_agent_disconnected": connect,
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
    "instance_never_registered": join,
    "service_deployment_failed": endpoints("logs"),
    "service_task_start_impaired": log_group,
}


@pytest.mark.parametrize("name", REPAIRS)
def test_the_one_repair_lets_the_service_start(bench, scenarios, name):
    scenario, ecs = scenarios[name], bench.client("ecs")
    ecs.update_service(cluster=scenario.cluster, service=scenario.service, forceNewDeployment=True)
    described = ecs.describe_services(cluster=scenario.cluster, services=[scenario.service])["services"][0]
    assert described["runningCount"] == 0
    REPAIRS[name](bench, scenario)
    service = ecs.update_service(cluster=scenario.cluster, service=scenario.service, forceNewDeployment=True)["service"]
    assert service["runningCount"] == service["desiredCount"] == 1
    assert [d["rolloutState"] for d in service["deployments"]] == ["COMPLETED"]


def enable(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ecs").update_service(
        cluster=CLUSTER, service=scenario.service, enableExecuteCommand=True, forceNewDeployment=True
    )


def replace_task(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ecs").stop_task(cluster=CLUSTER, task=running_task(bench, str(scenario.service)))


EXEC_REPAIRS: dict[str, Repair] = {
    "awsvpc_task_cannot_have_public_ip": nat_for("subnet_id"),
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
    task = running_task(bench, str(scenario.service), cluster=scenario.cluster)
    session = ecs.execute_command(
        cluster=scenario.cluster, task=task, container="app", command="/bin/sh", interactive=True
    )
    assert session["session"]["sessionId"]


def test_every_failure_that_a_change_can_repair_is_repaired_here(scenarios):
    beyond_repair = {
        "secret_created_again",
        "exec_task_role_missing",
        "exec_caller_denied",
        *(builder.__name__ for builder in running.BUILDERS),
        "container_health_check_failed",
        "elb_wrong_answer",
        "efs_access_point_missing",
        "insufficient_memory",
        "host_port_in_use",
        "no_container_instances",
        *(builder.__name__ for builder in refused_calls.BUILDERS),
        # It runs again: the deployment before is back.
        "service_deployment_rolled_back",
    }
    alerts = {name for name, scenario in scenarios.items() if scenario.action == "alert"}
    assert alerts == set(REPAIRS) | set(EXEC_REPAIRS) | beyond_repair
