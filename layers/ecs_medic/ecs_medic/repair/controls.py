"""What the stack's parameters and the operator allow together: of whatever both speak of, the stricter counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any

from ecs_medic.ledger.controls import StoredControls
from ecs_medic.plan import Action
from ecs_medic.remedies.policy import RepairPolicy
from ecs_medic.repair.mode import Mode, strictest
from ecs_medic.repair.stored_values import OPERATOR_FIELDS, STACK_FIELDS, BadValueError

__all__ = ["Controls", "Mode", "controls_of"]


@dataclass(frozen=True, slots=True)
class Controls:
    """What may be repaired now.

    - `ceiling` is what the operator's own word allows at most, whatever tags say.
    - `stopped` is why nothing is, with the kill switch thrown: words without a full stop.
    - `actions` limits single kinds of changes; AUTO lists one as fit to be made unattended, if mode or tag is AUTO.
    - `max_monthly_cost_usd` is what a repair may cost without being asked about; None is no ceiling.
    - `attempts` of one subject are made within `window_hours`, and between two of them pass `cool_down_minutes`.
    - `approval_hours` is how long a question stands; `approvers` are ids of Slack's users and user groups.
    - `cluster` is the name, or the pattern of the names, of the clusters whose services are repaired.
    - `complaints` say what was stored and could not be used.
    """

    mode: Mode = Mode.OBSERVE
    ceiling: Mode = Mode.AUTO
    stopped: str | None = None
    actions: Mapping[Action, Mode] = field(default_factory=lambda: MappingProxyType({}))
    max_monthly_cost_usd: float | None = 100.0
    attempts: int = 3
    window_hours: float = 24.0
    cool_down_minutes: float = 30.0
    approval_hours: float = 8.0
    approvers: tuple[str, ...] = ()
    cluster: str = "*"
    policy: RepairPolicy = field(default_factory=RepairPolicy)
    complaints: tuple[str, ...] = ()

    @property
    def closed(self) -> str | None:
        """Why nothing at all may be changed, as a sentence; None where something may."""
        if self.stopped is not None:
            return f"Repairs are stopped: {self.stopped}."
        if self.mode is not Mode.OBSERVE:
            return None
        why = f" ({'; '.join(self.complaints)})" if self.complaints else ""
        return f"Repairs are switched off: the mode is observe{why}."

    def still_allow(self, planned: Mode) -> bool:
        """Whether what was agreed to unattended under that mode still is: neither mode has been made stricter since."""
        return self.ceiling is Mode.AUTO and strictest((self.mode, planned)) is planned

    def mode_of(self, action: Action) -> Mode:
        """How much of this kind of change may be done."""
        return strictest((self.mode, self.actions.get(action, self.mode)))

    def covers(self, cluster: str) -> bool:
        """Whether anything is repaired in the cluster of that name."""
        return fnmatchcase(cluster, self.cluster)


def controls_of(stored: StoredControls) -> Controls:
    """What is allowed; a value that cannot be used allows nothing, and is complained about."""
    complaints = [f"{whose}: cannot be read" for whose in stored.unreadable]
    unusable = bool(complaints)
    stack, bad_stack = _read("stack", stored.stack, STACK_FIELDS, complaints)
    operator, bad_operator = _read("operator", stored.operator, OPERATOR_FIELDS, complaints)
    both = (stack, operator)
    modes = [stack.get("mode", Mode.OBSERVE), operator.get("mode", Mode.AUTO)]
    if unusable or bad_stack or bad_operator:
        modes.append(Mode.OBSERVE)
    actions = _actions(stack, operator)
    default, policy = Controls(), RepairPolicy()
    return Controls(
        mode=strictest(modes),
        ceiling=operator.get("mode", Mode.AUTO),
        stopped="; ".join(one["stopped"] for one in both if "stopped" in one) or None,
        actions=MappingProxyType(actions),
        max_monthly_cost_usd=_of(min, "max_monthly_cost_usd", both, default),
        attempts=_of(min, "attempts", both, default),
        window_hours=_of(max, "window_hours", both, default),
        cool_down_minutes=_of(max, "cool_down_minutes", both, default),
        approval_hours=_of(min, "approval_hours", both, default),
        approvers=_approvers(stack, operator, complaints),
        cluster=stack.get("cluster", default.cluster),
        policy=RepairPolicy(
            auto_actions=frozenset(action for action, limit in actions.items() if limit is Mode.AUTO),
            owner_tag_keys=tuple(dict.fromkeys(key for one in both for key in one.get("owner_tag_keys", ()))),
            untagged_is_free=stack.get("untagged_is_free", False),
            prices=stack.get("prices", policy.prices),
            retention_days=stack.get("retention_days", policy.retention_days),
            exec_policy_arn=stack.get("exec_policy_arn"),
        ),
        complaints=tuple(complaints),
    )


def _read(
    whose: str, said: Mapping[str, Any] | None, known: Mapping[str, Callable[[Any], Any]], complaints: list[str]
) -> tuple[dict[str, Any], bool]:
    """What can be used, and whether anything cannot. A name that nobody knows limits nothing that is known."""
    usable: dict[str, Any] = {}
    bad = False
    for name, value in (said or {}).items():
        if value is None:
            continue
        if name not in known:
            complaints.append(f"{whose}: {name[:60]} is not known, and has no effect")
            continue
        try:
            usable[name] = known[name](value)
        except BadValueError as error:
            complaints.append(f"{whose}: {name}: {error}")
            bad = True
    return usable, bad


def _of(stricter: Callable[..., Any], name: str, both: tuple[Mapping[str, Any], ...], default: Controls) -> Any:
    stack, operator = both
    said = stack.get(name, getattr(default, name))
    return stricter(said, operator[name]) if name in operator else said


def _actions(stack: Mapping[str, Any], operator: Mapping[str, Any]) -> dict[Action, Mode]:
    limits = (stack.get("auto_actions", {}), stack.get("actions", {}), operator.get("actions", {}))
    return {
        action: strictest(one[action] for one in limits if action in one)
        for action in Action
        if any(action in one for one in limits)
    }


def _approvers(stack: Mapping[str, Any], operator: Mapping[str, Any], complaints: list[str]) -> tuple[str, ...]:
    """The operator names some of the stack's."""
    listed: tuple[str, ...] = stack.get("approvers", ())
    if "approvers" not in operator:
        return listed
    complaints += [
        f"operator: approvers: {one} is not among the stack's, and has no effect"
        for one in operator["approvers"]
        if one not in listed
    ]
    return tuple(one for one in listed if one in operator["approvers"])
