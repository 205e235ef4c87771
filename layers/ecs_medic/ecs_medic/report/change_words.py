"""What each change does and how it is taken back, in words, with the very resources that it is about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

from pydantic import JsonValue

from ecs_medic.plan import Action, Safety
from ecs_medic.report.text import one_line

type _Params = Mapping[str, JsonValue]
type Mark = Callable[[str], str]
"""Puts one value into a text: into inline code, say. Templates are ours, values are not."""

_MOST_VALUES = 8
"""Of a list that are named; the rest is a number."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is done, with what settings, and how it is taken back. Names in braces are the change's parameters."""

    what: str
    how: str
    undo: str


_DELETE_INTERFACE = (
    "Delete the endpoint, then the security group made for it. Its names then lead to the service's public addresses "
    "again."
)
_REMOVE_RULE = "Remove the rule that was added; no other rule of the group is touched."
_S3_AGAIN = "Live connections to S3 may be interrupted once more."

WORDS: Mapping[Action, tuple[Words, ...]] = {
    Action.CREATE_VPC_ENDPOINT: (
        Words(
            "create the interface endpoint for {service_name}",
            "In {vpc_id}, with an interface in {subnet_ids}. Private DNS is on, and a security group of its own "
            "admits 443 from {cidrs}.",
            _DELETE_INTERFACE,
        ),
        Words(
            "create the gateway endpoint for {service_name}",
            "In {vpc_id}, on {route_table_ids}, with a route to the service's prefix list.",
            f"Delete the endpoint; its routes go with it. {_S3_AGAIN}",
        ),
        Words("create VPC endpoints", "", _DELETE_INTERFACE),
    ),
    Action.MODIFY_VPC_ENDPOINT: (
        Words(
            "put {vpc_endpoint_id} on {route_table_ids}",
            "With a route to the prefix list of {service_name}.",
            f"Take the endpoint off the route tables that were added. {_S3_AGAIN}",
        ),
        Words(
            "put {vpc_endpoint_id} into {subnet_ids}",
            "With an interface of the endpoint in each.",
            "Take the endpoint out of the subnets that were added.",
        ),
        Words(
            "switch on private DNS of {vpc_endpoint_id}",
            "The public name of {service_name} then leads to the endpoint in all of {vpc_id}.",
            "Switch private DNS off again.",
        ),
        Words("change a VPC endpoint", "", "Take back exactly what was added to the endpoint."),
    ),
    Action.AUTHORIZE_ENDPOINT_INGRESS: (
        Words("admit {port} on the endpoint's security group {security_group_id}", "From {sides}.", _REMOVE_RULE),
        Words("admit 443 on the endpoint's security group", "", _REMOVE_RULE),
    ),
    Action.AUTHORIZE_TASK_EGRESS: (
        Words("allow {port} out of the task's security group {security_group_id}", "To {sides}.", _REMOVE_RULE),
        Words("allow 443 out of the task's security group", "", _REMOVE_RULE),
    ),
    Action.CREATE_LOG_GROUP: (
        Words(
            "create the log group {log_group}",
            "In {log_region}; what is written to it is kept for {retention_days} days.",
            "Delete the log group, but only while nothing has been written to it.",
        ),
        Words("create the log group", "", "Delete the log group, but only while nothing has been written to it."),
    ),
    Action.ENABLE_EXECUTE_COMMAND: (
        Words(
            "enable ECS Exec on the service {service}",
            "In the cluster {cluster}.",
            "Switch it off again. Tasks that were started meanwhile keep ECS Exec until they are replaced.",
        ),
        Words(
            "enable ECS Exec on the service",
            "",
            "Switch it off again. Tasks that were started meanwhile keep ECS Exec until they are replaced.",
        ),
    ),
    Action.ENABLE_PUBLIC_IP: (
        Words(
            "assign public addresses in the service {service}",
            "In the cluster {cluster}; subnets and security groups stay as they are.",
            "Switch public addresses off again; that replaces the service's tasks once more.",
        ),
        Words(
            "assign public addresses in the service",
            "",
            "Switch public addresses off again; that replaces the service's tasks once more.",
        ),
    ),
    Action.ATTACH_EXEC_POLICY: (
        Words(
            "attach the ECS Exec policy to the role {role_arn}",
            "The policy is {policy_arn}: the four ssmmessages actions, and nothing else.",
            "Detach the policy from the role.",
        ),
        Words("attach the ECS Exec policy to the task role", "", "Detach the policy from the role."),
    ),
    Action.MODIFY_VPC_DNS: (
        Words("switch on {attributes} of {vpc_id}", "", "Switch the same attributes off again."),
        Words("switch on the VPC's DNS attributes", "", "Switch the same attributes off again."),
    ),
    Action.FORCE_NEW_DEPLOYMENT: (
        Words(
            "force a new deployment of {service}",
            "In the cluster {cluster}; the task definition stays the same.",
            "Nothing to undo: the tasks are only started anew.",
        ),
        Words("force a new deployment", "", "Nothing to undo: the tasks are only started anew."),
    ),
    Action.REPLACE_TASK: (
        Words(
            "replace the task {task_arn}",
            "It is stopped; the service {service} starts another.",
            "Cannot be undone: the stopped task is gone, and its service starts another.",
        ),
        Words("replace the task", "", "Cannot be undone: the stopped task is gone, and its service starts another."),
    ),
    Action.RECHECK_LATER: (
        Words("look again after {after_seconds} seconds", "", "Nothing is changed, so there is nothing to undo."),
        Words("look again later", "", "Nothing is changed, so there is nothing to undo."),
    ),
}
"""Of each action; the first whose parameters are all there. The last needs none."""

LEAVES_NOTHING = frozenset({Action.FORCE_NEW_DEPLOYMENT, Action.REPLACE_TASK, Action.RECHECK_LATER})
"""What is over once it is done, so that nothing of it can be left behind."""

SAFETY = {Safety.AUTO: "may run unattended", Safety.ASK: "needs approval"}

_WITH_TRAFFIC = frozenset({Action.CREATE_VPC_ENDPOINT, Action.MODIFY_VPC_ENDPOINT})
_SIDES = ("cidrs", "source_security_group_ids", "prefix_list_ids")


def what(action: Action, params: _Params, mark: Mark = str) -> str:
    """What is done, beginning with a capital letter."""
    done = _filled(words_for(action, params).what, params, mark)
    return f"{done[0].upper()}{done[1:]}"


def how(action: Action, params: _Params, mark: Mark = str) -> str:
    """With what settings; empty where `what` has said everything."""
    return _filled(words_for(action, params).how, params, mark)


def undo(action: Action, params: _Params) -> str:
    """How it is taken back."""
    return words_for(action, params).undo


def words_for(action: Action, params: _Params) -> Words:
    """The words that these parameters are enough for."""
    return next(row for row in WORDS[action] if all(_values(params, name) for name in names_of(row)))


def first_with(texts: Sequence[str | None], index: int) -> int | None:
    """Where the same text was said before, so that it need not be said again."""
    first = texts.index(texts[index])
    return first if first < index and texts[index] else None


def cost(action: Action, dollars: float | None) -> str:
    """What a change costs a month."""
    if dollars is None:
        return "price not known"
    if not dollars:
        return "no fixed cost"
    return f"about ${dollars:,.2f} a month{' plus traffic' if action in _WITH_TRAFFIC else ''}"


def total(costs: Sequence[float | None]) -> str:
    """How many changes, and what all of them cost a month."""
    count = "1 change" if len(costs) == 1 else f"{len(costs)} changes"
    known, unknown = sum(filter(None, costs)), sum(one is None for one in costs)
    if unknown:
        least = f"at least ${known:,.2f} a month: " if known else ""
        return f"{count}, {least}the price of {unknown} is not known"
    if not known:
        return f"{count}, no fixed cost"
    return f"{count}, about ${known:,.2f} a month{' together' if len(costs) > 1 else ''}"


def names_of(row: Words) -> list[str]:
    """The parameters that these words need."""
    parsed = (*Formatter().parse(row.what), *Formatter().parse(row.how))
    return [name for _, name, _, _ in parsed if name is not None]


def _filled(template: str, params: _Params, mark: Mark) -> str:
    filled = {name: _marked(_values(params, name), mark) for _, name, _, _ in Formatter().parse(template) if name}
    return template.format_map(filled)


def _values(params: _Params, name: str) -> tuple[str, ...]:
    """The parameter as texts; none where it is missing or empty."""
    if name == "sides":
        return tuple(one for side in _SIDES for one in _values(params, side))
    value = params.get(name, 443 if name == "port" else None)
    several = value if isinstance(value, list | tuple) else (value,)
    return tuple(text for one in several if one is not None and (text := one_line(str(one))))


def _marked(values: tuple[str, ...], mark: Mark) -> str:
    shown = ", ".join(filter(None, map(mark, values[:_MOST_VALUES])))
    return shown if len(values) <= _MOST_VALUES else f"{shown} and {len(values) - _MOST_VALUES} more"
