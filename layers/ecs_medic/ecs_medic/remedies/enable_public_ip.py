"""Give the service's tasks public addresses. AWS takes the whole network configuration, so the present one is sent.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
"""

from ecs_medic.aws.reader import Reader
from ecs_medic.facts.fact import Unknown
from ecs_medic.facts.reading import text, texts
from ecs_medic.finding import JsonValue
from ecs_medic.plan import Action, Change
from ecs_medic.remedies.journal import Look, Seen, TakingBack, Write, carry_out, take_back
from ecs_medic.remedies.params import Params
from ecs_medic.remedies.params import text as text_of
from ecs_medic.remedies.params import texts as texts_of
from ecs_medic.remedies.receipt import Receipt
from ecs_medic.remedies.remedy import Grant, Remedy, Settling
from ecs_medic.remedies.run import Run
from ecs_medic.remedies.services import ARN, awsvpc_of, service_of, steady

_STEP = "public_ip"
_ENABLED = "ENABLED"


def apply(change: Change, run: Run, receipt: Receipt) -> Receipt:
    """A changed network configuration is a new deployment by itself."""
    look = _looking(change.params, run)
    present = look()
    subnets, groups = _configuration(present)
    return carry_out(
        Write(
            name=_STEP,
            service="ecs",
            operation="UpdateService",
            params=_request(change.params, subnets, groups, _ENABLED),
            resource=text_of(change.params, "service"),
            look=_beginning_with(present, look),
        ),
        receipt,
        run,
    )


def settled(receipt: Receipt, reader: Reader) -> Settling:
    """When the new deployment runs."""
    return steady(receipt.change.params, reader)


def undo(receipt: Receipt, run: Run) -> Receipt:
    """The switch as it was, with whatever subnets and groups the service has by then."""
    params = receipt.change.params
    look = _looking(params, run)
    present = look()
    request = _request(params, *_configuration(present), "DISABLED")
    return take_back(TakingBack(_STEP, "ecs", "UpdateService", request, _beginning_with(present, look)), receipt, run)


def _beginning_with(first: Seen | Unknown, look: Look) -> Look:
    """The request holds what the first look has shown: whether it is sent is decided by the very same look."""
    shown = [first]
    return lambda: shown.pop() if shown else look()


def _configuration(seen: Seen | Unknown) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if isinstance(seen, Unknown):
        return (), ()
    return texts_of(seen.before, "subnet_ids"), texts_of(seen.before, "security_group_ids")


def _request(params: Params, subnets: tuple[str, ...], groups: tuple[str, ...], assign: str) -> dict[str, object]:
    return {
        "cluster": text_of(params, "cluster"),
        "service": text_of(params, "service"),
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": list(subnets),
                "securityGroups": list(groups),
                "assignPublicIp": assign,
            }
        },
    }


def _looking(params: Params, run: Run) -> Look:
    def look() -> Seen | Unknown:
        return _seen(params, run.reader)

    return look


def _seen(params: Params, reader: Reader) -> Seen | Unknown:
    found = service_of(params, reader)
    if isinstance(found, Unknown):
        return found
    if found is None:
        return Unknown("ecs:DescribeServices", "the service is gone")
    present = awsvpc_of(found)
    if not texts(present, "subnets"):
        return Unknown("ecs:DescribeServices", "the answer shows no network configuration")
    before: dict[str, JsonValue] = {
        "subnet_ids": list(texts(present, "subnets")),
        "security_group_ids": list(texts(present, "securityGroups")),
        "assign_public_ip": text(present, "assignPublicIp"),
    }
    return Seen(text(present, "assignPublicIp") == _ENABLED, before=before, marked=False)


REMEDY = Remedy(
    action=Action.ENABLE_PUBLIC_IP,
    grants=(
        # The request has to name subnets: the present ones, which no condition can express.
        Grant(
            ("ecs:UpdateService",),
            (ARN,),
            {"Null": {"ecs:task-definition": "true", "ecs:subnet": "false", "ecs:auto-assign-public-ip": "false"}},
        ),
        Grant(("ecs:DescribeServices",), (ARN,)),
    ),
    apply=apply,
    settled=settled,
    undo=undo,
)
