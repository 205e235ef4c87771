"""What the operator decides about repairs, beside whether there are any."""

from dataclasses import dataclass, field

from ecs_medic.plan import Action
from ecs_medic.remedies.create_log_group import DEFAULT_RETENTION_DAYS
from ecs_medic.remedies.prices import Prices


@dataclass(frozen=True, slots=True)
class RepairPolicy:
    """`auto_actions` may run unattended too, where nobody else is affected and nothing says that code owns it.

    `owner_tag_keys` are tags by which infrastructure as code other than CloudFormation marks what is its own. Terraform
    sets none by itself, so that a resource without any such tag has an unknown owner, unless `untagged_is_free`.
    `exec_policy_arn` is the stack's own policy for ECS Exec, None where the stack has none.
    """

    auto_actions: frozenset[Action] = frozenset()
    owner_tag_keys: tuple[str, ...] = ()
    untagged_is_free: bool = False
    prices: Prices = field(default_factory=Prices)
    retention_days: int = DEFAULT_RETENTION_DAYS
    exec_policy_arn: str | None = None
