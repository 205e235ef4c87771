"""The tiny service that cannot start: a subnet without any way out, and not one endpoint.

It is made call by call and not as a CloudFormation stack, whose resources the product leaves alone: they are code's.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from verify.names import BROKEN, EXECUTION_ROLE, LOG_GROUP, NAME, PROBE, REGION_TAG, STRANGER_ROLE, TAG, TASK_ROLE
from verify.place import Place

VPC_CIDR = "10.99.0.0/24"
SUBNET_CIDR = "10.99.0.0/26"
SSMMESSAGES = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
PULL = ("GetAuthorizationToken", "BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "BatchGetImage")
LISTING = "ls -d /managed-agents/execute-command /ecs-execute-command-* 2>&1; echo listed; exec sleep 86400"
"""What the probe does: says where the agent of ECS Exec is, and stays."""


def make_roles(place: Place) -> None:
    """The two roles of the tasks, and a stranger's: it may be assumed by this account, and may do nothing."""
    tasks = {"Service": "ecs-tasks.amazonaws.com"}
    pull = [f"ecr:{action}" for action in PULL] + ["logs:CreateLogStream", "logs:PutLogEvents"]
    _role(place, EXECUTION_ROLE, tasks, pull)
    _role(place, TASK_ROLE, tasks, [f"ssmmessages:{action}" for action in SSMMESSAGES])
    partition = place.client("sts").get_caller_identity()["Arn"].split(":")[1]
    _role(place, STRANGER_ROLE, {"AWS": f"arn:{partition}:iam::{place.account}:root"}, [])


def make_network(place: Place) -> tuple[str, str]:
    """The VPC with its one subnet, and the tasks' security group: (subnet, group)."""
    ec2 = place.client("ec2")
    vpc = ec2.create_vpc(CidrBlock=VPC_CIDR, TagSpecifications=_tags("vpc"))["Vpc"]["VpcId"]
    place.until("the VPC", lambda: _there(ec2, vpc), minutes=2, pause=2)
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": True}})
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=SUBNET_CIDR, TagSpecifications=_tags("subnet"))["Subnet"]
    table = ec2.create_route_table(VpcId=vpc, TagSpecifications=_tags("route-table"))["RouteTable"]
    ec2.associate_route_table(RouteTableId=table["RouteTableId"], SubnetId=subnet["SubnetId"])
    group = ec2.create_security_group(
        VpcId=vpc, GroupName=f"{NAME}-tasks", Description="tasks", TagSpecifications=_tags("security-group")
    )
    return subnet["SubnetId"], group["GroupId"]


def make_repository(place: Place) -> str:
    """The repository; its address."""
    made = place.client("ecr").create_repository(repositoryName=NAME, tags=[{"Key": TAG, "Value": "1"}])
    return str(made["repository"]["repositoryUri"])


def make_services(place: Place, image: str, subnet: str, group: str) -> None:
    """Cluster, log group, task definitions and both services; the broken one wants a task at once, none the other."""
    ecs = place.client("ecs")
    place.client("logs").create_log_group(logGroupName=LOG_GROUP, tags={TAG: "1"})
    ecs.create_cluster(clusterName=NAME, tags=[{"key": TAG, "value": "1"}])
    for name, command, exec_on, count in (
        (BROKEN, ["sleep", "86400"], False, 1),
        (PROBE, ["sh", "-c", LISTING], True, 0),
    ):
        ecs.register_task_definition(**_definition(place, name, image, command))
        place.until(
            f"the roles, known to ECS for {name}",
            lambda name=name, exec_on=exec_on, count=count: _service(  # type: ignore[misc]
                ecs, name, subnet, group, exec_on=exec_on, count=count
            ),
            minutes=3,
        )


def start_probe(place: Place) -> None:
    """Lets the second service have its task."""
    place.client("ecs").update_service(cluster=NAME, service=PROBE, desiredCount=1)


def _service(ecs: Any, name: str, subnet: str, group: str, *, exec_on: bool, count: int) -> bool:
    """Creates it. False while a role that was just made is not known yet."""
    try:
        ecs.create_service(
            cluster=NAME,
            serviceName=name,
            taskDefinition=f"{NAME}-{name}",
            desiredCount=count,
            launchType="FARGATE",
            enableExecuteCommand=exec_on,
            networkConfiguration={
                "awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group], "assignPublicIp": "DISABLED"}
            },
            tags=[{"key": TAG, "value": "1"}],
        )
    except ecs.exceptions.InvalidParameterException as error:
        # "Unable to assume the service linked role" and the like, in an account that has never used ECS.
        if "role" not in str(error):
            raise
        return False
    return True


def _definition(place: Place, name: str, image: str, command: Sequence[str]) -> Mapping[str, Any]:
    partition = place.client("sts").get_caller_identity()["Arn"].split(":")[1]
    role = f"arn:{partition}:iam::{place.account}:role/"
    return {
        "family": f"{NAME}-{name}",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": f"{role}{EXECUTION_ROLE}",
        "taskRoleArn": f"{role}{TASK_ROLE}",
        "containerDefinitions": [
            {
                "name": "app",
                "image": image,
                "essential": True,
                "command": [*command],
                "linuxParameters": {"initProcessEnabled": True},
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": LOG_GROUP,
                        "awslogs-region": place.region,
                        "awslogs-stream-prefix": name,
                    },
                },
            }
        ],
        "tags": [{"key": TAG, "value": "1"}],
    }


def _role(place: Place, name: str, trusts: Mapping[str, str], actions: Sequence[str]) -> None:
    iam = place.client("iam")
    trust = {"Effect": "Allow", "Principal": trusts, "Action": "sts:AssumeRole"}
    tags = [{"Key": TAG, "Value": "1"}, {"Key": REGION_TAG, "Value": place.region}]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust), Tags=tags)
    if actions:
        allowed = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
        iam.put_role_policy(RoleName=name, PolicyName="permissions", PolicyDocument=_document(allowed))


def _document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _tags(kind: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [{"Key": TAG, "Value": "1"}, {"Key": "Name", "Value": NAME}]}]


def _there(ec2: Any, vpc: str) -> bool:
    return bool(ec2.describe_vpcs(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Vpcs"])
