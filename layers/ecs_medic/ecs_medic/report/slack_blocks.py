"""The alert and its thread as Slack messages. All that is written in an alert is written here."""

import json
from collections.abc import Iterator

from ecs_medic.finding import Confidence
from ecs_medic.incident import Kind
from ecs_medic.report import console_links, plan_blocks, ways_out_words
from ecs_medic.report.blocks import Finished, Part, SlackMessage, message
from ecs_medic.report.model import Evidence, Finding, Incident, Report
from ecs_medic.report.mrkdwn import code, code_whole, fence, fence_whole, lines, link, more, prose, size
from ecs_medic.report.repair_blocks import MOST_PLAN, buttons, in_a_line, told
from ecs_medic.report.repair_words import is_of_an_earlier_failure, is_under_way, told_first
from ecs_medic.report.standing import Standing, State
from ecs_medic.report.standing_blocks import affected, counter, mute_button, proof
from ecs_medic.report.text import one_line, sentence, short_resource
from ecs_medic.report.times import moment
from ecs_medic.report.wording import (
    CONFIDENCE,
    PARTIAL,
    changed_by,
    documentation,
    headline,
    launch_type,
    new_evidence,
    title,
)
from ecs_medic.vocabulary import Id

__all__ = ["SlackMessage", "alert", "details"]

_SIGNS = {
    Confidence.CONFIRMED: "🔴",
    Confidence.LIKELY: "🟠",
    Confidence.POSSIBLE: "🟡",
    Confidence.UNKNOWN: "⚪",
}


def alert(report: Report, standing: Standing | None = None, *, threaded: bool = True) -> SlackMessage:
    """The message for the channel: what broke, where, why, the evidence, the fix, and what is not known.

    With `standing`, also how often and since when, which services, and whether it is over. Without a thread (an
    incoming webhook) it says itself what else would be in `details`: the least policy.
    """
    heading = f"{_sign(report, standing)} {_subject(report, standing)}: {headline(report)}"
    text = prose(f"{heading} ({_where_in_words(report.incident)})", 300)
    parts = _ALERT if threaded else _ALERT_WITHOUT_THREAD
    if standing is None:
        return message(report, heading, text, parts)
    return message(report, heading, text, _with_standing(standing, parts))


def _with_standing(standing: Standing, parts: tuple[Part, ...]) -> tuple[Part | Finished, ...]:
    where, why, *others = parts
    counted = Part(lambda _, most: counter(standing, most), 600)
    proven = Part(lambda _, most: proof(standing, most), 700)
    listed = Part(lambda _, most: affected(standing, most), 1800)
    repair = standing.repair
    if standing.state is State.MOVED:
        return where, counted
    if standing.state is State.RESOLVED:
        # What to do about it has been done; how it was is in the thread.
        repaired = (Part(lambda _, most: in_a_line(repair, most), 500),) if repair else ()
        return where, counted, proven, *repaired, why, listed, Part(_footer, 400, small=True)
    if repair is not None:
        others = [part for part in others if part.write not in _NOT_WITH_A_REPAIR[is_under_way(repair)]]
    mute = (Finished(mute_button(standing.button_value)),) if standing.button_value else ()
    return where, counted, proven, why, *_repair(standing), listed, *others, *mute


def _repair(standing: Standing) -> tuple[Part | Finished, ...]:
    repair = standing.repair
    if repair is None:
        return ()
    if is_of_an_earlier_failure(standing):
        return (Part(lambda _, most: in_a_line(repair, most), 500),)
    asked = buttons(repair)
    return (
        Part(lambda _, most: told(repair, most), MOST_PLAN),
        *((Finished(asked),) if asked else ()),
    )


_WORDS = {State.FAILED_AGAIN: " failed again", State.RESOLVED: " resolved", State.MOVED: " goes on elsewhere"}


def _subject(report: Report, standing: Standing | None) -> str:
    if standing is None:
        return _brief(report.incident.subject)
    several = len(standing.affected)
    subject = f"{several} services" if several > 1 else _brief(report.incident.subject)
    words = told_first(standing)
    return f"{subject}{words.subject if words and words.subject else _WORDS.get(standing.state, '')}"


def details(report: Report) -> SlackMessage:
    """The message for the thread: the way of each connection, the full evidence, everything else that was found."""
    heading = f"Evidence: {headline(report)}"
    text = prose(f"{heading} ({report.incident.id})", 300)
    return message(report, heading, text, _DETAILS)


def _sign(report: Report, standing: Standing | None) -> str:
    words = told_first(standing) if standing else None
    if words and words.sign:
        return words.sign
    if standing and standing.state is State.RESOLVED:
        return "🟢"
    if standing and standing.state is State.MOVED:
        return "↪️"
    if report.action == "ignore":
        return "ℹ️"
    return "🟢" if report.action == "resolve" else _SIGNS[report.verdict.confidence]


def _where_in_words(incident: Incident) -> str:
    cluster = f"cluster {incident.cluster}, " if incident.cluster else ""
    return f"{cluster}{incident.region}, {incident.account}"


def _brief(name: str) -> str:
    name = one_line(name)
    return name if len(name) <= 60 else f"{name[:59]}…"


def _where(report: Report, most: int) -> str:
    incident = report.incident
    places = []
    if incident.about:
        places.append(f"{'repository' if incident.kind is Kind.ECR_PUSH else 'call'} {code(incident.about, 100)}")
    if incident.cluster:
        places.append(f"cluster {_place(console_links.cluster_url(incident), incident.cluster)}")
    if incident.service:
        places.append(f"service {_place(console_links.service_url(incident), incident.service)}")
    if incident.task_definition:
        places.append(_place(console_links.task_definition_url(incident), incident.task_definition))
    if incident.task_id:
        places.append(f"task {_place(console_links.task_url(incident), incident.task_id)}")
    if incident.container:
        places.append(f"container {code(incident.container, 60)}")
    if incident.launch_type:
        places.append(prose(launch_type(incident.launch_type), 40))
    places += [code(incident.place, 40), f"account {code(incident.account, 40)}", moment(incident.occurred_at)]
    if report.severity:
        reason = f": {prose(report.severity_reason, 120)}" if report.severity_reason else ""
        places.insert(0, f"*{report.severity.capitalize()}*{reason}")
    return lines(places, most, separator=" · ")


def _place(url: str | None, name: str) -> str:
    """A link to the console, or the name alone where its link would take all the room."""
    linked = link(url, name) if url else ""
    return linked if linked and size(linked) <= 300 else code(name, 100)


def _why(report: Report, most: int) -> str:
    word, promise = CONFIDENCE[report.verdict.confidence]
    if report.action == "alert":
        heading, ending = "*Why*  ", f" _{word}: {promise}._"
    else:
        heading, ending = ("*Not a failure*  " if report.action == "ignore" else "*May be over*  "), ""
    return f"{heading}{prose(sentence(report.verdict.summary), most - size(heading + ending))}{ending}"


def _partial(report: Report, most: int) -> str:
    return prose(f"⏱ {PARTIAL}", most) if report.partial else ""


def _exec_answer(report: Report, most: int) -> str:
    """To the person whose session failed: who asked, which container takes a session, and what to type."""
    answer = report.exec_answer
    if answer is None and not report.incident.caller:
        return ""
    asker = code(report.incident.caller or "", 160) or "the caller"
    entries = [f"*Asked by* {asker}" if answer is None else f"*For {asker}*"]
    if answer is not None:
        asked = f" ({code(answer.asked_for, 80)} was asked for)" if answer.asked_for else ""
        ready = ", ".join(code(name, 80) for name in answer.containers[:8])
        entries.append(
            f"The agent runs in {ready}{asked}." if ready else f"No container's agent takes a session now{asked}."
        )
        if answer.command and report.verdict.cause in _STILL_WORKS:
            entries.append(_pasteable((answer.command,), most // 2))
        elif answer.command:
            entries.append(f"Once it is fixed:\n{_pasteable((answer.command,), most // 2)}")
    return lines(entries, most)


_STILL_WORKS = frozenset(
    {
        Id.EXEC_WRONG_TARGET,
        Id.EXEC_SHELL_MISSING,
        Id.EXEC_COMMAND_NOT_FOUND,
        Id.EXEC_NON_INTERACTIVE,
        Id.EXEC_AGENT_STOPPED,
        Id.EXEC_AGENT_PENDING,
        Id.EXEC_AGENT_INSTALL_BROKEN,
        Id.EXEC_CONTAINER_RESTARTED,
    }
)
"""Causes that another container, or another command line, gets around at once."""


def _aws_said(report: Report, most: int) -> str:
    if not report.incident.message:
        return ""
    block = fence(report.incident.message, most - size(_SAID) - 2)
    return f"{_SAID}\n{block}" if block else ""


_SAID = "*AWS said*"


def _evidence(report: Report, most: int) -> str:
    return _titled("*Evidence*", (_observation(one, report.incident) for one in new_evidence(report)), most)


def _observation(evidence: Evidence, incident: Incident, room: int = 420) -> str:
    resource = short_resource(evidence.resource, incident.account, incident.region)
    source, resource = code(evidence.source, 60), code(resource, 140)
    head = f"• {' '.join(part for part in (source, resource) if part)}"
    return f"{head}  {prose(evidence.observed, room - size(head) - 2)}".rstrip()


def _titled(heading: str, entries: Iterator[str], most: int) -> str:
    """A heading and as many lines under it as there is room for; nothing where there are none."""
    written = lines(entries, most - size(heading) - size("\n"))
    return f"{heading}\n{written}" if written else ""


def _fix(report: Report, most: int) -> str:
    fix = report.verdict.fix
    summary = f"*Fix*  {prose(sentence(fix.summary), 400)}" if one_line(fix.summary) else ""
    steps = (f"{number}. {prose(step, 260)}" for number, step in enumerate(fix.steps, 1) if one_line(step))
    return lines((entry for entry in (summary, *steps)), most)


def _commands(report: Report, most: int) -> str:
    answered = report.exec_answer.command if report.exec_answer else None
    return _pasteable(tuple(one for one in report.verdict.fix.cli if one != answered), most)


def _pasteable(commands: tuple[str, ...], most: int) -> str:
    note = f"{more(len(commands))}: `ecs-medic diagnose` prints all of them"
    block, missing = fence_whole(commands, most)
    if missing:
        block, missing = fence_whole(commands, most - size(note) - 2)
        rest = f"{more(missing)}: `ecs-medic diagnose` prints all of them"
        return "\n".join(part for part in (block, rest) if part)
    return block


def _policy(report: Report, most: int) -> str:
    policy = report.verdict.fix.policy
    if policy is None:
        return ""
    heading = "*Least policy*"
    room = most - size(heading) - 2
    for indent in (2, 1, None):
        block, missing = fence_whole([json.dumps(policy, indent=indent, ensure_ascii=False)], room)
        if not missing:
            return f"{heading}\n{block}"
    return f"{heading}  It is too long for Slack: `ecs-medic diagnose --json` prints it."


def _also_found(report: Report, most: int) -> str:
    return _titled("*Also found*", (_short(finding) for finding in report.findings[1:]), most)


def _short(finding: Finding) -> str:
    return f"• {prose(title(finding.cause), 150)} ({CONFIDENCE[finding.confidence][0].lower()})"


def _also_found_in_full(report: Report, most: int) -> str:
    return _titled("*Also found*", (_in_full(finding) for finding in report.findings[1:]), most)


def _in_full(finding: Finding) -> str:
    parts = (prose(sentence(finding.summary), 300), prose(sentence(finding.fix.summary), 250))
    return f"{_short(finding)}: {' '.join(part for part in parts if part)}"


def _ruled_out(report: Report, most: int) -> str:
    heading = "*Ruled out*  "
    causes = list(dict.fromkeys(title(out.cause) for out in report.ruled_out))
    written = lines((prose(cause, 150) for cause in causes), most - size(heading), separator=" · ")
    return f"{heading}{written}" if written else ""


def _ruled_out_in_full(report: Report, most: int) -> str:
    entries = (
        f"• {prose(title(out.cause), 150)}: {'; '.join(prose(one.observed, 200) for one in out.evidence[:3])}"
        if out.evidence
        else f"• {prose(title(out.cause), 150)}"
        for out in report.ruled_out
    )
    return _titled("*Ruled out*", entries, most)


def _not_checked(report: Report, most: int) -> str:
    entries = (
        f"• {prose(f'{gap.check}: {gap.reason}', 280)}"
        + (f" (missing permission {code(gap.missing_permission, 80)})" if gap.missing_permission else "")
        for gap in report.not_checked
    )
    return _titled("*Could not be checked*", entries, most)


def _changed(report: Report, most: int) -> str:
    entries = (
        f"• {prose(one.what, 160)} {code(one.resource, 120)}"
        + (f" {prose(when_and_who, 200)}" if (when_and_who := changed_by(one)) else "")
        for one in report.changes
    )
    return _titled("*What changed before*", entries, most)


def _repair_beforehand(report: Report, most: int) -> str:
    """Where nobody has decided anything: that there is a plan, or a patch, and where to read it."""
    plan = report.plan
    if report.action != "alert" or not (plan.changes or plan.patches):
        return ""
    if plan.changes:
        return f"*Possible repair*  {plan_blocks.total_of(plan.changes)}: the plan is in the thread."
    reason = prose(sentence(plan.reason_if_empty or ""), most - 60)
    return f"*For your code*  {reason} The patch is in the thread."


def _plan(report: Report, most: int) -> str:
    plan = report.plan
    if plan.changes:
        heading = f"*What a repair would change*  {plan_blocks.total_of(plan.changes)}."
        return f"{heading}\n{plan_blocks.changes(plan.changes, most - size(heading) - 2)}"
    if not plan.reason_if_empty or report.action != "alert":
        return ""
    heading = "*What a repair would change*  Nothing: "
    return f"{heading}{prose(sentence(plan.reason_if_empty), most - size(heading))}"


def _plan_without_thread(report: Report, most: int) -> str:
    """Where nothing is to be changed, that is only said where something is to be done instead."""
    return _plan(report, most) if report.plan.changes or report.plan.patches else ""


def _patches(report: Report, most: int) -> str:
    return plan_blocks.patches(report.plan.patches, most)


def _ways_out(report: Report, most: int) -> str:
    """The table first; then, of each way, what rules it out or what it takes, as far as there is room."""
    if not report.ways_out:
        return ""
    heading = "*Ways out, compared*"
    block, missing = fence_whole(["\n".join(ways_out_words.table(report.ways_out))], most - size(heading) - 2)
    if missing:
        return ""
    reasons = (
        f"• *{ways_out_words.NAMES[way.way]}*  {prose(ways_out_words.reason(way), 320)}" for way in report.ways_out
    )
    written = lines(reasons, most - size(heading) - size(block) - 4)
    return "\n".join(part for part in (heading, block, written) if part)


def _pictures(report: Report, most: int) -> str:
    if not report.pictures:
        return ""
    heading = "*Network paths*"
    drawings = ["\n".join((picture.title, *picture.lines)) + "\n" for picture in report.pictures]
    room = most - size(heading) - 2
    block, missing = fence_whole(drawings, room)
    if missing:
        block, missing = fence_whole(drawings, room - size(more(missing)) - 2)
    if not block:
        block, missing = fence(drawings[0], room - size(more(missing)) - 2), missing - 1
    return "\n".join(part for part in (heading, block, more(missing) if missing else "") if part)


def _log_tail(report: Report, most: int) -> str:
    """The newest lines last, as many as have room."""
    tail = report.log_tail
    if tail is None or not tail.lines:
        return ""
    heading = f"*Last log lines*  {code(tail.container, 80)} in {code(tail.log_group, 160)}"
    room = most - size(heading) - 2
    for first in range(len(tail.lines)):
        block, missing = fence_whole(tail.lines[first:], room)
        if block and not missing:
            return f"{heading}\n{block}"
    block = fence(tail.lines[-1], room)
    return f"{heading}\n{block}" if block else ""


def _links(report: Report, most: int) -> str:
    known = (identifier for identifier in (report.verdict.cause, report.incident.symptom))
    urls = list(dict.fromkeys(url for identifier in known for url in documentation(identifier)))
    return lines((link(url, url.rsplit("/", 1)[-1] or url) for url in urls), most, separator=" · ")


def _footer(report: Report, most: int) -> str:
    incident = report.incident
    entries = [code(incident.id, 40)]
    if incident.kind is Kind.EXEC_ERROR:
        entries.append("ECS Exec")
    if incident.task_arn:
        entries.append(code_whole(f"ecs-medic diagnose --task {incident.task_arn}", 300))
    elif incident.service and not incident.about:
        entries.append(code_whole(f"ecs-medic diagnose --cluster {incident.cluster} --service {incident.service}", 300))
    return lines(entries, most, separator=" · ")


_ALERT = (
    Part(_where, 1100),
    Part(_why, 750),
    Part(_partial, 200),
    Part(_exec_answer, 900),
    Part(_evidence, 1300),
    Part(_fix, 900),
    Part(_commands, 1700),
    Part(_repair_beforehand, 600),
    Part(_aws_said, 450),
    Part(_also_found, 450),
    Part(_not_checked, 600),
    Part(_ruled_out, 400),
    Part(_footer, 400, small=True),
)
_ALERT_WITHOUT_THREAD = (
    Part(_where, 1100),
    Part(_why, 750),
    Part(_partial, 200),
    Part(_exec_answer, 800),
    Part(_evidence, 1000),
    Part(_fix, 800),
    Part(_commands, 1500),
    Part(_plan_without_thread, 1500),
    Part(_ways_out, 1100),
    Part(_patches, 1500),
    Part(_log_tail, 900),
    Part(_policy, 1100),
    Part(_also_found, 450),
    Part(_not_checked, 600),
    Part(_ruled_out, 400),
    Part(_footer, 400, small=True),
)
_DETAILS = (
    Part(_plan, 2400),
    Part(_patches, 2400),
    Part(_ways_out, 2400),
    Part(_pictures, 2800),
    Part(_log_tail, 2400),
    Part(_aws_said, 1200),
    Part(_evidence, 2600),
    Part(_changed, 1200),
    Part(_also_found_in_full, 1500),
    Part(_policy, 1800),
    Part(_ruled_out_in_full, 2000),
    Part(_not_checked, 1500),
    Part(_links, 600, small=True),
)
_BEFOREHAND = frozenset({_repair_beforehand, _plan_without_thread, _patches})
_BY_HAND = frozenset({_fix, _commands})
_NOT_WITH_A_REPAIR = {True: _BEFOREHAND | _BY_HAND, False: _BEFOREHAND}
"""What is left out of a message that tells of a repair: while one is under way, what a person would do as well."""
