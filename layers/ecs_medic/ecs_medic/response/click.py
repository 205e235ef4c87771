"""A click in Slack: verified, taken once, done, and answered to the person who clicked. Slack waits three seconds."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ecs_medic.ledger import replays
from ecs_medic.ledger.rhythm import epoch_ms
from ecs_medic.report.blocks import SlackMessage
from ecs_medic.report.repair_blocks import APPROVE_ACTION, DENY_ACTION
from ecs_medic.report.standing_blocks import MUTE_ACTION
from ecs_medic.response.click_request import ClickRequest, RefusedRequest, click_request
from ecs_medic.response.decide import approve, deny
from ecs_medic.response.desk import Desk
from ecs_medic.response.mute import mute
from ecs_medic.slack.credentials import Credentials
from ecs_medic.slack.deadline import within
from ecs_medic.slack.deliver import respond
from ecs_medic.slack.errors import SlackError
from ecs_medic.slack.interaction import BadInteraction, Click, parse
from ecs_medic.slack.signature import SIGNATURE, BadSignature, verify

ANSWER_SECONDS = 1.5
"""For telling the person at the most; whether that arrives or not, what was clicked is done."""
ALL_SECONDS = 2.6
"""For everything, whatever had to be asked before."""
LEAST_SECONDS = 0.3

type Action = Callable[[Click, Desk], str]
"""Does what was clicked and returns what to tell who clicked; raises RefusedRequest where it cannot be done."""

ACTIONS: Mapping[str, Action] = {MUTE_ACTION: mute, APPROVE_ACTION: approve, DENY_ACTION: deny}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer without a body: Slack shows the person a warning for anything but 200."""

    status: int
    action: str | None = None
    user: str | None = None


def answer(event: object, desk: Desk) -> Answer:
    """Take a request to the public address. Whatever is refused is logged, and changes nothing.

    Raises:
        LedgerError: the ledger cannot be used; nothing was done.
        SlackCredentialsError: the secret cannot be used.
        SlackUnavailable: it cannot be read now.
    """
    started, click = time.monotonic(), None
    try:
        click = _click(click_request(event), desk)
        words = _action(click)(click, desk)
    except RefusedRequest as refused:
        desk.log.warning("refused a request", extra={"status": refused.status, "reason": refused.reason})
        if click is not None and refused.answer is not None:
            _tell(click, refused.answer, desk, started)
        return Answer(refused.status)
    desk.log.info("clicked", extra={"action": click.action_id, "user": click.user_id, "value": click.value})
    _tell(click, words, desk, started)
    return Answer(200, click.action_id, click.user_id)


def _action(click: Click) -> Action:
    action = ACTIONS.get(click.action_id)
    if action is None:
        raise RefusedRequest(404, "actions[0].action_id: not one of ours")
    return action


def _click(request: ClickRequest, desk: Desk) -> Click:
    _verify(request, desk)
    if not replays.take(desk.table, request.headers[SIGNATURE.lower()], owner=desk.owner, now=epoch_ms(desk.now())):
        raise RefusedRequest(409, "the request was taken before")
    try:
        return parse(request.body)
    except BadInteraction as bad:
        raise RefusedRequest(400, str(bad)) from None


def _verify(request: ClickRequest, desk: Desk) -> None:
    try:
        _verify_with(desk.credentials(), request, desk.now())
    except BadSignature as bad:
        # The signing secret may have been renewed since this execution environment read it.
        if bad.reason.startswith(SIGNATURE) and desk.renewed():
            try:
                _verify_with(desk.credentials(), request, desk.now())
            except BadSignature:
                pass
            else:
                return
        raise RefusedRequest(401, bad.reason) from None


def _verify_with(credentials: Credentials | None, request: ClickRequest, now: datetime) -> None:
    secret = credentials.signing_secret if credentials else None
    verify(request.headers, request.body, secret or "", now)


def _tell(click: Click, words: str, desk: Desk, started: float) -> None:
    url = click.response_url
    if url is None:
        return
    left = max(min(ANSWER_SECONDS, ALL_SECONDS - (time.monotonic() - started)), LEAST_SECONDS)
    try:
        within(left, lambda: respond(url, SlackMessage(words, [])))
    except (SlackError, TimeoutError) as error:
        desk.log.warning("who clicked was not told", extra={"reason": str(error)})
