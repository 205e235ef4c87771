"""What an invocation must answer, and what the channel must then hold."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ecs_medic.catalogue.lookup import row
from ecs_medic.ledger.runs import RunRecord
from ecs_medic.run_state import RunState
from ecs_medic.vocabulary import Id
from sandbox.client import SLACK_BOT_TOKEN
from sandbox.gallery.scenario import Scenario
from tests.sam_local.invoke import Invocation

STATUS = {"alert": "diagnosed", "ignore": "ignored", "resolve": "resolved"}
KEYS = {"status", "incident_id", "action", "verdict", "posted", "remediation"}

_REPAIRED = '"state": "repaired"'

type Messages = Sequence[Mapping[str, Any]]


def shortcomings(scenario: Scenario, invocation: Invocation, messages: Messages) -> list[str]:
    """Where the answer or the messages that came to the channel differ from what this failure deserves."""
    answer, wrong = _answer(invocation)
    if answer is None:
        return wrong
    return [
        *wrong,
        *_different("status", answer.get("status"), STATUS[scenario.action]),
        *_different("action", answer.get("action"), scenario.action),
        *_different("remediation", answer.get("remediation"), "none"),
        *_different("posted", answer.get("posted"), scenario.action == "alert"),
        *_verdict(scenario, answer.get("verdict")),
        *(_alert(scenario, messages) if scenario.action == "alert" else _silence(messages)),
    ]


def shortcomings_of_rejection(
    reason: str, dead_letters: Callable[[], Sequence[str]], invocation: Invocation, messages: Messages
) -> list[str]:
    """Where an event that cannot be used was not rejected once, with its reason, and kept."""
    answer, wrong = _answer(invocation)
    if answer is None:
        return wrong
    letters = dead_letters()
    return [
        *wrong,
        *_different("status", answer.get("status"), "rejected"),
        *_different("posted", answer.get("posted"), False),
        *_different("dead letters", len(letters), 1),
        *(f"the dead letter does not give the reason {reason!r}" for letter in letters if reason not in letter),
        *_silence(messages),
        *([] if invocation.log.count('"rejected event"') == 1 else ["expected one line 'rejected event' in the log"]),
    ]


def shortcomings_of_repair(
    approver: str, after: RunRecord | None, invocation: Invocation, messages: Messages
) -> list[str]:
    """Where the run, its execution or the message differ from those of a repair that this person approved."""
    became = (after.state, after.decision, after.decided_by) if after else None
    titles = [message["text"] for message in messages]
    is_told = len(titles) == 1 and titles[0].startswith("\N{LARGE GREEN CIRCLE}")
    return [
        *_different("the exit code of sam", invocation.exit_code, 0),
        *_different("the run", became, (RunState.REPAIRED, "approved", approver)),
        *([] if _REPAIRED in invocation.answer else [f"the execution did not end so: {invocation.answer[-300:]!r}"]),
        *([] if is_told else [f"expected one green message, got {titles}"]),
        *_secrets(invocation),
    ]


def _answer(invocation: Invocation) -> tuple[Mapping[str, Any] | None, list[str]]:
    if invocation.exit_code:
        return None, [f"sam ended with {invocation.exit_code}"]
    try:
        answer = invocation.returned()
    except ValueError:
        return None, [f"the answer is no JSON: {invocation.answer[:200]!r}"]
    if not isinstance(answer, Mapping) or "errorMessage" in answer:
        return None, [f"the handler failed: {answer}"]
    wrong = _different("the answer's keys", sorted(answer), sorted(KEYS))
    return answer, [*wrong, *_secrets(invocation)]


def _secrets(invocation: Invocation) -> list[str]:
    return ["the Slack token is in the log"] if SLACK_BOT_TOKEN in invocation.log + invocation.answer else []


def _verdict(scenario: Scenario, verdict: object) -> Iterator[str]:
    if not isinstance(verdict, Mapping):
        yield f"no verdict: {verdict!r}"
        return
    yield from _different("cause", verdict.get("cause"), scenario.cause)
    # Where nothing is alerted nothing was read, so no more is promised than the event itself shows.
    if scenario.action == "alert":
        yield from _different("confidence", verdict.get("confidence"), scenario.confidence)


def _alert(scenario: Scenario, messages: Messages) -> Iterator[str]:
    alerts = [message for message in messages if message.get("thread_ts") in {None, message.get("ts")}]
    if len(alerts) != 1:
        yield f"expected one message in the channel, got {len(alerts)}"
        return
    [alert] = alerts
    details = [message for message in messages if message is not alert]
    if any(message["thread_ts"] != alert.get("ts") for message in details):
        yield "details are in another message's thread"
    said = " ".join(_texts(alert))
    cause = Id(scenario.cause)
    title = "cause unknown" if cause is Id.UNKNOWN else row(cause).title
    wanted = {"cluster": scenario.cluster, "service": scenario.service, "cause": title}
    for what, text in wanted.items():
        if text is not None and text not in said:
            yield f"the message does not name the {what} ({text})"
    if not alert["blocks"]:
        yield "the message has no blocks"


def _silence(messages: Messages) -> Iterator[str]:
    if messages:
        yield f"expected no message in the channel, got {len(messages)}: {messages[0]['text']!r}"


def _different(what: str, got: object, expected: object) -> list[str]:
    return [] if got == expected else [f"{what}: expected {expected!r}, got {got!r}"]


def _texts(value: object) -> Iterator[str]:
    """Every string in a message, with Slack's three entities resolved."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
