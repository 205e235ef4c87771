"""The report for a person at a terminal.

It reads at 80 columns and without colour. Commands and policies are never wrapped, so that they can be copied. Nothing
from a message is taken for markup, and nothing in it moves the cursor.
"""

import json
from collections.abc import Callable, Iterable

from rich.console import Console
from rich.text import Text

from ecs_medic.finding import Confidence
from ecs_medic.report.model import Change, Changed, Evidence, Finding, Incident, PathPicture, Report, RuledOut
from ecs_medic.report.text import one_line, plain, sentence, short_resource
from ecs_medic.report.wording import (
    CHANGES,
    CONFIDENCE,
    changed_by,
    documentation,
    headline,
    launch_type,
    new_evidence,
    title,
)

_BADGES = {
    Confidence.CONFIRMED: "bold white on red",
    Confidence.LIKELY: "bold black on yellow",
    Confidence.POSSIBLE: "bold black on cyan",
    Confidence.UNKNOWN: "bold black on white",
}
_CALM = "bold white on blue"
_HOP_STYLES = {"✓": "green", "✗": "bold red", "?": "yellow", "·": "dim"}
_INDENT = 2
_BODY = 4
_NARROWEST = 20

type _Writer[T] = Callable[[T, Console], None]


def render(report: Report, console: Console) -> None:
    """Prints the report to `console`."""
    verdict = report.verdict
    _headline(report, console)
    _paragraph(console, Text(sentence(verdict.summary)))
    if report.action == "alert":
        _paragraph(console, Text(f"{CONFIDENCE[verdict.confidence][1].capitalize()}.", style="dim"))
    _said(report.incident, console)
    _section(console, "Evidence", new_evidence(report), lambda one, to: _evidence(one, report.incident, to))
    _log_tail(report, console)
    _fix(verdict, console)
    _section(console, "Network paths", report.pictures, _picture)
    _section(console, "What changed before", report.changes, _changed)
    _section(console, "Also found", report.findings[1:], _other)
    _not_checked(report, console)
    _section(console, "Ruled out", report.ruled_out, lambda out, to: _ruled_out(out, report.incident, to))
    _plan(report, console)
    _links(report, console)


def _headline(report: Report, console: Console) -> None:
    verdict = report.verdict
    if report.action == "alert":
        word, style = CONFIDENCE[verdict.confidence][0], _BADGES[verdict.confidence]
    else:
        word, style = ("Not a failure" if report.action == "ignore" else "May be over"), _CALM
    badge = f" {word.upper()} " if console.color_system else f"{word.upper()}:"
    console.print()
    _indented(console, Text.assemble((badge, style), " ", (headline(report), "bold")))
    console.print()
    for label, value in _where(report.incident):
        if value:
            _labelled(console, label, value)
    _labelled(console, "Incident", f"{report.incident.id}, {verdict.cause}")


def _where(incident: Incident) -> tuple[tuple[str, str | None], ...]:
    what = (incident.service, incident.task_definition, launch_type(incident.launch_type or ""))
    return (
        ("Service" if incident.service else "Task family", ", ".join(part for part in what if part)),
        ("Cluster", f"{incident.cluster}, {incident.region}, account {incident.account}"),
        ("Task", incident.task_id),
        ("Called by", incident.caller),
        ("When", incident.occurred_at.strftime("%Y-%m-%d %H:%M:%S UTC")),
    )


def _labelled(console: Console, label: str, value: str) -> None:
    _hanging(console, Text(f"{label:<11} ", style="dim"), Text(one_line(value)))


def _said(incident: Incident, console: Console) -> None:
    if incident.message:
        _heading(console, "AWS said")
        _indented(console, Text(plain(incident.message), style="italic"))


def _evidence(evidence: Evidence, incident: Incident, console: Console) -> None:
    resource = short_resource(one_line(evidence.resource), incident.account, incident.region)
    _bullet(console, "•", Text.assemble((one_line(evidence.source), "cyan"), "  ", (resource, "bold")))
    _indented(console, Text(plain(evidence.observed)), by=_BODY)


def _log_tail(report: Report, console: Console) -> None:
    tail = report.log_tail
    if tail is None or not tail.lines:
        return
    _heading(console, f"Last log lines of {one_line(tail.container)}")
    for line in tail.lines:
        _verbatim(console, plain(line), "dim")


def _fix(verdict: Finding, console: Console) -> None:
    fix = verdict.fix
    if not (fix.summary or fix.steps or fix.cli or fix.policy):
        return
    _heading(console, "Fix")
    if fix.summary:
        _indented(console, Text(sentence(fix.summary)))
    for number, step in enumerate(fix.steps, 1):
        _bullet(console, f"{number}.", Text(one_line(step)))
    if fix.cli:
        console.print()
        for command in fix.cli:
            _verbatim(console, plain(command), "green")
    if fix.policy is not None:
        _heading(console, "Least policy")
        _verbatim(console, json.dumps(fix.policy, indent=2, ensure_ascii=False), "green")


def _picture(picture: PathPicture, console: Console) -> None:
    for index, line in enumerate((picture.title, *picture.lines)):
        sign = next((character for character in line if character in _HOP_STYLES), "")
        _verbatim(console, plain(line), _HOP_STYLES.get(sign, "") if index else f"bold {_HOP_STYLES.get(sign, '')}")


def _changed(changed: Changed, console: Console) -> None:
    _bullet(console, "•", Text.assemble((one_line(changed.what), "bold"), "  ", one_line(changed.resource)))
    if when_and_who := changed_by(changed):
        _indented(console, Text(when_and_who, style="dim"), by=_BODY)


def _other(finding: Finding, console: Console) -> None:
    confidence = CONFIDENCE[finding.confidence][0].lower()
    _bullet(console, "•", Text.assemble((one_line(title(finding.cause)), "bold"), f" ({confidence})"))
    text = " ".join(sentence(part) for part in (finding.summary, finding.fix.summary) if part)
    _indented(console, Text(text), by=_BODY)


def _not_checked(report: Report, console: Console) -> None:
    if not report.not_checked:
        return
    _heading(console, "Could not be checked")
    for gap in report.not_checked:
        text = Text.assemble((one_line(gap.check), "bold"), f": {one_line(gap.reason)}")
        _bullet(console, "?", text)
        if gap.missing_permission:
            _indented(console, Text.assemble("missing permission ", (gap.missing_permission, "yellow")), by=_BODY)


def _ruled_out(out: RuledOut, incident: Incident, console: Console) -> None:
    _bullet(console, "✓", Text(one_line(title(out.cause))))
    # A dozen causes with a dozen observations each would bury the verdict: all of them are in the JSON.
    for one in out.evidence[:1]:
        resource = short_resource(one_line(one.resource), incident.account, incident.region)
        text = f"{resource}: {one_line(one.observed)}" if resource else one_line(one.observed)
        more = f" (and {len(out.evidence) - 1} more)" if len(out.evidence) > 1 else ""
        _indented(console, Text(text + more, style="dim"), by=_BODY)


def _plan(report: Report, console: Console) -> None:
    plan = report.plan
    if plan.changes:
        _section(console, "What a repair would change", plan.changes, _change)
    elif plan.reason_if_empty and report.action == "alert":
        _heading(console, "What a repair would change")
        _indented(console, Text(f"Nothing: {sentence(plan.reason_if_empty)}"))


def _change(change: Change, console: Console) -> None:
    cost = "" if not change.monthly_cost_usd else f", about ${change.monthly_cost_usd:,.2f} a month"
    asks = "may run unattended" if change.safety == "auto" else "only when approved"
    _bullet(console, "•", Text.assemble((CHANGES[change.action], "bold"), f" ({asks}{cost})"))
    _indented(console, Text(sentence(change.blast_radius)), by=_BODY)


def _links(report: Report, console: Console) -> None:
    urls = documentation(report.verdict.cause)
    if urls:
        _heading(console, "Documentation")
        for url in urls:
            _verbatim(console, url, "dim")
    console.print()


def _section[T](console: Console, heading: str, entries: Iterable[T], write: _Writer[T]) -> None:
    entries = tuple(entries)
    if entries:
        _heading(console, heading)
        for entry in entries:
            write(entry, console)


def _heading(console: Console, text: str) -> None:
    console.print()
    _indented(console, Text(text, style="bold underline"))


def _paragraph(console: Console, text: Text) -> None:
    console.print()
    _indented(console, text)


def _indented(console: Console, text: Text, *, by: int = _INDENT) -> None:
    _hanging(console, Text(), text, by=by)


def _bullet(console: Console, sign: str, text: Text) -> None:
    _hanging(console, Text(f"{sign} "), text)


def _hanging(console: Console, sign: Text, text: Text, *, by: int = _INDENT) -> None:
    """A sign, and text that is wrapped beside it."""
    edge = by + sign.cell_len
    wrapped = text.wrap(console, max(_NARROWEST, console.width - edge), overflow="fold")
    for line in wrapped:
        line.rstrip()
    block = Text("\n" + " " * edge).join(wrapped)
    console.print(Text.assemble(" " * by, sign).append_text(block), soft_wrap=True, highlight=False)


def _verbatim(console: Console, text: str, style: str) -> None:
    """Lines exactly as they are, however long: the terminal may wrap them, this does not."""
    for line in text.splitlines() or [""]:
        console.print(Text(f"  {line}", style=style), soft_wrap=True, highlight=False)
