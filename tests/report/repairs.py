"""What became of repairs, in every way in which one can end."""

from collections.abc import Sequence
from dataclasses import replace

from ecs_medic.plan import Change
from ecs_medic.remedies.receipt import Receipt, Stage, Step, as_json
from ecs_medic.report.build import with_repair
from ecs_medic.report.build_plan import shown_repair
from ecs_medic.report.model import Report
from ecs_medic.run_state import RunState
from tests.report.examples import NASTY, endpoint_missing, endpoint_plan

RUN = "run-0123456789ab"
ENDPOINT, GROUP = "vpce-0aa11bb22cc33dd44", "sg-0fedcba9876543210"


def made(change: Change, last: Step) -> Receipt:
    """The receipt of an endpoint whose creation came to `last`."""
    group = Step(
        "security_group",
        "ec2:CreateSecurityGroup",
        "vpc-0a1b2c3d4e5f60718",
        Stage.DONE,
        made={"security_group_id": GROUP},
    )
    rule = Step(
        "ingress 10.0.0.0/16",
        "ec2:AuthorizeSecurityGroupIngress",
        GROUP,
        Stage.DONE,
        made={"rule_ids": ["sgr-0a1b2c3d4e5f60718"]},
    )
    return Receipt(RUN, "inc-01691c3e4453", change, (group, rule, last))


def undone(receipt: Receipt) -> Receipt:
    """The receipt with all that was made taken back."""
    made_is_undone = {Stage.DONE: Stage.UNDONE}
    return replace(
        receipt, steps=tuple(replace(one, stage=made_is_undone.get(one.stage, one.stage)) for one in receipt.steps)
    )


CHANGES = endpoint_plan(["com.amazonaws.eu-west-1.ecr.api"]).changes
CREATED = Step(
    "endpoint",
    "ec2:CreateVpcEndpoint",
    "com.amazonaws.eu-west-1.ecr.api",
    Stage.DONE,
    made={"vpc_endpoint_id": ENDPOINT},
)
REFUSED = replace(
    CREATED,
    stage=Stage.REFUSED,
    made={},
    words="You are not authorized to perform this operation.",
    reason="denied",
    missing_permission="ec2:CreateVpcEndpoint",
)
DEPLOYED = Receipt(
    RUN,
    "inc-01691c3e4453",
    CHANGES[1],
    (Step("deployment", "ecs:UpdateService", "orders", Stage.DONE, made={"deployment_id": "ecs-svc/2"}),),
)
COMPLETE = made(CHANGES[0], CREATED)
HALF_UNDONE = replace(
    COMPLETE,
    steps=(
        replace(COMPLETE.steps[0], stage=Stage.UNDOING, words="resource sg-0fedcba9876543210 has a dependent object"),
        COMPLETE.steps[1],
        replace(CREATED, stage=Stage.UNDONE),
    ),
)


def report(state: RunState, words: str, receipts: Sequence[Receipt]) -> Report:
    """The report of a repair that ended so."""
    return with_repair(endpoint_missing(), shown_repair(RUN, state, words, map(as_json, receipts)))


REPAIRS: dict[str, Report] = {
    "repaired": report(RunState.REPAIRED, "2 of 2 tasks run, the newest for 7 minutes.", [COMPLETE, DEPLOYED]),
    "taken_back": report(
        RunState.UNDONE,
        "The tasks still fail. Everything that this run had changed is taken back.",
        [undone(COMPLETE), DEPLOYED],
    ),
    "refused": report(RunState.UNDONE, "ec2:CreateVpcEndpoint was not made.", [undone(made(CHANGES[0], REFUSED))]),
    "half_undone": report(
        RunState.FAILED, "The endpoint never became available. Not all of it could be taken back.", [HALF_UNDONE]
    ),
    "half_made": report(RunState.STOPPED, "The kill switch was thrown.", [made(CHANGES[0], REFUSED)]),
    "denied": report(RunState.DENIED, "Denied by jane; nothing was changed.", []),
    "ugly": report(
        RunState.FAILED,
        NASTY * 20,
        [
            made(CHANGES[0], Step(NASTY, NASTY, NASTY * 3, stage, {NASTY: NASTY}, {NASTY: NASTY}, NASTY, NASTY, NASTY))
            for stage in Stage
        ],
    ),
}
