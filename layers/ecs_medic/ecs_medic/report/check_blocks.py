"""What a check has found as a Slack message: one for each trouble, before anything has failed by it."""

from datetime import datetime

from ecs_medic.finding import Confidence
from ecs_medic.report.blocks import Part, SlackMessage, message
from ecs_medic.report.check_model import Check, Trouble
from ecs_medic.report.check_words import hit_by
from ecs_medic.report.mrkdwn import code, code_whole, fence_whole, lines, link, prose, size
from ecs_medic.report.text import one_line, sentence, short_resource
from ecs_medic.report.times import moment
from ecs_medic.report.wording import CONFIDENCE, documentation, title


def heading_of(trouble: Trouble) -> str:
    """What it is about, in one line."""
    first = trouble.services[0].service if trouble.services else trouble.subject
    more = len({one.service for one in trouble.services}) - 1
    who = f"{first} and {more} more" if more > 0 else first
    return f"{one_line(who)}: {one_line(title(trouble.cause))}"


def trouble_message(check: Check, trouble: Trouble) -> SlackMessage:
    """The message for the channel: what would break, why, the evidence, and the fix."""
    silent = any(one.desired and not one.running for one in trouble.services)
    sign = "🔴" if silent else "🟠" if trouble.confidence is Confidence.CONFIRMED else "🟡"
    heading = f"{sign} Found beforehand: {heading_of(trouble)}"
    text = prose(f"{heading} (cluster {check.cluster}, {check.region}, {check.account})", 300)
    return message((check, trouble), heading, text, _PARTS)


def gone_message(words: str, at: datetime) -> SlackMessage:
    """The same message once the trouble is found no more; `words` is its heading."""
    heading = f"🟢 No longer found: {one_line(words)}"
    text = prose(heading, 300)
    part: Part[str] = Part(prose, 200)
    return message(f"The check of {at:%Y-%m-%d %H:%M} UTC does not find it any more.", heading, text, (part,))


type _Told = tuple[Check, Trouble]


def _where(told: _Told, most: int) -> str:
    check, _ = told
    places = (f"cluster {code(check.cluster, 120)}", code(check.region, 40), f"account {code(check.account, 40)}")
    return lines((*places, moment(check.checked_at)), most, separator=" · ")


def _affected(told: _Told, most: int) -> str:
    _, trouble = told
    entries = []
    for what, words in (("start", "the start of"), ("exec", "ECS Exec into")):
        some = ", ".join(prose(hit_by(one), 160) for one in trouble.services if one.breaks == what)
        if some:
            entries.append(f"*Would break {words}*  {some}")
    return "\n".join(entry if size(entry) <= most // 2 else f"{entry[: most // 4]}…" for entry in entries)


def _why(told: _Told, most: int) -> str:
    word, promise = CONFIDENCE[told[1].confidence]
    ending = f" _{word}: {promise}. Nothing has failed by it yet, as far as is known._"
    return f"*Why*  {prose(sentence(told[1].summary), most - size(ending) - 7)}{ending}"


def _evidence(told: _Told, most: int) -> str:
    check, trouble = told
    entries = (
        f"• {code(one.source, 60)} {code(short_resource(one.resource, check.account, check.region), 140)}  "
        f"{prose(one.observed, 200)}"
        for one in trouble.evidence
    )
    written = lines(entries, most - 12)
    return f"*Evidence*\n{written}" if written else ""


def _fix(told: _Told, most: int) -> str:
    fix = told[1].fix
    summary = f"*Fix*  {prose(sentence(fix.summary), min(400, most - 8))}" if one_line(fix.summary) else ""
    block, _ = fence_whole(fix.cli, most - size(summary) - 2)
    return "\n".join(part for part in (summary, block) if part)


def _footer(told: _Told, most: int) -> str:
    check, trouble = told
    entries = [code_whole(f"ecs-medic check --cluster {check.cluster}", 300)]
    entries += [link(url, url.rsplit("/", 1)[-1] or url) for url in documentation(trouble.cause)[:2]]
    return lines(entries, most, separator=" · ")


_PARTS: tuple[Part[_Told], ...] = (
    Part(_where, 500),
    Part(_affected, 1400),
    Part(_why, 750),
    Part(_evidence, 1300),
    Part(_fix, 2400),
    Part(_footer, 600, small=True),
)
