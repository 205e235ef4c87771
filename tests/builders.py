"""Facts of a small shop as plain values: everything is well unless a test says what is not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import (
    Attachment,
    AwsvpcConfiguration,
    Cluster,
    Container,
    ContainerDefinition,
    LogConfiguration,
    ManagedAgent,
    Service,
    Task,
    TaskDefinition,
)
from ecs_medic.facts.fact import Absent, Fact, Known, Unknown
from ecs_medic.facts.iam import Policy, Role, SimulatedAction
from ecs_medic.facts.logs import LogGroup
from ecs_medic.finding import Finding, NotChecked, Outcome, RuledOut
from ecs_medic.incident import ExecAttempt, Incident, Kind, Message, SymptomConfidence
from ecs_medic.rules.rule import Rule
from ecs_medic.vocabulary import Id

ACCOUNT = "123456789012"
REGION = "eu-west-1"
NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
CLUSTER_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/shop"
TASK_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/shop/0123456789abcdef0123456789abcdef"
DEFINITION_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/orders:7"
SERVICE_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/shop/orders"
EXECUTION_ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders-execution"
TASK_ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders-task"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop/orders:1.4.2"
LOG_GROUP = "/shop/orders"

DENIED = Unknown("ecs:DescribeTasks", "denied: AccessDeniedException", "ecs:DescribeTasks")
"""A read that was refused."""


def agent(status: str | None = "RUNNING", reason: str | None = None) -> ManagedAgent:
    """The ECS Exec agent of a container."""
    return ManagedAgent("ExecuteCommandAgent", status, reason)


def container(name: str = "app", **changes: Any) -> Container:
    """A running container with a running agent."""
    return replace(Container(name, last_status="RUNNING", image=IMAGE, managed_agents=(agent(),)), **changes)


def task(**changes: Any) -> Task:
    """A running Fargate task of the service `orders`, with ECS Exec."""
    well = Task(
        arn=TASK_ARN,
        cluster_arn=CLUSTER_ARN,
        task_definition_arn=DEFINITION_ARN,
        group="service:orders",
        launch_type="FARGATE",
        platform_version="1.4.0",
        platform_family="Linux",
        last_status="RUNNING",
        desired_status="RUNNING",
        enable_execute_command=True,
        created_at=NOW - timedelta(hours=2),
        started_at=NOW - timedelta(hours=2),
        containers=(container(),),
        attachments=(Attachment("ElasticNetworkInterface", "ATTACHED", {"subnetId": "subnet-1"}),),
    )
    return replace(well, **changes)


def awslogs(group: str = LOG_GROUP, region: str = REGION, **options: str) -> LogConfiguration:
    """The awslogs driver, with further options given without their `awslogs-`."""
    more = {f"awslogs-{name.replace('_', '-')}": value for name, value in options.items()}
    base = {"awslogs-group": group, "awslogs-region": region, "awslogs-stream-prefix": "ecs"}
    return LogConfiguration("awslogs", base | more)


def container_definition(name: str = "app", **changes: Any) -> ContainerDefinition:
    """A container from Amazon ECR that logs to CloudWatch Logs."""
    return replace(ContainerDefinition(name, IMAGE, log_configuration=awslogs()), **changes)


def definition(**changes: Any) -> TaskDefinition:
    """`orders:7` with both roles."""
    well = TaskDefinition(
        arn=DEFINITION_ARN,
        family="orders",
        revision=7,
        network_mode="awsvpc",
        task_role_arn=TASK_ROLE,
        execution_role_arn=EXECUTION_ROLE,
        containers=(container_definition(),),
    )
    return replace(well, **changes)


def service(**changes: Any) -> Service:
    """The service `orders`, with ECS Exec."""
    well = Service(
        arn=SERVICE_ARN,
        name="orders",
        status="ACTIVE",
        desired_count=1,
        running_count=1,
        launch_type="FARGATE",
        task_definition_arn=DEFINITION_ARN,
        enable_execute_command=True,
        awsvpc=AwsvpcConfiguration(("subnet-1",), ("sg-1",)),
    )
    return replace(well, **changes)


def known[T](value: T, source: str = "test:Read") -> Known[T]:
    """A fact that was read."""
    return Known(value, source)


def document(*statements: object) -> dict[str, object]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: object, resource: object = "*", **more: object) -> dict[str, object]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object, resource: object = "*", **more: object) -> dict[str, object]:
    """A statement that denies."""
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def role(arn: str = TASK_ROLE, *statements: object, **changes: Any) -> Role:
    """A role whose one inline policy holds these statements, all of it read, without a simulation."""
    policies = (Policy("inline", document(*statements), inline=True),) if statements else ()
    trust = document(
        {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    )
    well = Role(arn=arn, trust=known(trust, "iam:GetRole"), policies=known(policies, "iam:GetRolePolicy"))
    return replace(well, **changes)


def simulated(decisions: Mapping[str, str], **changes: Any) -> Known[dict[str, SimulatedAction]]:
    """What SimulatePrincipalPolicy answers, by action."""
    results = {
        action.lower(): replace(SimulatedAction(action, decision), **changes) for action, decision in decisions.items()
    }
    return Known(results, "iam:SimulatePrincipalPolicy")


def log_group(name: str = LOG_GROUP, region: str = REGION) -> Fact[LogGroup]:
    """A log group that exists."""
    return Known(LogGroup(name, region), "logs:DescribeLogGroups")


def no_log_group(name: str = LOG_GROUP, region: str = REGION) -> Fact[LogGroup]:
    """A log group that does not."""
    return Absent("logs:DescribeLogGroups", f"no log group {name} in {region}")


def facts(**changes: Any) -> Facts:
    """Everything read and well; a plain value given for one of the ECS facts becomes a known one."""
    sources = {
        "task": "ecs:DescribeTasks",
        "task_definition": "ecs:DescribeTaskDefinition",
        "service": "ecs:DescribeServices",
        "cluster": "ecs:DescribeClusters",
    }
    given = {
        "task": task(),
        "task_definition": definition(),
        "service": service(),
        "cluster": Cluster(CLUSTER_ARN, "shop", "ACTIVE"),
        **changes,
    }
    for name, source in sources.items():
        if not isinstance(given[name], Known | Absent | Unknown):
            given[name] = Known(given[name], source)
    return replace(Facts(read_at=NOW, account=ACCOUNT, region=REGION), **given)


def incident(symptom: Id, **changes: Any) -> Incident:
    """A task of `orders` that failed a minute ago."""
    base = Incident(
        kind=Kind.STOPPED_TASK,
        account=ACCOUNT,
        region=REGION,
        cluster="shop",
        symptom=symptom,
        symptom_confidence=SymptomConfidence.CERTAIN,
        message=Message(),
        occurred_at=NOW - timedelta(minutes=1),
        service="orders",
        task_arn=TASK_ARN,
        task_definition_arn=DEFINITION_ARN,
        launch_type="FARGATE",
    )
    return replace(base, **changes)


def exec_incident(symptom: Id = Id.EXEC_AGENT_UNAVAILABLE, *, container: str | None = None, **changes: Any) -> Incident:
    """A session that was refused a minute ago."""
    attempt = ExecAttempt(f"arn:aws:iam::{ACCOUNT}:user/ann", TASK_ARN, container)
    given = {"kind": Kind.EXEC_ERROR, "service": None, "task_definition_arn": None, "exec_attempt": attempt, **changes}
    return incident(symptom, **given)


def outcomes(rule: Rule, about: Incident, read: Facts) -> list[Outcome]:
    """What the rule says, all of it."""
    return list(rule(about, read))


def the_finding(rule: Rule, about: Incident, read: Facts) -> Finding:
    """The rule's one finding."""
    (finding,) = [outcome for outcome in outcomes(rule, about, read) if isinstance(outcome, Finding)]
    assert finding.evidence
    return finding


def assert_quiet(rule: Rule, about: Incident, read: Facts) -> None:
    """The rule excludes its cause, on evidence."""
    said = outcomes(rule, about, read)
    assert said
    assert all(isinstance(outcome, RuledOut) and outcome.evidence for outcome in said), said


def assert_not_checked(rule: Rule, about: Incident, read: Facts, permission: str | None = None) -> None:
    """The rule says that it could not judge, and which permission would have helped."""
    said = outcomes(rule, about, read)
    assert said
    assert all(isinstance(outcome, NotChecked) for outcome in said), said
    if permission is not None:
        assert {outcome.missing_permission for outcome in said if isinstance(outcome, NotChecked)} == {permission}


def assert_silent(rule: Rule, about: Incident, read: Facts) -> None:
    """The rule has nothing to do with this incident."""
    assert outcomes(rule, about, read) == []
