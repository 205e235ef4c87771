"""What a task needs is derived from its own task definition, and carried as its launch type carries it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import (
    Cluster,
    ContainerDefinition,
    ExecConfiguration,
    LogConfiguration,
    Secret,
    Service,
    Task,
    TaskDefinition,
)
from ecs_medic.facts.fact import NOT_READ, Known
from ecs_medic.facts.network import Interface
from ecs_medic.finding import Phase
from ecs_medic.incident import Incident, Kind, Message, SymptomConfidence
from ecs_medic.needs.derive import blocking_needs, needs_of
from ecs_medic.needs.need import Carrier, Need, Purpose
from ecs_medic.vocabulary import Id

HOME, ACCOUNT = "eu-west-1", "123456789012"
EXECUTION, TASK_ROLE = f"arn:aws:iam::{ACCOUNT}:role/execution", f"arn:aws:iam::{ACCOUNT}:role/app"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
CLUSTER = f"arn:aws:ecs:{HOME}:{ACCOUNT}:cluster/shop"
LOGS = LogConfiguration("awslogs", {"awslogs-group": "/shop", "awslogs-region": HOME, "awslogs-stream-prefix": "ecs"})


def ecr(region: str = HOME, account: str = ACCOUNT, suffix: str = "amazonaws.com") -> str:
    return f"{account}.dkr.ecr.{region}.{suffix}/team/orders:1"


def facts_of(
    *containers: ContainerDefinition,
    launch_type: str | None = "FARGATE",
    network_mode: str = "awsvpc",
    exec_enabled: bool | None = None,
    kms_key: str | None = None,
    region: str = HOME,
    partition: str = "aws",
) -> Facts:
    definition = TaskDefinition(
        "arn",
        "orders",
        3,
        network_mode=network_mode,
        execution_role_arn=EXECUTION,
        task_role_arn=TASK_ROLE,
        containers=containers,
    )
    task = Task(f"{CLUSTER}/t", CLUSTER, launch_type=launch_type, enable_execute_command=exec_enabled)
    cluster = Cluster(CLUSTER, "shop", "ACTIVE", ExecConfiguration(kms_key_id=kms_key))
    return Facts(
        NOW,
        ACCOUNT,
        region,
        partition,
        task=Known(task, "event"),
        task_definition=Known(definition, "ecs:DescribeTaskDefinition"),
        cluster=Known(cluster, "ecs:DescribeClusters"),
    )


def services(needs: tuple[Need, ...]) -> list[str | None]:
    return [need.destination.service for need in needs]


def by_purpose(needs: tuple[Need, ...], purpose: Purpose) -> list[Need]:
    return [need for need in needs if need.purpose is purpose]


def test_an_image_of_ecr_needs_its_api_its_registry_and_s3_in_start_order():
    needs = needs_of(facts_of(ContainerDefinition("app", ecr(), log_configuration=LOGS)))
    assert services(needs) == [f"com.amazonaws.{HOME}.{one}" for one in ("ecr.api", "ecr.dkr", "s3", "logs")]
    assert [need.destination.host for need in needs] == [
        "api.ecr.eu-west-1.amazonaws.com",
        f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com",
        "prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com",
        "logs.eu-west-1.amazonaws.com",
    ]
    assert [need.phase for need in needs] == [Phase.REGISTRY_AUTH, Phase.IMAGE, Phase.IMAGE, Phase.LOGS]
    assert needs[0].calls == (("ecr:GetAuthorizationToken", "*"),)
    assert needs[1].calls[-1] == ("ecr:BatchGetImage", f"arn:aws:ecr:{HOME}:{ACCOUNT}:repository/team/orders")
    assert needs[2].calls == (("s3:GetObject", "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"),)
    assert needs[2].role_arn is None, "the layers' addresses are signed by ECR"
    assert needs[3].calls[0] == (
        "logs:CreateLogStream",
        f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:/shop:log-stream:ecs/app/*",
    )


def test_another_account_is_served_by_this_vpcs_endpoints_another_region_is_not():
    other_account = needs_of(facts_of(ContainerDefinition("app", ecr(account="111122223333"))))
    assert None not in services(other_account)
    other_region = needs_of(facts_of(ContainerDefinition("app", ecr("us-east-1"))))
    assert services(other_region) == [None, None, None]
    assert other_region[0].destination.host == "api.ecr.us-east-1.amazonaws.com"


def test_china_has_host_names_and_service_names_of_its_own():
    image = ecr("cn-north-1", suffix="amazonaws.com.cn")
    needs = needs_of(facts_of(ContainerDefinition("app", image), region="cn-north-1", partition="aws-cn"))
    assert services(needs) == [
        "cn.com.amazonaws.cn-north-1.ecr.api",
        "cn.com.amazonaws.cn-north-1.ecr.dkr",
        "com.amazonaws.cn-north-1.s3",
    ]
    assert needs[0].destination.host == "api.ecr.cn-north-1.amazonaws.com.cn"
    assert needs[1].resources[0].startswith("arn:aws-cn:ecr:cn-north-1:")


@pytest.mark.parametrize(
    ("image", "hosts", "private"),
    [
        ("nginx", ["registry-1.docker.io", "auth.docker.io", "production.cloudflare.docker.com"], False),
        ("public.ecr.aws/nginx/nginx", ["public.ecr.aws"], False),
        ("europe-docker.pkg.dev/shop/web", ["europe-docker.pkg.dev"], False),
        ("registry.shop.example:5000/web", ["registry.shop.example"], True),
        (f"{ACCOUNT}.dkr-ecr.{HOME}.on.aws/web", None, False),
    ],
)
def test_registries_that_no_endpoint_serves(image, hosts, private):
    needs = by_purpose(needs_of(facts_of(ContainerDefinition("app", image))), Purpose.IMAGE_MANIFEST)
    assert {need.destination.service for need in needs} == {None}
    assert {need.destination.may_be_private for need in needs} == {private}
    assert hosts is None or [need.destination.host for need in needs] == hosts


def test_a_registry_keeps_its_port():
    (need,) = needs_of(facts_of(ContainerDefinition("app", "registry.shop.example:5000/web")))
    assert need.destination.port == 5000


def test_secrets_parameters_and_files_one_need_each():
    secret = f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:shop/db-AbCdEf"
    far = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/shop/key"
    container = ContainerDefinition(
        "app",
        "nginx",
        secrets=(
            Secret("PASSWORD", f"{secret}:password::"),
            Secret("ALL", secret),
            Secret("KEY", "/shop/key"),
            Secret("FAR", far),
        ),
        environment_files=("arn:aws:s3:::shop-config/orders/app.env",),
        repository_credentials=f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:hub-XyZxYz",
        log_configuration=replace(LOGS, secret_options=(Secret("TOKEN", "token"),)),
    )
    needs = needs_of(facts_of(container))
    asked = by_purpose(needs, Purpose.SECRET)
    assert [need.subject for need in asked] == [f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:hub-XyZxYz", secret]
    assert [need.phase for need in asked] == [Phase.REGISTRY_AUTH, Phase.SECRETS]
    parameters = by_purpose(needs, Purpose.PARAMETER)
    assert [need.subject for need in parameters] == ["/shop/key", "/shop/key", "token"]
    assert [need.destination.service for need in parameters] == [
        f"com.amazonaws.{HOME}.ssm",
        None,
        f"com.amazonaws.{HOME}.ssm",
    ]
    assert parameters[0].resources == (f"arn:aws:ssm:{HOME}:{ACCOUNT}:parameter/shop/key",)
    (file,) = by_purpose(needs, Purpose.ENVIRONMENT_FILE)
    assert file.destination.is_s3
    assert file.calls == (
        ("s3:GetObject", "arn:aws:s3:::shop-config/orders/app.env"),
        ("s3:GetBucketLocation", "arn:aws:s3:::shop-config"),
    )
    assert not [need for need in needs if "kms" in (need.destination.service or "")]


def test_logs_go_where_the_option_says():
    container = ContainerDefinition(
        "app", "nginx", log_configuration=LogConfiguration("awslogs", {"awslogs-region": "us-east-1"})
    )
    (need,) = by_purpose(needs_of(facts_of(container)), Purpose.LOGS)
    assert (need.destination.host, need.destination.service) == ("logs.us-east-1.amazonaws.com", None)
    created = replace(LOGS, options={**LOGS.options, "awslogs-create-group": "true"})
    (need,) = by_purpose(
        needs_of(facts_of(ContainerDefinition("app", "nginx", log_configuration=created))), Purpose.LOGS
    )
    assert "logs:CreateLogGroup" in need.actions


def test_a_log_router_writes_with_the_task_role_and_holds_up_no_start():
    options = {"Name": "cloudwatch_logs", "region": HOME, "log_group_name": "/shop"}
    container = ContainerDefinition("app", "nginx", log_configuration=LogConfiguration("awsfirelens", options))
    needs = needs_of(facts_of(container))
    (need,) = by_purpose(needs, Purpose.LOGS)
    assert (need.role_arn, need.phase, need.subject) == (TASK_ROLE, Phase.RUN, "/shop")
    assert need not in blocking_needs(incident(Id.LOGS_UNREACHABLE), needs)


@pytest.mark.parametrize(
    ("launch_type", "mode", "carriers", "roles"),
    [
        ("FARGATE", "awsvpc", (Carrier.TASK, Carrier.TASK), (EXECUTION, EXECUTION)),
        ("MANAGED_INSTANCES", "awsvpc", (Carrier.HOST, Carrier.TASK), (EXECUTION, EXECUTION)),
        ("MANAGED_INSTANCES", "host", (Carrier.HOST, Carrier.HOST), (EXECUTION, EXECUTION)),
        ("EC2", "awsvpc", (Carrier.HOST, Carrier.TASK), (None, EXECUTION)),
        ("EC2", "bridge", (Carrier.HOST, Carrier.HOST), (None, EXECUTION)),
        ("EC2", "host", (Carrier.HOST, Carrier.HOST), (None, EXECUTION)),
    ],
)
def test_interface_and_role_by_launch_type(launch_type, mode, carriers, roles):
    (start, app), (pull_role, secret_role) = carriers, roles
    secret = Secret("S", f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:db-AbCdEf")
    container = ContainerDefinition("app", ecr(), secrets=(secret,), log_configuration=LOGS)
    needs = needs_of(facts_of(container, launch_type=launch_type, network_mode=mode, exec_enabled=True))
    assert {need.carrier for need in needs if need.phase < Phase.EXEC} == {start}
    (manifest,) = by_purpose(needs, Purpose.IMAGE_MANIFEST)
    (value,) = by_purpose(needs, Purpose.SECRET)
    (logs,) = by_purpose(needs, Purpose.LOGS)
    (channel,) = by_purpose(needs, Purpose.EXEC_CHANNEL)
    assert (manifest.role_arn, value.role_arn, logs.role_arn) == (pull_role, secret_role, pull_role)
    assert (channel.carrier, channel.role_arn) == (app, TASK_ROLE)


def test_a_capacity_provider_tells_the_launch_type_where_the_task_does_not():
    facts = facts_of(ContainerDefinition("app", ecr()), launch_type=None)
    spot = replace(facts, task=Known(replace(facts.task.value, capacity_provider="FARGATE_SPOT"), "event"))
    assert {need.carrier for need in needs_of(spot)} == {Carrier.TASK}
    host = Interface("subnet-1", "vpc-1", belongs_to="container instance")
    assert {need.carrier for need in needs_of(replace(facts, host_interface=Known(host, "ec2")))} == {Carrier.HOST}


@pytest.mark.parametrize(
    ("task_says", "service_says", "asked", "needed"),
    [
        (True, False, False, True),
        (False, True, False, False),
        (None, True, False, True),
        (None, False, False, False),
        (False, False, True, True),
    ],
)
def test_exec_is_needed_where_it_is_enabled_or_asked_for(task_says, service_says, asked, needed):
    facts = facts_of(ContainerDefinition("app", "nginx"), exec_enabled=task_says)
    service = Service("arn", "orders", "ACTIVE", enable_execute_command=service_says)
    needs = needs_of(replace(facts, service=Known(service, "ecs")), for_exec=asked)
    assert bool(by_purpose(needs, Purpose.EXEC_CHANNEL)) is needed


def test_kms_is_needed_for_exec_with_a_customers_key_alone():
    container = ContainerDefinition("app", "nginx")
    assert not by_purpose(needs_of(facts_of(container, exec_enabled=True)), Purpose.EXEC_KEY)
    (need,) = by_purpose(needs_of(facts_of(container, exec_enabled=True, kms_key="1234-abcd")), Purpose.EXEC_KEY)
    assert need.destination.service == f"com.amazonaws.{HOME}.kms"
    assert need.calls == (("kms:Decrypt", f"arn:aws:kms:{HOME}:{ACCOUNT}:key/1234-abcd"),)


def test_several_containers_share_the_token_and_the_layers_and_nothing_else():
    secret = Secret("S", f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:db-AbCdEf")
    containers = [ContainerDefinition(name, ecr(), secrets=(secret,)) for name in ("app", "sidecar")]
    needs = needs_of(facts_of(*containers))
    assert len(by_purpose(needs, Purpose.REGISTRY_AUTH)) == 1
    assert len(by_purpose(needs, Purpose.IMAGE_LAYERS)) == 1
    assert [need.container for need in by_purpose(needs, Purpose.SECRET)] == ["app", "sidecar"]


def incident(symptom: Id, kind: Kind = Kind.STOPPED_TASK) -> Incident:
    return Incident(kind, ACCOUNT, HOME, "shop", symptom, SymptomConfidence.CERTAIN, Message(kind), NOW)


def test_a_failed_exec_waits_for_exec_alone_and_a_failed_start_for_the_start():
    needs = needs_of(facts_of(ContainerDefinition("app", ecr(), log_configuration=LOGS), exec_enabled=True))
    by_exec = blocking_needs(incident(Id.EXEC_TARGET_NOT_CONNECTED, Kind.EXEC_ERROR), needs)
    assert {need.purpose for need in by_exec} == {Purpose.EXEC_CHANNEL}
    by_start = blocking_needs(incident(Id.LOGS_UNREACHABLE), needs)
    assert set(by_start) == set(needs) - set(by_exec)


def test_without_a_task_definition_nothing_is_known_to_be_needed():
    facts = facts_of(ContainerDefinition("app", ecr()))
    assert needs_of(replace(facts, task_definition=NOT_READ)) == ()


@pytest.mark.parametrize("value_from", ["", "arn:", "arn:aws:s3:::x", "arn:aws:secretsmanager:eu-west-1:1:secret"])
def test_a_reference_that_cannot_be_read_needs_nothing_and_raises_nothing(value_from):
    container = ContainerDefinition("app", ":::", secrets=(Secret("S", value_from),), log_configuration=None)
    assert needs_of(facts_of(container)) == ()
