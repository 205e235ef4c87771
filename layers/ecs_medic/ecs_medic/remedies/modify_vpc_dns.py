"""Switch the VPC's DNS attributes on: without both, no private name answers.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns-updating.html
"""

from dataclasses import replace

from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.facts.network import Network
from ecs_medic.plan import Action, Change
from ecs_medic.remedies.journal import Look, Seen, TakingBack, Write, carry_out, take_back
from ecs_medic.remedies.looking import one_attribute
from ecs_medic.remedies.params import text, texts
from ecs_medic.remedies.receipt import Receipt
from ecs_medic.remedies.remedy import Grant, Remedy
from ecs_medic.remedies.run import Run

# Hostnames need support: it is switched on first, and off last. Private names are refused while one of them is off.
ATTRIBUTES = ("enableDnsSupport", "enableDnsHostnames")


def apply(change: Change, run: Run, receipt: Receipt) -> Receipt:
    """AWS takes one attribute in a call."""
    vpc_id = text(change.params, "vpc_id")
    for name in _in_order(texts(change.params, "attributes")):
        receipt = carry_out(
            Write(
                name=name,
                service="ec2",
                operation="ModifyVpcAttribute",
                params=_request(vpc_id, name, value=True),
                resource=vpc_id,
                look=_looking(vpc_id, name, run),
            ),
            receipt,
            run,
        )
        if not receipt.finished(name):
            return receipt
    return receipt


def undo(receipt: Receipt, run: Run) -> Receipt:
    """Those that were off are switched off again."""
    vpc_id = text(receipt.change.params, "vpc_id")
    for name in reversed(_in_order(texts(receipt.change.params, "attributes"))):
        back = TakingBack(
            name, "ec2", "ModifyVpcAttribute", _request(vpc_id, name, value=False), _looking(vpc_id, name, run)
        )
        receipt = take_back(back, receipt, run)
    return receipt


def foreseen(change: Change, network: Network) -> Network:
    """The network with the attributes on."""
    if network.vpc_id != text(change.params, "vpc_id"):
        return network
    names = texts(change.params, "attributes")
    on = Known(value=True, source="ec2:ModifyVpcAttribute")
    return replace(
        network,
        dns_support=on if "enableDnsSupport" in names else network.dns_support,
        dns_hostnames=on if "enableDnsHostnames" in names else network.dns_hostnames,
    )


def _in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in ATTRIBUTES if name in names)


def _request(vpc_id: str, name: str, *, value: bool) -> dict[str, object]:
    return {"VpcId": vpc_id, name[0].upper() + name[1:]: {"Value": value}}


def _looking(vpc_id: str, name: str, run: Run) -> Look:
    def look() -> Seen | Unknown:
        value = one_attribute(run.reader, vpc_id, name)
        return value if isinstance(value, Unknown) else Seen(value, before={"value": value}, marked=False)

    return look


REMEDY = Remedy(
    action=Action.MODIFY_VPC_DNS,
    grants=(
        Grant(
            ("ec2:ModifyVpcAttribute", "ec2:DescribeVpcAttribute"), ("arn:{partition}:ec2:{region}:{account}:vpc/*",)
        ),
    ),
    apply=apply,
    undo=undo,
    foreseen=foreseen,
)
