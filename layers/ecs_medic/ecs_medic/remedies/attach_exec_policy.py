"""Attach the stack's own policy of the four ssmmessages actions to the task role: never an inline policy.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html (ECS Exec permissions)
"""

from ecs_medic.facts.fact import Unknown
from ecs_medic.facts.reading import text
from ecs_medic.plan import Action, Change
from ecs_medic.remedies.journal import Look, Seen, TakingBack, Write, carry_out, take_back
from ecs_medic.remedies.looking import listed
from ecs_medic.remedies.params import Params
from ecs_medic.remedies.params import text as text_of
from ecs_medic.remedies.receipt import Receipt
from ecs_medic.remedies.remedy import Grant, Remedy
from ecs_medic.remedies.run import Run

_STEP = "policy"


def apply(change: Change, run: Run, receipt: Receipt) -> Receipt:
    """One attachment."""
    return carry_out(
        Write(
            name=_STEP,
            service="iam",
            operation="AttachRolePolicy",
            params=_request(change.params),
            resource=text_of(change.params, "role_arn"),
            look=_looking(change.params, run),
        ),
        receipt,
        run,
    )


def undo(receipt: Receipt, run: Run) -> Receipt:
    """The attachment that this run has made."""
    params = receipt.change.params
    back = TakingBack(_STEP, "iam", "DetachRolePolicy", _request(params), _looking(params, run))
    return take_back(back, receipt, run)


def _request(params: Params) -> dict[str, object]:
    role = text_of(params, "role_arn").rsplit("/", 1)[-1]
    return {"RoleName": role, "PolicyArn": text_of(params, "policy_arn")}


def _looking(params: Params, run: Run) -> Look:
    def look() -> Seen | Unknown:
        asked = {"RoleName": _request(params)["RoleName"]}
        found = listed(run.reader, "iam", "ListAttachedRolePolicies", asked, "AttachedPolicies")
        if isinstance(found, Unknown):
            return found
        attached = any(text(one, "PolicyArn") == text_of(params, "policy_arn") for one in found)
        return Seen(attached, before={"attached": attached}, marked=False)

    return look


_ROLES = "arn:{partition}:iam::{account}:role/*"

REMEDY = Remedy(
    action=Action.ATTACH_EXEC_POLICY,
    grants=(
        Grant(
            ("iam:AttachRolePolicy", "iam:DetachRolePolicy"),
            (_ROLES,),
            {"ArnEquals": {"iam:PolicyARN": "{exec_policy_arn}"}},
        ),
        Grant(("iam:ListAttachedRolePolicies",), (_ROLES,)),
    ),
    apply=apply,
    undo=undo,
)
