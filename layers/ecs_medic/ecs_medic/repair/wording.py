"""What a repair does, in words."""

from collections.abc import Iterable, Mapping, Sequence

from ecs_medic.plan import Action
from ecs_medic.remedies.receipt import Receipt, Stage, Step
from ecs_medic.report.change_words import LEAVES_NOTHING

DOING: Mapping[Action, str] = {
    Action.CREATE_VPC_ENDPOINT: "Creating VPC endpoints",
    Action.MODIFY_VPC_ENDPOINT: "Changing a VPC endpoint",
    Action.AUTHORIZE_ENDPOINT_INGRESS: "Admitting HTTPS on an endpoint's security group",
    Action.AUTHORIZE_TASK_EGRESS: "Admitting HTTPS out of the task's security group",
    Action.CREATE_LOG_GROUP: "Creating the log group",
    Action.ENABLE_EXECUTE_COMMAND: "Enabling ECS Exec on the service",
    Action.ENABLE_PUBLIC_IP: "Giving the service's tasks public addresses",
    Action.ATTACH_EXEC_POLICY: "Attaching the policy for ECS Exec to the task role",
    Action.MODIFY_VPC_DNS: "Switching on the VPC's DNS attributes",
    Action.FORCE_NEW_DEPLOYMENT: "Forcing a new deployment",
    Action.REPLACE_TASK: "Replacing the task",
    Action.RECHECK_LATER: "Waiting, and looking again later",
}
"""While it is done."""

DONE: Mapping[Action, str] = {
    Action.CREATE_VPC_ENDPOINT: "VPC endpoints are created",
    Action.MODIFY_VPC_ENDPOINT: "The VPC endpoint is changed",
    Action.AUTHORIZE_ENDPOINT_INGRESS: "The endpoint's security group admits HTTPS",
    Action.AUTHORIZE_TASK_EGRESS: "The task's security group admits HTTPS out",
    Action.CREATE_LOG_GROUP: "The log group is created",
    Action.ENABLE_EXECUTE_COMMAND: "ECS Exec is enabled on the service",
    Action.ENABLE_PUBLIC_IP: "The service's tasks get public addresses",
    Action.ATTACH_EXEC_POLICY: "The policy for ECS Exec is attached to the task role",
    Action.MODIFY_VPC_DNS: "The VPC's DNS attributes are on",
    Action.FORCE_NEW_DEPLOYMENT: "A new deployment is forced",
    Action.REPLACE_TASK: "The task is replaced",
    Action.RECHECK_LATER: "Nothing is changed",
}
"""Once it is done."""

_LEFT = {
    Stage.INTENDED: "begun, and perhaps made",
    Stage.DONE: "made",
    Stage.UNSURE: "perhaps made",
    Stage.UNDOING: "not taken back yet",
    Stage.KEPT: "kept",
}
_FOR_GOOD: Mapping[Action, str] = {
    Action.FORCE_NEW_DEPLOYMENT: "the service's tasks were started anew",
    Action.REPLACE_TASK: "a task was stopped for its service to replace it",
}
"""What was done, and can be undone by nobody."""


def what_is_left(receipts: Iterable[Receipt]) -> str:
    """What a run has changed and is not taken back, each with its resource; empty where that is nothing."""
    left = [
        _step(one)
        for receipt in receipts
        if receipt.change.action not in LEAVES_NOTHING
        for one in receipt.steps
        if one.stage in _LEFT
    ]
    return f"Left as it is: {'; '.join(left)}." if left else ""


def what_stands(receipts: Sequence[Receipt]) -> str:
    """What is left of all that a run has changed; also that it is nothing."""
    return what_is_left(receipts) or what_was_taken_back(receipts)


def what_was_taken_back(receipts: Sequence[Receipt], *, before: bool = False) -> str:
    """Where nothing of these changes is left; `before`: others were made before them, and are not spoken of."""
    stages = {one.stage for receipt in receipts for one in receipt.steps}
    done = {receipt.change.action for receipt in receipts if any(one.stage is Stage.DONE for one in receipt.steps)}
    for_good = " and ".join(words for action, words in _FOR_GOOD.items() if action in done)
    if Stage.UNDONE in stages:
        whose = "for that" if before else "by this run"
        return f"Everything that was changed {whose} is taken back{f'; {for_good}' if for_good else ''}."
    if for_good:
        return f"There is nothing to take back: {for_good}."
    return f"Nothing {'more ' if before else ''}was changed."


def _step(step: Step) -> str:
    made = ", ".join(str(value) for value in step.made.values() if isinstance(value, str) and value != step.resource)
    words = f": {step.words}" if step.words else ""
    return f"{step.call} {made or step.resource} ({_LEFT[step.stage]}{words})"
