"""What AWS answers, as facts."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.collect import ecs, iam, logs, network
from ecs_medic.facts.fact import Absent, Known, Unknown
from tests.builders import ACCOUNT, CLUSTER_ARN, DEFINITION_ARN, REGION, SERVICE_ARN, TASK_ARN, document, known

REFUSED = Unknown("x:Y", "denied", "x:Y")


def test_a_task_is_absent_only_where_ecs_says_missing():
    missing = known({"tasks": [], "failures": [{"arn": TASK_ARN, "reason": "MISSING"}]})
    assert isinstance(ecs.task_from_answer(missing, TASK_ARN), Absent)
    unclear: tuple[dict[str, object], ...] = (
        {"tasks": []},
        {"failures": [{"reason": "AGENT"}]},
        {"tasks": [{"taskArn": f"{TASK_ARN}0"}]},
    )
    for answer in unclear:
        assert isinstance(ecs.task_from_answer(known(answer), TASK_ARN), Unknown)
    assert ecs.task_from_answer(REFUSED, TASK_ARN) is REFUSED


@pytest.mark.parametrize("name", [TASK_ARN, TASK_ARN.rsplit("/", 1)[-1], TASK_ARN.replace("task/shop/", "task/")])
def test_a_task_is_found_by_arn_and_by_id_in_the_old_form_and_the_new(name):
    found = ecs.task_from_answer(known({"tasks": [{"taskArn": TASK_ARN}]}), name)
    assert isinstance(found, Known)
    assert found.value.arn == TASK_ARN


def test_a_task_definition():
    answer = {
        "taskDefinition": {
            "taskDefinitionArn": DEFINITION_ARN,
            "networkMode": "awsvpc",
            "pidMode": "task",
            "runtimePlatform": {"cpuArchitecture": "ARM64"},
            "ephemeralStorage": {"sizeInGiB": 30},
            "volumes": [
                {"name": "scratch", "host": {}},
                {
                    "name": "shared",
                    "efsVolumeConfiguration": {
                        "fileSystemId": "fs-1",
                        "authorizationConfig": {"accessPointId": "fsap-1", "iam": "ENABLED"},
                    },
                },
            ],
            "containerDefinitions": [
                {
                    "name": "app",
                    "image": "nginx",
                    "environment": [{"name": "A", "value": "1"}],
                    "environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::config/app.env"}],
                    "secrets": [{"name": "DB", "valueFrom": "db"}],
                    "logConfiguration": {
                        "logDriver": "awslogs",
                        "options": {"awslogs-group": "/shop"},
                        "secretOptions": [{"name": "token", "valueFrom": "token"}],
                    },
                    "linuxParameters": {"initProcessEnabled": True},
                    "restartPolicy": {"enabled": True},
                    "readonlyRootFilesystem": True,
                    "dependsOn": [{"containerName": "proxy", "condition": "HEALTHY"}],
                },
                {"name": "proxy", "essential": False, "image": "envoy", "firelensConfiguration": {"type": "fluentbit"}},
            ],
        }
    }
    found = ecs.task_definition_from_answer(known(answer))
    assert isinstance(found, Known)
    definition = found.value
    assert definition.name == "orders:7"
    assert definition.cpu_architecture == "ARM64"
    assert definition.ephemeral_storage_gib == 30
    assert [(volume.file_system_id, volume.access_point_id, volume.iam) for volume in definition.efs_volumes] == [
        ("fs-1", "fsap-1", True)
    ]
    app, proxy = definition.containers
    assert app.essential
    assert not proxy.essential
    assert proxy.firelens
    assert app.environment == {"A": "1"}
    assert app.environment_files == ("arn:aws:s3:::config/app.env",)
    assert app.log_configuration is not None
    assert [secret.value_from for secret in (*app.secrets, *app.log_configuration.secret_options)] == ["db", "token"]
    assert app.readonly_root_filesystem
    assert app.restart_policy_enabled
    assert app.init_process_enabled
    assert app.depends_on == (("proxy", "HEALTHY"),)
    assert isinstance(ecs.task_definition_from_answer(known({"tags": []})), Unknown)


def test_a_service_with_the_network_of_each_deployment():
    def with_subnet(subnet: str) -> dict[str, object]:
        return {"networkConfiguration": {"awsvpcConfiguration": {"subnets": [subnet], "assignPublicIp": "ENABLED"}}}

    answer = {
        "services": [
            {
                "serviceArn": SERVICE_ARN,
                "serviceName": "orders",
                "desiredCount": 2,
                "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", **with_subnet("subnet-2")}],
                **with_subnet("subnet-1"),
            }
        ]
    }
    found = ecs.service_from_answer(known(answer), "orders")
    assert isinstance(found, Known)
    assert found.value.awsvpc is not None
    assert found.value.awsvpc.subnet_ids == ("subnet-1",)
    assert found.value.awsvpc.assign_public_ip
    assert found.value.deployments[0].awsvpc is not None
    assert found.value.deployments[0].awsvpc.subnet_ids == ("subnet-2",)
    assert isinstance(ecs.service_from_answer(known(answer), "payments"), Unknown)


def test_a_cluster_with_its_exec_configuration():
    execution = {"kmsKeyId": "key", "logging": "OVERRIDE", "logConfiguration": {"s3BucketName": "audit"}}
    answer = {
        "clusters": [{"clusterArn": CLUSTER_ARN, "configuration": {"executeCommandConfiguration": execution}}],
    }
    found = ecs.cluster_from_answer(known(answer), "shop")
    assert isinstance(found, Known)
    assert found.value.exec_configuration.kms_key_id == "key"
    assert found.value.exec_configuration.s3_bucket == "audit"


def test_a_log_group_is_the_one_of_exactly_that_name():
    answer = known({"logGroups": [{"logGroupName": "/shop/orders-old"}, {"logGroupName": "/shop/orders"}]})
    assert isinstance(logs.log_group_from_answer(answer, "/shop/orders", REGION), Known)
    assert isinstance(logs.log_group_from_answer(answer, "/shop/order", REGION), Absent)
    assert isinstance(logs.log_group_from_answer(known({"nextToken": "x"}), "/shop/orders", REGION), Unknown)
    assert logs.log_group_from_answer(REFUSED, "/shop/orders", REGION) is REFUSED


@pytest.mark.parametrize("wrap", [lambda d: d, json.dumps, lambda d: quote(json.dumps(d))])
def test_policy_documents_in_every_wrapping(wrap):
    policy = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    assert iam.document_from(wrap(policy)) == policy


@pytest.mark.parametrize("broken", ["{", "[]", "", None, 7])
def test_unreadable_policy_documents(broken):
    assert iam.document_from(broken) is None


def evaluated(action: str, decision: str, resource: str = "*", **more: object) -> dict[str, object]:
    return {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": decision, **more}


def test_a_simulation_comes_together_by_action_with_the_worst_in_front():
    answer = {
        "EvaluationResults": [
            evaluated("s3:GetObject", "allowed", "arn:aws:s3:::a/x"),
            evaluated("s3:GetObject", "implicitDeny", "arn:aws:s3:::b/x", MissingContextValues=["aws:SourceVpc"]),
            evaluated(
                "ssm:GetParameters",
                "explicitDeny",
                OrganizationsDecisionDetail={"AllowedByOrganizations": False},
                PermissionsBoundaryDecisionDetail={"AllowedByPermissionsBoundary": True},
            ),
        ]
    }
    found = iam.simulation_from_answer(known(answer))
    assert isinstance(found, Known)
    objects = found.value["s3:getobject"]
    assert not objects.allowed
    assert objects.allows("arn:aws:s3:::a/x")
    assert not objects.allows("arn:aws:s3:::b/x")
    assert objects.missing_context == ("aws:SourceVpc",)
    parameters = found.value["ssm:getparameters"]
    assert parameters.allowed_by_organizations is False
    assert parameters.allowed_by_boundary is True
    assert objects.allowed_by_organizations is None


def test_results_inside_a_result_count_too():
    specific = [
        {"EvalResourceName": "a", "EvalResourceDecision": "allowed"},
        {
            "EvalResourceName": "b",
            "EvalResourceDecision": "implicitDeny",
            "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False},
        },
    ]
    answer = {"EvaluationResults": [evaluated("x:Y", "implicitDeny", ResourceSpecificResults=specific)]}
    found = iam.simulation_from_answer(known(answer))
    assert isinstance(found, Known)
    assert found.value["x:y"].allows("a")
    assert not found.value["x:y"].allows("b")
    assert found.value["x:y"].allowed_by_boundary is False


def test_routes_of_every_kind():
    table = network.route_table_from(
        {
            "RouteTableId": "rtb-1",
            "Associations": [
                {"Main": True},
                {"SubnetId": "subnet-1", "AssociationState": {"State": "associated"}},
                {"SubnetId": "subnet-2", "AssociationState": {"State": "disassociated"}},
            ],
            "Routes": [
                {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"},
                {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "blackhole"},
                {"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1"},
                {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1"},
                {"State": "active"},
            ],
        }
    )
    assert table.main
    assert table.subnet_ids == ("subnet-1",)
    assert [(route.destination, route.target) for route in table.routes] == [
        ("10.0.0.0/16", "local"),
        ("0.0.0.0/0", "nat-1"),
        ("pl-1", "vpce-1"),
        ("::/0", "eigw-1"),
    ]
    assert table.routes[1].is_blackhole


@pytest.mark.parametrize(
    ("permission", "ports"),
    [
        ({"IpProtocol": "-1"}, None),
        ({"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535}, None),
        ({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}, (443, 443)),
        ({"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1}, None),
    ],
)
def test_ports_of_security_groups(permission, ports):
    assert network.security_group_from({"IpPermissions": [permission]}).ingress[0].ports == ports


def test_acl_entries():
    entries = network.network_acl_from(
        {
            "Entries": [
                {
                    "RuleNumber": 100,
                    "Egress": True,
                    "RuleAction": "allow",
                    "Protocol": "6",
                    "CidrBlock": "0.0.0.0/0",
                    "PortRange": {"From": 443, "To": 443},
                },
                {"RuleNumber": 32767, "RuleAction": "deny", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"},
                {"RuleNumber": 90, "Protocol": "1", "PortRange": {"From": 8, "To": 0}, "Ipv6CidrBlock": "::/0"},
            ]
        }
    ).entries
    assert [(one.number, one.egress, one.allow, one.ports) for one in entries] == [
        (100, True, True, (443, 443)),
        (32767, False, False, None),
        (90, False, False, None),
    ]


def test_an_unreadable_endpoint_policy_does_not_pass_for_none():
    assert network.endpoint_from({}).policy is None
    assert network.endpoint_from({"PolicyDocument": "{"}).policy == {}
    assert network.endpoint_from({"PolicyDocument": '{"Statement": []}'}).policy == {"Statement": []}


def test_vpc_blocks_that_are_on_their_way_out_do_not_count():
    vpc = network.vpc_from(
        {
            "VpcId": "vpc-1",
            "CidrBlock": "10.0.0.0/16",
            "CidrBlockAssociationSet": [
                {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}},
                {"CidrBlock": "10.1.0.0/16", "CidrBlockState": {"State": "associated"}},
                {"CidrBlock": "10.2.0.0/16", "CidrBlockState": {"State": "disassociated"}},
            ],
        }
    )
    assert vpc.cidrs == ("10.0.0.0/16", "10.1.0.0/16")


def test_an_answer_without_its_list_is_unknown():
    assert isinstance(network.items_of(known({}), "Vpcs", network.vpc_from), Unknown)
    assert isinstance(network.only_item(known({"Vpcs": []}), "Vpcs", "VPC", network.vpc_from), Absent)
    assert isinstance(network.attribute_from_answer(known({"VpcId": "x"}), "EnableDnsSupport"), Unknown)


CONVERTERS = [
    lambda answer: ecs.task_from_answer(known(answer), TASK_ARN),
    lambda answer: ecs.task_definition_from_answer(known(answer)),
    lambda answer: ecs.service_from_answer(known(answer), "orders"),
    lambda answer: ecs.cluster_from_answer(known(answer), "shop"),
    lambda answer: ecs.container_instance_from_answer(known(answer)),
    lambda answer: logs.log_group_from_answer(known(answer), "x", REGION),
    lambda answer: iam.simulation_from_answer(known(answer)),
    lambda answer: iam.trust_from_answer(known(answer)),
    network.vpc_from,
    network.subnet_from,
    network.route_table_from,
    network.network_acl_from,
    network.security_group_from,
    network.endpoint_from,
    network.endpoint_interface_from,
    network.nat_gateway_from,
    network.dns_servers_from,
    network.prefix_list_from,
    network.interface_from,
]
NAMES = st.sampled_from(
    [
        "tasks", "taskArn", "containers", "taskDefinition", "taskDefinitionArn", "containerDefinitions", "name",
        "services",
        "serviceName", "deployments", "networkConfiguration", "clusters", "clusterArn", "configuration", "failures",
        "reason", "logGroups", "logGroupName", "EvaluationResults", "EvalActionName", "EvalDecision", "Role",
        "AssumeRolePolicyDocument", "Routes", "Associations", "Entries", "PortRange", "IpPermissions", "FromPort",
        "ToPort",
        "Groups", "PolicyDocument", "NatGatewayAddresses", "DhcpConfigurations", "Values", "Key", "Value", "Tags",
        "Association", "environment", "options", "logConfiguration", "volumes", "efsVolumeConfiguration", "Cidrs",
    ]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from([TASK_ARN, "orders", ACCOUNT]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


@given(st.dictionaries(NAMES, JSON, max_size=6))
def test_no_answer_raises(answer):
    for convert in CONVERTERS:
        convert(answer)
