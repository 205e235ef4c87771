"""Messages in every state of an alert, from the first second to 200 services, with the ugliest input as well."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ecs_medic.report.blocks import SlackMessage
from ecs_medic.report.model import Report
from ecs_medic.report.news import news
from ecs_medic.report.slack_blocks import alert
from ecs_medic.report.standing import Affected, Standing, State
from tests.report.examples import NASTY, endpoint_missing, exec_role, exec_wrong_target, ugly

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
}
