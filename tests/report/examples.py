"""Reports of every kind, from the plain to the ugliest, for the tests of all forms."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache

from ecs_medic.finding import Confidence, Evidence, Finding, Fix, NotChecked, Phase, RuledOut
from ecs_medic.incident import ExecAttempt, Incident, Kind, Message, SymptomConfidence
from ecs_medic.needs.need import Destination
from ecs_medic.plan import Action, Change, Patch, Plan, Safety
from ecs_medic.reachability.path import Hop, HopKind, Path, Verdict, Via
from ecs_medic.report.build import build_report
from ecs_medic.report.model import ExecAnswer, Report
from ecs_medic.report.path_picture import picture
from ecs_medic.vocabulary import Id

TASK = "arn:aws:ecs:eu-west-1:123456789012:task/shop/0f1e2d3c4b5a69788796a5b4c3d2e1f0"
TASK_DEFINITION = "arn:aws:ecs:eu-west-1:123456789012:task-definition/orders:42"
ECR_MESSAGE = (
    "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from "
    "Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. "
    "RequestError: send request failed caused by: Post https://api.ecr.eu-west-1.amazonaws.com/: dial tcp "
    "10.0.1.5:443: i/o timeout"
)


def incident(
    symptom: Id = Id.ECR_UNREACHABLE,
    message: Message | None = None,
    *,
    kind: Kind = Kind.STOPPED_TASK,
    cluster: str = "shop",
    service: str | None = "orders",
    exec_attempt: ExecAttempt | None = None,
) -> Incident:
    return Incident(
        kind=kind,
        account="123456789012",
        region="eu-west-1",
        cluster=cluster,
        symptom=symptom,
        symptom_confidence=SymptomConfidence.CERTAIN,
        message=message or Message(stop_code="TaskFailedToStart", stopped_reason=ECR_MESSAGE),
        occurred_at=datetime(2025, 11, 21, 10, 4, 5, tzinfo=UTC),
        service=service,
        task_arn=TASK,
        task_definition_arn=TASK_DEFINITION,
        launch_type="FARGATE",
        exec_attempt=exec_attempt,
    )


def _hop(kind: HopKind, resource: str, verdict: Verdict, source: str, observed: str, *, way: str | None = None) -> Hop:
    return Hop(kind, resource, verdict, Evidence(source, resource, observed), way)


def blocked_path() -> Path:
    return Path(
        destination=Destination("api.ecr.eu-west-1.amazonaws.com", "eu-west-1", "com.amazonaws.eu-west-1.ecr.api"),
        via=Via.NOTHING,
        hops=(
            _hop(
                HopKind.NAME_RESOLUTION,
                "vpc-0a1b2c3d4e5f60718",
                Verdict.OPEN,
                "ec2:DescribeVpcEndpoints",
                "no endpoint answers for this name, so it resolves to a public address",
            ),
            _hop(
                HopKind.SECURITY_GROUP_EGRESS,
                "sg-0123456789abcdef0",
                Verdict.OPEN,
                "ec2:DescribeSecurityGroups",
                "allows all traffic to 0.0.0.0/0",
            ),
            _hop(
                HopKind.NETWORK_ACL,
                "acl-0c2d",
                Verdict.OPEN,
                "ec2:DescribeNetworkAcls",
                "rule 100 allows",
                way="egress",
            ),
            _hop(
                HopKind.ROUTE,
                "rtb-0a1b2c3d4e5f60718",
                Verdict.BLOCKED,
                "ec2:DescribeRouteTables",
                "has no route to the internet",
            ),
        ),
    )


def endpoint_plan(services: Sequence[str]) -> Plan:
    """One endpoint for each service, and the tasks anew."""
    hosts = {one: f"{'.'.join(reversed(one.split('.')[3:]))}.eu-west-1.amazonaws.com" for one in services}
    endpoints = tuple(
        Change(
            Action.CREATE_VPC_ENDPOINT,
            {
                "vpc_id": "vpc-0a1b2c3d4e5f60718",
                "service_name": service,
                "region": "eu-west-1",
                "endpoint_type": "Interface",
                "subnet_ids": ["subnet-0a1b2c3d4e5f60718", "subnet-0f1e2d3c4b5a69788"],
                "cidrs": ["10.0.0.0/16"],
            },
            Safety.ASK,
            16.06,
            f"{hosts[service]} leads every client of vpc-0a1b2c3d4e5f60718 to the endpoint from then on. No other "
            "traffic changes (checked for 14 interfaces of the VPC).",
        )
        for service in services
    )
    deployment = Change(
        Action.FORCE_NEW_DEPLOYMENT,
        {"cluster": "shop", "service": "orders"},
        Safety.ASK,
        0.0,
        "Replaces 2 tasks of the service, within the limits of its deployment configuration.",
    )
    return Plan(changes=(*endpoints, deployment))


def endpoint_missing() -> Report:
    """A confirmed verdict with evidence, commands, a plan, and something of everything else."""
    services = ["com.amazonaws.eu-west-1.ecr.api", "com.amazonaws.eu-west-1.ecr.dkr"]
    verdict = Finding(
        cause=Id.VPC_ENDPOINT_MISSING,
        confidence=Confidence.CONFIRMED,
        summary="The task's subnet has no way to Amazon ECR: no NAT gateway, no public address, and no endpoints for "
        "ecr.api and ecr.dkr",
        subject="vpc-0a1b2c3d4e5f60718",
        phase=Phase.REGISTRY_AUTH,
        params={"services": list(services)},
        evidence=(
            Evidence("ec2:DescribeVpcEndpoints", "vpc-0a1b2c3d4e5f60718", "one endpoint: com.amazonaws.eu-west-1.s3"),
            Evidence(
                "ec2:DescribeRouteTables",
                "rtb-0a1b2c3d4e5f60718",
                "routes: 10.0.0.0/16 to local and pl-6da54004 to vpce-0aa11bb22cc33dd44; no default route",
            ),
            Evidence("event", TASK, "attachment eni-0f1e2d3c4b5a69788 in subnet-0a1b2c3d4e5f60718, no public address"),
        ),
        fix=Fix(
            summary="Create interface endpoints for ecr.api and ecr.dkr in this VPC, with private DNS",
            steps=(
                "Create a security group that admits 443 from the VPC's CIDR blocks",
                "Create the endpoints in one subnet of each zone where the tasks run",
                "Force a new deployment",
            ),
            cli=(
                *(
                    f"aws ec2 create-vpc-endpoint --region eu-west-1 --vpc-id vpc-0a1b2c3d4e5f60718 "
                    f"--vpc-endpoint-type Interface --service-name {service} --subnet-ids subnet-0a1b2c3d4e5f60718 "
                    f"--security-group-ids '<SECURITY_GROUP_ID>' --private-dns-enabled"
                    for service in services
                ),
                "aws ecs update-service --region eu-west-1 --cluster shop --service orders --force-new-deployment",
            ),
        ),
    )
    other = Finding(
        cause=Id.LOG_GROUP_MISSING,
        confidence=Confidence.POSSIBLE,
        summary="The log group /ecs/orders does not exist",
        subject="/ecs/orders",
        phase=Phase.LOGS,
        fix=Fix(summary="Create the log group"),
    )
    return build_report(
        incident(),
        "alert",
        [verdict, other],
        [
            RuledOut(
                Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS,
                (
                    Evidence(
                        "ec2:DescribeSecurityGroups", "sg-0123456789abcdef0", "allows all traffic out to 0.0.0.0/0"
                    ),
                ),
            ),
            RuledOut(
                Id.NETWORK_ACL_BLOCKS,
                (Evidence("ec2:DescribeNetworkAcls", "acl-0c2d", "rule 100 allows all traffic both ways"),),
            ),
        ],
        [
            NotChecked(
                "permissions of the execution role", "AccessDenied on iam:ListRolePolicies", "iam:ListRolePolicies"
            )
        ],
        endpoint_plan(services),
        pictures=[picture(blocked_path(), start="task in subnet-0a1b2c3d4e5f60718")],
    )


def exec_role() -> Report:
    """A likely verdict on a failed ECS Exec, with a policy."""
    role = "arn:aws:iam::123456789012:role/orders-task"
    actions = [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ]
    message = Message(
        kind=Kind.EXEC_ERROR,
        stopped_reason="The execute command failed because execute command was not enabled when the task was run or "
        "the execute command agent isn't running. Wait and try again or run a new task with execute command enabled "
        "and try again.",
        error_code="InvalidParameterException",
    )
    verdict = Finding(
        cause=Id.EXEC_TASK_ROLE_LACKS_SSMMESSAGES,
        confidence=Confidence.LIKELY,
        summary=f"The task role {role} may not call ssmmessages: AWS's policy simulation denies all four actions",
        subject=role,
        phase=Phase.EXEC,
        params={"role_arn": role, "actions": list(actions), "denied_by": "identity"},
        evidence=(Evidence("iam:SimulatePrincipalPolicy", role, "implicitDeny for ssmmessages:* (4 actions)"),),
        fix=Fix(
            summary="Allow the four ssmmessages actions on the task role",
            cli=(
                "aws iam put-role-policy --role-name orders-task --policy-name exec --policy-document file://exec.json",
            ),
            policy={
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}],
            },
        ),
    )
    attempt = ExecAttempt("arn:aws:sts::123456789012:assumed-role/oncall/jane", TASK, "app", "203.0.113.7")
    return build_report(
        incident(Id.EXEC_AGENT_UNAVAILABLE, message, kind=Kind.EXEC_ERROR, exec_attempt=attempt),
        "alert",
        [verdict],
        [RuledOut(Id.EXEC_NOT_ENABLED, (Evidence("ecs:DescribeTasks", TASK, "enableExecuteCommand is true"),))],
        [],
        Plan(reason_if_empty="a person has to decide what this role may do"),
    )


LOG_GROUP_PATCH = Patch(
    "The log group /ecs/orders, in eu-west-1",
    "  EcsOrdersLogGroup:\n    Type: AWS::Logs::LogGroup\n    Properties:\n"
    '      LogGroupName: "/ecs/orders"\n      RetentionInDays: 30\n',
    'resource "aws_cloudwatch_log_group" "ecs_orders_log_group" {\n'
    '  name = "/ecs/orders"\n  retention_in_days = 30\n}\n',
)


def owned_by_code() -> Report:
    """The change belongs into a CloudFormation stack: a patch instead of a plan."""
    verdict = Finding(
        cause=Id.LOG_GROUP_MISSING,
        confidence=Confidence.CONFIRMED,
        summary="The log group /ecs/orders does not exist in eu-west-1",
        subject="/ecs/orders",
        phase=Phase.LOGS,
        params={"log_group": "/ecs/orders", "log_region": "eu-west-1"},
        evidence=(Evidence("logs:DescribeLogGroups", "/ecs/orders", "no such log group"),),
        fix=Fix(summary="Create the log group"),
    )
    plan = Plan(
        reason_if_empty="Orders belongs to the CloudFormation stack shop: the change belongs there, as the patch "
        "shows.",
        patches=(LOG_GROUP_PATCH,),
    )
    return build_report(incident(), "alert", [verdict], [], [], plan)


def exec_wrong_target() -> Report:
    """The caller named a container that takes no session; two others do."""
    command = (
        "aws ecs execute-command --region eu-west-1 --cluster shop --task 0f1e2d3c4b5a69788796a5b4c3d2e1f0 "
        "--container app --interactive --command /bin/sh"
    )
    message = Message(
        kind=Kind.EXEC_ERROR,
        stopped_reason="The container name 'ap' is not in this task.",
        error_code="InvalidParameterException",
    )
    verdict = Finding(
        cause=Id.EXEC_WRONG_TARGET,
        confidence=Confidence.CONFIRMED,
        summary="The task has no container ap: it has app and proxy",
        subject=TASK,
        phase=Phase.EXEC,
        params={"container": "ap", "containers": ["app", "proxy"]},
        evidence=(Evidence("ecs:DescribeTasks", TASK, "containers: app, proxy"),),
        fix=Fix(summary="Name one of the task's containers", cli=(command,)),
    )
    attempt = ExecAttempt("arn:aws:sts::123456789012:assumed-role/oncall/jane", TASK, "ap", "203.0.113.7")
    return build_report(
        incident(Id.EXEC_WRONG_TARGET, message, kind=Kind.EXEC_ERROR, exec_attempt=attempt),
        "alert",
        [verdict],
        [],
        [],
        Plan(reason_if_empty="nothing is broken"),
        answer=ExecAnswer(containers=("app", "proxy"), asked_for="ap", command=command),
    )


def unknown() -> Report:
    """Every read was denied."""
    gaps = [
        NotChecked("the task", "AccessDeniedException on ecs:DescribeTasks", "ecs:DescribeTasks"),
        NotChecked(
            "the VPC's endpoints", "UnauthorizedOperation on ec2:DescribeVpcEndpoints", "ec2:DescribeVpcEndpoints"
        ),
        NotChecked("the load balancer", "timed out after 5 seconds"),
    ]
    return build_report(incident(), "alert", [], [], gaps, Plan(reason_if_empty="the cause is not known"))


def scale_in() -> Report:
    """Normal life."""
    message = Message(
        stop_code="ServiceSchedulerInitiated", stopped_reason="Scaling activity initiated by (deployment ecs-svc/1)"
    )
    verdict = Finding(
        cause=Id.SERVICE_SCALE_IN,
        confidence=Confidence.CONFIRMED,
        summary="The scheduler stopped this task in a deployment",
        subject=TASK,
        phase=Phase.SERVICE,
        fix=Fix(summary="Nothing to do"),
        evidence=(Evidence("event", TASK, "Scaling activity initiated by (deployment ecs-svc/1)"),),
    )
    return build_report(
        incident(Id.SERVICE_SCALE_IN, message), "ignore", [verdict], [], [], Plan(reason_if_empty="nothing is wrong")
    )


NASTY = (
    "<!channel> <@U012AB> <https://evil.example|click> & @here *bold* _it_ ~no~ `x` ```fence``` :tada: "
    "[bold red]markup[/] \x1b[31mred\x1b[0m\x1b]0;title\x07 \u202eevil\u202c \u200bzero \x00\x07\x9b2J "
    "タスクを開始できません 🚨👩‍🚒 e\u0301\u0301 ]] > quote\r\nnext line\twith tab"
)


def ugly(containers: int = 60) -> Report:
    """Everything at once, and far too much of it."""
    arn = "arn:aws:iam::123456789012:role/" + "very/long/path/" * 30 + "role"
    evidence = tuple(
        Evidence("ecs:DescribeTasks", f"{arn}/container-{index}", f"{index}: {NASTY} {NASTY}")
        for index in range(containers)
    )
    fix = Fix(
        summary=NASTY * 10,
        steps=(NASTY,) * 30,
        cli=tuple(f"aws ecs describe-tasks --tasks {arn} # {NASTY}" for _ in range(40)),
        policy={"Version": "2012-10-17", "Statement": [{"Sid": NASTY, "Action": ["a:b"] * 300, "Resource": arn}]},
    )
    findings = [
        Finding(
            Id.VPC_ENDPOINT_MISSING, Confidence.CONFIRMED, NASTY * 40, arn, Phase.IMAGE, fix, {NASTY: NASTY}, evidence
        )
        for _ in range(8)
    ]
    return build_report(
        incident(
            Id.ECR_UNREACHABLE,
            Message(stopped_reason=NASTY * 2000, container_reason="\u202e" * 50_000, exit_code=137),
            cluster="c" * 255,
            service="注文" * 120,
        ),
        "alert",
        findings,
        [RuledOut(cause, evidence) for cause in (Id.NETWORK_ACL_BLOCKS, Id.ROUTE_BLACKHOLE) for _ in range(40)],
        [NotChecked(NASTY, NASTY * 5, "ec2:" + "X" * 500) for _ in range(50)],
        Plan(
            changes=(Change(Action.CREATE_VPC_ENDPOINT, {}, Safety.ASK, 1e9, NASTY * 20),) * 40,
            patches=(Patch(NASTY, f"  {NASTY}\n" * 3, NASTY), Patch("x", "y" * 5000, f"# {NASTY}\n")) * 3,
        ),
        pictures=[picture(blocked_path(), start=NASTY * 5)] * 25,
    )


EXAMPLES: dict[str, Callable[[], Report]] = {
    "endpoint_missing": cache(endpoint_missing),
    "exec_role": cache(exec_role),
    "owned_by_code": cache(owned_by_code),
    "unknown": cache(unknown),
    "scale_in": cache(scale_in),
    "ugly": cache(ugly),
}
