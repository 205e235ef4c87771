"""Messages in every state of an alert, from the first second to 200 services, with the ugliest input as well."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ecs_medic.plan import Action, Safety
from ecs_medic.report import model
from ecs_medic.report.blocks import SlackMessage
from ecs_medic.report.build_plan import shown_plan
from ecs_medic.report.model import Report
from ecs_medic.report.news import news, repair_news
from ecs_medic.report.repair_standing import RepairStanding
from ecs_medic.report.slack_blocks import alert
from ecs_medic.report.standing import Affected, Standing, State
from ecs_medic.run_state import RunState
from tests.report.examples import NASTY, endpoint_missing, endpoint_plan, exec_role, exec_wrong_target, ugly

FIRST = datetime(2025, 11, 21, 10, 4, 5, tzinfo=UTC)
OPEN = Standing(count=1, first_seen=FIRST, last_seen=FIRST, button_value="alert-0123456789ab")
PROOF = (
    "com.amazonaws.eu-west-1.ecr.dkr is available (ec2:DescribeVpcEndpoints). 2 of 2 tasks running, the newest "
    "(orders:43) for 7 minutes, and nothing failed since."
)


@dataclass(frozen=True)
class Scene:
    """A report in a state; `mention` is the one that may be notified by it."""

    report: Callable[[], Report]
    standing: Standing
    mention: str | None = None

    def messages(self) -> Mapping[str, SlackMessage]:
        """In the channel, by webhook, and as news in the thread."""
        report = self.report()
        forms = {
            "alert": alert(report, self.standing),
            "webhook": alert(report, self.standing, threaded=False),
        }
        if self.standing.state is not State.OPEN:
            forms["news"] = news(report, self.standing)
        if self.standing.repair is not None:
            forms["repair_news"] = repair_news(report, self.standing)
        return forms


def later(minutes: int) -> datetime:
    return FIRST + timedelta(minutes=minutes)


def affected(number: int, over: int = 0) -> tuple[Affected, ...]:
    return tuple(
        Affected(
            f"service-{index:03d}", "shop" if index % 2 else "billing", 1 + (number - index) ** 2, over=index < over
        )
        for index in range(number)
    )


def severe() -> Report:
    return endpoint_missing().model_copy(update={"severity": "critical", "severity_reason": "0 of 2 tasks are running"})


STORM = replace(OPEN, count=12_345, last_seen=later(95))
RESOLVED = replace(STORM, state=State.RESOLVED, resolved_at=later(120), proof=PROOF)
UGLY = replace(
    STORM,
    count=10**9,
    affected=tuple(Affected(NASTY * 3, "c" * 255, 10**7) for _ in range(200)),
    proof=NASTY * 40,
    owner="<!channel> <@U012AB> @here",
    muted_until=later(500),
    muted_by=NASTY,
)

PLAN = shown_plan(endpoint_plan(["com.amazonaws.eu-west-1.ecr.api", "com.amazonaws.eu-west-1.ecr.dkr"]))
ASKED = RepairStanding(
    run_id="run-0123456789ab",
    state=RunState.ASKING,
    changes=PLAN.changes,
    question="0f1e2d3c4b5a6978",
    until=later(480),
    cost_usd=PLAN.monthly_cost_usd,
    buttons=True,
)
APPROVED = replace(ASKED, decision="approved", decided_by="U0AB12CD3", decided_at=later(3), buttons=False)
APPLYING = replace(
    APPROVED,
    state=RunState.APPLYING,
    words="Creating VPC endpoints: com.amazonaws.eu-west-1.ecr.dkr.",
    progress=(
        (later(3), "Approved."),
        (later(4), "Creating VPC endpoints: com.amazonaws.eu-west-1.ecr.api."),
        (later(5), "Creating VPC endpoints: com.amazonaws.eu-west-1.ecr.dkr."),
    ),
)


def ending(state: RunState, words: str, base: RepairStanding = APPROVED) -> RepairStanding:
    return replace(base, state=state, words=words)


DENIED = replace(
    ending(RunState.DENIED, "Denied by U0AB12CD3; nothing was changed."),
    decision="denied",
)
LEFT = (
    "The new endpoints never became available. Left as it is: ec2:CreateVpcEndpoint vpce-0aa11bb22cc33dd44 (not taken "
    "back yet: UnauthorizedOperation, missing permission ec2:DeleteVpcEndpoints)."
)
UGLY_CHANGE = model.Change(
    action=Action.CREATE_VPC_ENDPOINT,
    params={"vpc_id": NASTY, "service_name": NASTY * 2, "endpoint_type": NASTY, "subnet_ids": [NASTY] * 10,
            "cidrs": [NASTY] * 10},
    safety=Safety.ASK,
    monthly_cost_usd=1e12,
    blast_radius=NASTY * 9,
    undo=NASTY * 3,
)  # fmt: skip
UGLY_REPAIR = RepairStanding(
    run_id="run-0123456789ab",
    state=RunState.ASKING,
    changes=(UGLY_CHANGE,) * 7,
    question="0f1e2d3c4b5a6978",
    until=later(480),
    decision="approved",
    decided_by=NASTY,
    progress=tuple((later(at), NASTY * 5) for at in range(20)),
    words=NASTY * 9,
    buttons=True,
)

REPAIRS: dict[str, RepairStanding] = {
    "asking": ASKED,
    "asking_without_buttons": replace(ASKED, buttons=False),
    "applying": APPLYING,
    "verifying": replace(
        APPLYING,
        state=RunState.VERIFYING,
        progress=(*APPLYING.progress, *((later(6 + at), f"{at} of 2 tasks run.") for at in range(9))),
    ),
    "undoing": ending(RunState.UNDOING, "Taking back: creating vpc endpoints.", APPLYING),
    "repaired": ending(RunState.REPAIRED, PROOF),
    "not_enough": ending(RunState.HELPED, "What was repaired is in order now. Something else is in the way: no logs"),
    "denied": DENIED,
    "not_answered": replace(
        ending(RunState.EXPIRED, "Nobody answered in time; nothing was changed."), decision=None, decided_by=None
    ),
    "impossible": ending(RunState.IMPOSSIBLE, "dry run of ec2:CreateVpcEndpoint: denied. Nothing was changed."),
    "nothing_to_do": ending(RunState.NOTHING_TO_DO, "Nothing is left to change."),
    "switched_off": ending(
        RunState.STOPPED,
        "The kill switch was thrown by jane: too many changes tonight. Left as it is: ec2:CreateVpcEndpoint "
        "vpce-0aa11bb22cc33dd44 (made).",
    ),
    "taken_back": ending(RunState.UNDONE, "The tasks still fail. Everything that this run had changed is taken back."),
    "repair_failed": ending(RunState.FAILED, LEFT),
    "ugly_asking": UGLY_REPAIR,
    "ugly_applying": replace(UGLY_REPAIR, state=RunState.APPLYING),
    "ugly_failed": replace(UGLY_REPAIR, state=RunState.FAILED),
}
DECIDER = "<@U0AB12CD3>"

SCENES: dict[str, Scene] = {
    "open_once": Scene(endpoint_missing, OPEN),
    "open_many_times": Scene(severe, STORM),
    "failed_again": Scene(severe, replace(STORM, count=12_346, last_seen=later(200), state=State.FAILED_AGAIN)),
    "resolved": Scene(endpoint_missing, RESOLVED),
    "not_over_yet": Scene(
        severe, replace(STORM, proof="The service was rolled back to orders:41: orders:42 failed and is gone.")
    ),
    "muted": Scene(severe, replace(STORM, muted_until=later(240), muted_by="jane")),
    "moved": Scene(endpoint_missing, replace(OPEN, state=State.MOVED, successor="alert-ba9876543210")),
    "two_services": Scene(severe, replace(STORM, affected=affected(2, over=1))),
    "two_hundred_services": Scene(severe, replace(STORM, affected=affected(200))),
    "owner_is_a_user": Scene(severe, replace(OPEN, owner="U012AB3CD"), "<@U012AB3CD>"),
    "owner_is_a_group": Scene(severe, replace(OPEN, owner="@S0ONCALL1"), "<!subteam^S0ONCALL1>"),
    "owner_is_a_name": Scene(severe, replace(OPEN, owner="team-orders")),
    "owner_would_be_everybody": Scene(severe, replace(OPEN, owner="<!channel>")),
    "exec_fixable": Scene(exec_role, OPEN),
    "exec_wrong_target": Scene(exec_wrong_target, OPEN),
    "ugly_open": Scene(ugly, UGLY),
    "ugly_failed_again": Scene(ugly, replace(UGLY, state=State.FAILED_AGAIN)),
    "ugly_resolved": Scene(ugly, replace(UGLY, state=State.RESOLVED, resolved_at=later(600))),
    "ugly_moved": Scene(ugly, replace(UGLY, state=State.MOVED, successor=NASTY)),
    "resolved_by_a_repair": Scene(endpoint_missing, replace(RESOLVED, repair=REPAIRS["repaired"]), DECIDER),
    "failed_again_after_a_repair": Scene(
        severe, replace(STORM, state=State.FAILED_AGAIN, repair=REPAIRS["repaired"]), DECIDER
    ),
    **{
        name: Scene(
            ugly if name.startswith("ugly") else severe,
            replace(UGLY if name.startswith("ugly") else OPEN, repair=repair),
            DECIDER if repair.decided_by == "U0AB12CD3" else None,
        )
        for name, repair in REPAIRS.items()
    },
}
