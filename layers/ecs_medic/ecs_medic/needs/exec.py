"""What an ECS Exec session needs.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import ExecConfiguration
from ecs_medic.facts.fact import Fact, Known
from ecs_medic.facts.secrets import EncryptionKey
from ecs_medic.finding import Phase
from ecs_medic.needs.carriers import carriers
from ecs_medic.needs.endpoints import destination
from ecs_medic.needs.need import Need, Purpose
from ecs_medic.needs.surroundings import Surroundings
from ecs_medic.partition import partition_of

CHANNEL_ACTIONS = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
_OVERRIDE = "OVERRIDE"
"""The one value of `logging` by which the cluster itself names where the log of sessions goes."""


@dataclass(frozen=True, slots=True)
class AuditTarget:
    """A log group or a bucket that keeps the log of the cluster's sessions.

    `demands_encryption`: a session is refused where it is not encrypted, or where the task role may not find that out;
    without the demand, a session opens and its log is lost. `calls` are those of the task role, as (action, resource).
    Source: the session plug-in of https://github.com/aws/amazon-ssm-agent
    """

    name: str
    is_bucket: bool
    demands_encryption: bool
    calls: tuple[tuple[str, str], ...]

    @property
    def what(self) -> str:
        """For a sentence: "log group /shop/exec"."""
        return f"{'bucket' if self.is_bucket else 'log group'} {self.name}"


def exec_needs(
    subject: str,
    configuration: ExecConfiguration | None,
    around: Surroundings,
    keys: Mapping[str, Fact[EncryptionKey]] | None = None,
) -> Iterator[Need]:
    """The channel, and the session key where the cluster names one of the customer's own.

    `keys` are what KMS says of the keys, by ARN: an alias is no resource of a policy, and until it is known which key
    it stands for, nobody can say what the role has to be allowed.
    """
    home, by, role = around.region, around.carriers.application, around.carriers.task_role
    yield Need(
        Purpose.EXEC_CHANNEL, Phase.EXEC, by, destination("ssmmessages", home, home), subject, None, role,
        CHANNEL_ACTIONS, ("*",),
    )  # fmt: skip
    if configuration is None or not configuration.kms_key_id:
        return
    named = _key_arn(configuration.kms_key_id, around.account, home, around.partition)
    resource = resolved_key(named, keys or {})
    where = destination("kms", named.split(":")[3] or home, home)
    actions, resources = (("kms:Decrypt",), (resource,)) if resource else ((), ())
    yield Need(
        Purpose.EXEC_KEY, Phase.EXEC, by, where, configuration.kms_key_id, None, role, actions, resources
    )  # fmt: skip


def session_key(facts: Facts) -> str | None:
    """ARN of the key that encrypts the cluster's sessions, as the cluster names it; None where it names none."""
    configuration = _configuration(facts)
    if configuration is None or not configuration.kms_key_id:
        return None
    return _key_arn(configuration.kms_key_id, facts.account, facts.region, facts.partition)


def resolved_key(arn: str, keys: Mapping[str, Fact[EncryptionKey]]) -> str | None:
    """ARN of the key itself; None for an alias of which it is not known what it stands for."""
    if not is_alias(arn):
        return arn
    key = keys.get(arn)
    return key.value.arn if isinstance(key, Known) else None


def is_alias(arn: str) -> bool:
    """Whether the ARN is a key's other name."""
    return ":alias/" in arn


def audit_targets(facts: Facts) -> tuple[AuditTarget, ...]:
    """Where the cluster sends the log of its sessions; nowhere unless it overrides what the task definition does."""
    configuration = _configuration(facts)
    if configuration is None or (configuration.logging or "").upper() != _OVERRIDE:
        return ()
    found: list[AuditTarget] = []
    if name := configuration.log_group:
        arn = f"arn:{partition_of(facts.region)}:logs:{facts.region}:{facts.account}:log-group:{name}"
        calls = (
            ("logs:DescribeLogGroups", "*"),
            *((f"logs:{action}", f"{arn}:*") for action in ("CreateLogStream", "DescribeLogStreams", "PutLogEvents")),
        )
        found.append(AuditTarget(name, False, configuration.log_group_encrypted, calls))
    if name := configuration.s3_bucket:
        arn = f"arn:{partition_of(facts.region)}:s3:::{name}"
        prefix = (configuration.s3_key_prefix or "").strip("/")
        writes = (("s3:PutObject", f"{arn}/{prefix}/*" if prefix else f"{arn}/*"),)
        looks = (("s3:GetEncryptionConfiguration", arn),) if configuration.s3_encrypted else ()
        found.append(AuditTarget(name, True, configuration.s3_encrypted, (*writes, *looks)))
    return tuple(found)


def session_role(facts: Facts) -> str | None:
    """ARN of the role that the agent uses: the task's own."""
    if not isinstance(facts.task_definition, Known):
        return None
    return carriers(facts, facts.task_definition.value).task_role


def _configuration(facts: Facts) -> ExecConfiguration | None:
    return facts.cluster.value.exec_configuration if isinstance(facts.cluster, Known) else None


def _key_arn(key: str, account: str, region: str, partition: str) -> str:
    if key.startswith("arn:"):
        return key
    kind = "" if key.startswith("alias/") else "key/"
    return f"arn:{partition}:kms:{region}:{account}:{kind}{key}"
