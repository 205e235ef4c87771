"""Who may decide: listed people, and members of listed groups as Slack tells of them, for a minute."""

import pytest

from ecs_medic.response import approvers
from ecs_medic.response.approvers import KEPT_SECONDS, Groups, GroupUnknown, may_approve
from ecs_medic.slack.credentials import Credentials
from ecs_medic.slack.errors import SlackRejected, SlackUnavailable


class Slack:
    def __init__(self) -> None:
        self.groups: dict[str, frozenset[str] | Exception] = {"S0ONCALL": frozenset({"U1"})}
        self.asked: list[str] = []

    def members(self, _token: str, group: str) -> frozenset[str]:
        self.asked.append(group)
        found = self.groups.get(group, SlackRejected("no_such_subteam"))
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Slack:
    made = Slack()
    monkeypatch.setattr(approvers, "members", made.members)
    return made


def groups(now: list[float] | None = None, token: str | None = "xoxb-1") -> Groups:
    return Groups(lambda: Credentials(bot_token=token), lambda: now[0] if now else 0.0)


def test_listed_people_may_and_nobody_is_asked(slack):
    assert may_approve("U2", ["U2", "S0ONCALL"], groups())
    assert slack.asked == []


def test_members_of_a_listed_group_may_and_others_may_not(slack):
    assert may_approve("U1", ["S0ONCALL"], groups())
    assert not may_approve("U2", ["S0ONCALL"], groups())


@pytest.mark.parametrize("listed", [[], [""], ["u1"], ["@carol"], ["S0 ONCALL"], ["*"]])
def test_what_is_no_id_lets_nobody_in(slack, listed):
    assert not may_approve("U1", listed, groups())
    assert slack.asked == []


def test_somebody_who_has_left_may_for_a_minute_at_most(slack):
    now = [0.0]
    known = groups(now)
    assert may_approve("U1", ["S0ONCALL"], known)
    slack.groups["S0ONCALL"] = frozenset()
    now[0] = KEPT_SECONDS + 1
    assert not may_approve("U1", ["S0ONCALL"], known)


@pytest.mark.parametrize("error", [SlackRejected("missing_scope"), SlackUnavailable("too many requests")])
def test_a_group_that_is_not_told_lets_nobody_in_and_is_asked_again(slack, error):
    known = groups()
    slack.groups["S0ONCALL"] = error
    for _ in range(2):
        with pytest.raises(GroupUnknown, match="S0ONCALL"):
            may_approve("U1", ["S0ONCALL"], known)
    assert slack.asked == ["S0ONCALL", "S0ONCALL"]


def test_one_yes_is_enough_whatever_another_group_says(slack):
    slack.groups["S0OTHER"] = SlackUnavailable("too many requests")
    assert may_approve("U1", ["S0OTHER", "S0ONCALL"], groups())


def test_without_a_bot_token_nobody_can_be_asked(slack):
    with pytest.raises(GroupUnknown, match="no bot token"):
        may_approve("U1", ["S0ONCALL"], groups(token=None))
