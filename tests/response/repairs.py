"""What a person would do about each failure of the gallery, over the wire; none of it is the product's own doing."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.client import REGION, Sandbox
from sandbox.gallery import network as net
from sandbox.gallery.application import PULL_AND_LOG, SSMMESSAGES, create_role
from sandbox.gallery.fetched import SECRETS, push_index
from sandbox.gallery.instances import AGENT, add_instance
from sandbox.gallery.scenario import Scenario
from sandbox.gallery.storage import NFS
from sandbox.gallery.workbench import Workbench

type Definition = dict[str, Any]
type Repair = Callable[[Workbench, Scenario], str | None]
"""Repairs what is broken; returns the ARN of a new task definition where the service has to run one."""

_ADDED = frozenset({
    "taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt", "registeredBy"
})  # fmt: skip
"""What ECS adds to a task definition, and does not take back."""


def listed(scenario: Scenario, name: str) -> list[str]:
    """A list among what the scenario says of its fault; empty where it says nothing of that name."""
    value = scenario.params.get(name) or []
    assert isinstance(value, list)
    return [str(item) for item in value]


def redeploy(account: Sandbox, scenario: Scenario, definition: str | None = None, **changes: Any) -> list[Any]:
    """A new deployment of the service, and what EventBridge would deliver of it."""
    account.take_events()
    account.client("ecs").update_service(
        cluster=scenario.cluster,
        service=scenario.service,
        forceNewDeployment=True,
        **({"taskDefinition": definition} if definition else {}),
        **changes,
    )
    return account.take_events()


def steady_state(scenario: Scenario) -> dict[str, Any]:
    """The event that ECS publishes when the service has reached its desired count, whether or not it has."""
    arn = f"arn:aws:ecs:{REGION}:123456789012"
    return {
        "version": "0",
        "id": "af3c496d-f4a8-65d1-70f4-a69d52e9b584",
        "detail-type": "ECS Service Action",
        "source": "aws.ecs",
        "account": "123456789012",
        "time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "region": REGION,
        "resources": [f"{arn}:service/{scenario.cluster}/{scenario.service}"],
        "detail": {
            "eventType": "INFO",
            "eventName": "SERVICE_STEADY_STATE",
            "clusterArn": f"{arn}:cluster/{scenario.cluster}",
            "createdAt": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        },
    }


def new_revision(bench: Workbench, scenario: Scenario, change: Callable[[Definition], None]) -> str:
    """The service's task definition, changed and registered as its next revision."""
    ecs = bench.client("ecs")
    service = ecs.describe_services(cluster=scenario.cluster, services=[scenario.service])["services"][0]
    found = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    definition = {name: value for name, value in found.items() if name not in _ADDED}
    change(definition)
    return str(ecs.register_task_definition(**definition)["taskDefinition"]["taskDefinitionArn"])


def _network(scenario: Scenario) -> net.Network:
    ids = scenario.resources
    return net.Network(
        vpc=ids["vpc"],
        subnet=ids["subnet"],
        route_table=ids["route_table"],
        task_group=ids["task_group"],
        endpoint_group=ids["endpoint_group"],
        endpoint_subnet=ids["endpoint_subnet"],
    )


def _add_endpoints(bench: Workbench, scenario: Scenario) -> None:
    network = _network(scenario)
    short = [name.rsplit(f".{REGION}.", 1)[-1] for name in scenario.params["services"]]
    net.add_endpoints(bench, network, [name for name in short if name != "s3"])
    if "s3" in short:
        net.add_s3_gateway(bench, network, [network.route_table])


def _put_on_route_table(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ec2").modify_vpc_endpoint(
        VpcEndpointId=scenario.params["vpc_endpoint_id"], AddRouteTableIds=[scenario.params["route_table_id"]]
    )


def _create_log_group(bench: Workbench, scenario: Scenario) -> None:
    bench.client("logs").create_log_group(logGroupName=scenario.params["log_group"])


def _allow(role: str, actions: tuple[str, ...]) -> Repair:
    def repair(bench: Workbench, scenario: Scenario) -> None:
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        bench.client("iam").put_role_policy(
            RoleName=role.format(scenario.service),
            PolicyName="repair",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )

    return repair


def _push_the_tag(bench: Workbench, scenario: Scenario) -> None:
    repository, _, tag = scenario.params["image"].rsplit("/", 1)[-1].partition(":")
    ecr = bench.client("ecr")
    image = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": "1.4.2"}])["images"][0]
    ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=image["imageManifest"])


def _push_and_deploy_again(bench: Workbench, scenario: Scenario) -> str:
    _push_the_tag(bench, scenario)
    return str(bench.client("ecs").list_task_definitions(familyPrefix=scenario.service)["taskDefinitionArns"][-1])


def _push_both_platforms(bench: Workbench, _: Scenario) -> None:
    push_index(bench, "printing/labels", "2.0.0", "arm64", "amd64")


def _restore_secret(bench: Workbench, scenario: Scenario) -> None:
    bench.client("secretsmanager").restore_secret(SecretId=scenario.params["secret"])


def _name_the_new_secret(bench: Workbench, scenario: Scenario) -> str:
    def change(definition: Definition) -> None:
        definition["containerDefinitions"][0]["secrets"][0]["valueFrom"] = scenario.params["closest"]

    return new_revision(bench, scenario, change)


def _give_it_a_value(bench: Workbench, scenario: Scenario) -> None:
    bench.client("secretsmanager").put_secret_value(SecretId=scenario.params["secret"], SecretString="{}")


def _create_parameter(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ssm").put_parameter(Name=scenario.params["parameter"], Value="x", Type="SecureString")


def _upload_file(bench: Workbench, scenario: Scenario) -> None:
    bench.client("s3").put_object(Bucket=scenario.params["bucket"], Key=scenario.params["key"], Body=b"LEVEL=info\n")


def _open_endpoints(bench: Workbench, scenario: Scenario) -> None:
    rule = net.https_from(net.VPC_CIDR)
    bench.client("ec2").authorize_security_group_ingress(
        GroupId=scenario.resources["endpoint_group"], IpPermissions=[rule]
    )


def _let_the_task_out(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ec2").authorize_security_group_egress(
        GroupId=scenario.resources["task_group"], IpPermissions=[net.https_from("0.0.0.0/0")]
    )


def _let_answers_in(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ec2").create_network_acl_entry(
        NetworkAclId=scenario.params["network_acl_id"],
        RuleNumber=110,
        Protocol="6",
        RuleAction="allow",
        Egress=False,
        CidrBlock="0.0.0.0/0",
        PortRange={"From": 1024, "To": 65535},
    )


def _private_dns(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ec2").modify_vpc_endpoint(VpcEndpointId=scenario.params["vpc_endpoint_id"], PrivateDnsEnabled=True)


def _vpc_dns(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ec2").modify_vpc_attribute(VpcId=scenario.resources["vpc"], EnableDnsSupport={"Value": True})


def _resolver_of_the_vpc(bench: Workbench, scenario: Scenario) -> None:
    ec2 = bench.client("ec2")
    wanted = [{"Key": "domain-name-servers", "Values": ["AmazonProvidedDNS"]}]
    options = ec2.create_dhcp_options(DhcpConfigurations=wanted)["DhcpOptions"]["DhcpOptionsId"]
    ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=scenario.resources["vpc"])


def _open_policy(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ec2").modify_vpc_endpoint(VpcEndpointId=scenario.resources["endpoint:s3"], ResetPolicy=True)


def _endpoint_anew(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[scenario.resources["endpoint:ecr.api"]])
    net.add_endpoints(bench, _network(scenario), ["ecr.api"])


def _another_nat_gateway(bench: Workbench, scenario: Scenario) -> None:
    ec2 = bench.client("ec2")
    found = ec2.describe_nat_gateways(Filters=[{"Name": "vpc-id", "Values": [scenario.resources["vpc"]]}])
    public = found["NatGateways"][0]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]["NatGatewayId"]
    ec2.replace_route(
        RouteTableId=scenario.resources["route_table"], DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat
    )


def _public_ip(bench: Workbench, scenario: Scenario) -> None:
    network = _network(scenario)
    bench.client("ecs").update_service(
        cluster=scenario.cluster,
        service=scenario.service,
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": [network.subnet],
                "securityGroups": [network.task_group],
                "assignPublicIp": "ENABLED",
            }
        },
    )


def _environment(changes: Mapping[str, str | None]) -> Repair:
    """A new revision of the application, without what made it fail."""

    def repair(bench: Workbench, scenario: Scenario) -> str:
        def change(definition: Definition) -> None:
            container = definition["containerDefinitions"][0]
            old = {one["name"]: one["value"] for one in container.get("environment", [])}
            new = {name: value for name, value in {**old, **changes}.items() if value is not None}
            container["environment"] = [{"name": name, "value": value} for name, value in new.items()]

        return new_revision(bench, scenario, change)

    return repair


def _let_the_load_balancer_in(bench: Workbench, scenario: Scenario) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "IpRanges": [{"CidrIp": net.VPC_CIDR}]}
    bench.client("ec2").authorize_security_group_ingress(GroupId=scenario.resources["task_group"], IpPermissions=[rule])


def _add_an_instance(bench: Workbench, scenario: Scenario) -> None:
    network = _network(scenario)
    name = f"{scenario.service}-more"
    # The roles and the profile are named after the cluster, which has those of its first instance already.
    elsewhere: Any = _Elsewhere(bench, scenario.cluster, name)
    add_instance(elsewhere, name, network.subnet, [network.task_group])


def _add_an_instance_and_let_go(bench: Workbench, scenario: Scenario) -> None:
    """The old tasks must leave their ports before the new ones start."""
    _add_an_instance(bench, scenario)
    bench.client("ecs").update_service(
        cluster=scenario.cluster,
        service=scenario.service,
        deploymentConfiguration={"minimumHealthyPercent": 0, "maximumPercent": 100},
    )


def _register_the_instance(bench: Workbench, scenario: Scenario) -> None:
    (instance,) = listed(scenario, "instance_ids")
    role = create_role(bench, "suppliers-instance", (*AGENT, *PULL_AND_LOG), trusts="ec2.amazonaws.com")
    iam = bench.client("iam")
    profile = iam.create_instance_profile(InstanceProfileName="suppliers")["InstanceProfile"]["Arn"]
    iam.add_role_to_instance_profile(InstanceProfileName="suppliers", RoleName=role.rsplit("/", 1)[-1])
    bench.client("ec2").associate_iam_instance_profile(InstanceId=instance, IamInstanceProfile={"Arn": profile})
    bench.client("ecs").register_container_instance(
        cluster=scenario.cluster, instanceIdentityDocument=json.dumps({"instanceId": instance})
    )


def _instance_way_out(bench: Workbench, scenario: Scenario) -> None:
    ec2 = bench.client("ec2")
    nat = ec2.describe_nat_gateways(Filters=[{"Name": "vpc-id", "Values": [scenario.resources["vpc"]]}])
    (hosts,) = listed(scenario, "subnet_ids") or [str(scenario.params["subnet_id"])]
    filters = [{"Name": "association.subnet-id", "Values": [hosts]}]
    table = ec2.describe_route_tables(Filters=filters)["RouteTables"][0]["RouteTableId"]
    ec2.create_route(
        RouteTableId=table,
        DestinationCidrBlock="0.0.0.0/0",
        NatGatewayId=nat["NatGateways"][0]["NatGatewayId"],
    )


def _nat_route(bench: Workbench, scenario: Scenario) -> None:
    ec2 = bench.client("ec2")
    nat = ec2.describe_nat_gateways(Filters=[{"Name": "vpc-id", "Values": [scenario.resources["vpc"]]}])
    network = _network(scenario)
    ec2.replace_route(
        RouteTableId=network.route_table,
        DestinationCidrBlock="0.0.0.0/0",
        NatGatewayId=nat["NatGateways"][0]["NatGatewayId"],
    )


def _connect_the_agent(bench: Workbench, scenario: Scenario) -> None:
    ecs = bench.client("ecs")
    (arn,) = ecs.list_container_instances(cluster=scenario.cluster)["containerInstanceArns"]
    ecs.tag_resource(resourceArn=arn, tags=[{"key": "sandbox:agent-connected", "value": "true"}])


def _admit_nfs(bench: Workbench, scenario: Scenario) -> None:
    (group,) = listed(scenario, "security_group_ids")
    rule = {**NFS, "UserIdGroupPairs": [{"GroupId": scenario.resources["task_group"]}]}
    bench.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])


def _mount_target(bench: Workbench, scenario: Scenario) -> None:
    efs = bench.client("efs")
    system = scenario.params["file_system_id"]
    there = efs.describe_mount_targets(FileSystemId=system)["MountTargets"][0]["MountTargetId"]
    groups = efs.describe_mount_target_security_groups(MountTargetId=there)["SecurityGroups"]
    efs.create_mount_target(FileSystemId=system, SubnetId=scenario.resources["endpoint_subnet"], SecurityGroups=groups)


def _access_point(bench: Workbench, scenario: Scenario) -> str:
    point = bench.client("efs").create_access_point(
        FileSystemId=scenario.params["file_system_id"], ClientToken="uploads-again"
    )["AccessPointId"]

    def change(definition: Definition) -> None:
        configuration = definition["volumes"][0]["efsVolumeConfiguration"]
        configuration["authorizationConfig"]["accessPointId"] = point

    return new_revision(bench, scenario, change)


def _enable_exec(bench: Workbench, scenario: Scenario) -> None:
    bench.client("ecs").update_service(
        cluster=scenario.cluster, service=scenario.service, enableExecuteCommand=True, forceNewDeployment=True
    )


def _task_role(bench: Workbench, scenario: Scenario) -> None:
    role = create_role(bench, f"{scenario.service}-task", SSMMESSAGES)
    definition = new_revision(bench, scenario, lambda found: found.update(taskRoleArn=role))
    bench.client("ecs").update_service(
        cluster=scenario.cluster,
        service=scenario.service,
        taskDefinition=definition,
        enableExecuteCommand=True,
    )


def _nothing(*_: object) -> None:
    """The new deployment is the repair."""


class _Elsewhere:
    """A workbench whose instances join another cluster than their name says."""

    def __init__(self, bench: Workbench, cluster: str, name: str) -> None:
        self._bench, self._cluster, self._name = bench, cluster, name
        self.sandbox = bench.sandbox

    def client(self, service: str) -> Any:
        real = self._bench.client(service)
        return _InCluster(real, self._cluster) if service == "ecs" else real


class _InCluster:
    def __init__(self, ecs: Any, cluster: str) -> None:
        self._ecs, self._cluster = ecs, cluster

    def describe_clusters(self, **_: object) -> Any:
        return self._ecs.describe_clusters(clusters=[self._cluster])

    def register_container_instance(self, **given: Any) -> Any:
        return self._ecs.register_container_instance(**{**given, "cluster": self._cluster})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ecs, name)


_ENDS = {"SANDBOX_EXIT_CODE": None}
REPAIRS: Mapping[str, Repair] = {
    "ecr_dkr_endpoint_missing": _add_endpoints,
    "ecr_api_endpoint_missing": _add_endpoints,
    "logs_endpoint_missing": _add_endpoints,
    "secretsmanager_endpoint_missing": _add_endpoints,
    "every_endpoint_missing": _add_endpoints,
    "s3_gateway_not_on_route_table": _put_on_route_table,
    "log_group_missing": _create_log_group,
    "nat_present_log_group_missing": _create_log_group,
    "nat_present_execution_role_cannot_pull": _allow("{}-execution", PULL_AND_LOG),
    "image_tag_missing": _push_the_tag,
    "image_platform_mismatch": _push_both_platforms,
    "secret_scheduled_for_deletion": _restore_secret,
    "secret_created_again": _name_the_new_secret,
    "secret_without_value": _give_it_a_value,
    "secret_key_denied": _allow("{}-execution", ("kms:Decrypt",)),
    "parameter_missing": _create_parameter,
    "parameter_denied": _allow("{}-execution", SECRETS),
    "environment_file_missing": _upload_file,
    "endpoint_security_group_closed": _open_endpoints,
    "task_security_group_closed": _let_the_task_out,
    "network_acl_closed": _let_answers_in,
    "endpoint_private_dns_off": _private_dns,
    "vpc_dns_off": _vpc_dns,
    "custom_dns_resolver": _resolver_of_the_vpc,
    "endpoint_policy_denies": _open_policy,
    "endpoint_pending": _endpoint_anew,
    "blackhole_route": _another_nat_gateway,
    "public_subnet_without_public_ip": _public_ip,
    "managed_instance_network_blocked": _instance_way_out,
    "instance_role_cannot_pull": _allow("{}-instance", (*AGENT, *PULL_AND_LOG)),
    "instance_subnet_isolated": _instance_way_out,
    "insufficient_memory": _add_an_instance,
    "host_port_in_use": _add_an_instance_and_let_go,
    "no_container_instances": _add_an_instance,
    "ecs_agent_disconnected": _connect_the_agent,
    "instance_never_registered": _register_the_instance,
    "efs_security_group_closed": _admit_nfs,
    "efs_no_mount_target_in_zone": _mount_target,
    "efs_access_point_missing": _access_point,
    "app_exited": _environment(_ENDS),
    "app_crashed": _environment(_ENDS),
    "service_container_finished": _environment(_ENDS),
    "entrypoint_not_found": _environment({**_ENDS, "SANDBOX_LOG": None}),
    "exec_format_error": _environment({**_ENDS, "SANDBOX_LOG": None}),
    "out_of_memory": _environment({"SANDBOX_OOM": None}),
    "killed_without_memory_pressure": _environment(_ENDS),
    "container_health_check_failed": _environment({"SANDBOX_UNHEALTHY": None}),
    "elb_cannot_reach_task": _let_the_load_balancer_in,
    "elb_cannot_reach_instance": _let_the_load_balancer_in,
    "elb_wrong_answer": _environment({"SANDBOX_HTTP_STATUS": None}),
    "service_deployment_failed": _add_endpoints,
    "service_deployment_rolled_back": _push_and_deploy_again,
    "service_task_start_impaired": _create_log_group,
    "exec_not_enabled": _enable_exec,
    "exec_agent_stopped": _nothing,
    "exec_agent_pending": _nothing,
    "exec_task_role_lacks_ssmmessages": _allow("{}-task", SSMMESSAGES),
    "exec_task_role_missing": _task_role,
    "exec_caller_denied": _allow("support", ("ecs:ExecuteCommand",)),
    "ssmmessages_endpoint_missing": _add_endpoints,
    "awsvpc_task_cannot_have_public_ip": _nat_route,
}
"""By the name of the scenario."""
