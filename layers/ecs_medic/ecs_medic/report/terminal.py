"""The report for a person at a terminal.

It reads at 80 columns and without colour. Commands and policies are never wrapped, so that they can be copied. Nothing
from a message is taken for markup, and nothing in it moves the cursor.
"""

import json

from rich.console import Console
from rich.text import Text

from ecs_medic.finding import Confidence
from ecs_medic.incident import Kind
from ecs_medic.report import ways_out_words
from ecs_medic.report.layout import BODY, bullet, heading, indented, labelled, paragraph, section, verbatim
from ecs_medic.report.model import Changed, Evidence, Finding, Incident, PathPicture, Report, RuledOut
from ecs_medic.report.terminal_repair import plan, repair
from ecs_medic.report.text import one_line, plain, sentence, short_resource
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

BADGES = {
    Confidence.CONFIRMED: "bold white on red",
    Confidence.LIKELY: "bold black on yellow",
    Confidence.POSSIBLE: "bold black on cyan",
    Confidence.UNKNOWN: "bold black on white",
}
_CALM = "bold white on blue"
_WAY_SIGNS = {True: "✓", False: "✗", None: "?"}
_HOP_STYLES = {"✓": "green", "✗": "bold red", "?": "yellow", "·": "dim"}


def render(report: Report, console: Console) -> None:
    """Prints the report to `console`."""
    verdict = report.verdict
    _headline(report, console)
    paragraph(console, Text(sentence(verdict.summary)))
    if report.action == "alert":
        paragraph(console, Text(f"{CONFIDENCE[verdict.confidence][1].capitalize()}.", style="dim"))
    if report.partial:
        paragraph(console, Text(PARTIAL, style="yellow"))
    _said(report.incident, console)
    section(console, "Evidence", new_evidence(report), lambda one, to: _evidence(one, report.incident, to))
    _log_tail(report, console)
    _fix(verdict, console)
    _ways_out(report, console)
    section(console, "Network paths", report.pictures, _picture)
    section(console, "What changed before", report.changes, _changed)
    section(console, "Also found", report.findings[1:], _other)
    _not_checked(report, console)
    section(console, "Ruled out", report.ruled_out, lambda out, to: _ruled_out(out, report.incident, to))
    plan(report, console)
    repair(report, console)
    _links(report, console)


def _headline(report: Report, console: Console) -> None:
    verdict = report.verdict
    if report.action == "alert":
        word, style = CONFIDENCE[verdict.confidence][0], BADGES[verdict.confidence]
    else:
        word, style = ("Not a failure" if report.action == "ignore" else "May be over"), _CALM
    badge = f" {word.upper()} " if console.color_system else f"{word.upper()}:"
    console.print()
    indented(console, Text.assemble((badge, style), " ", (headline(report), "bold")))
    console.print()
    for label, value in _where(report.incident):
        if value:
            labelled(console, label, value)
    labelled(console, "Incident", f"{report.incident.id}, {verdict.cause}")


def _where(incident: Incident) -> tuple[tuple[str, str | None], ...]:
    what = (incident.service, incident.task_definition, launch_type(incident.launch_type or ""))
    where = f"{incident.place}, account {incident.account}"
    return (
        ("Repository" if incident.kind is Kind.ECR_PUSH else "Call", incident.about),
        ("Service" if incident.service else "Task family", ", ".join(part for part in what if part)),
        ("Cluster", f"{incident.cluster}, {where}") if incident.cluster else ("Region", where),
        ("Task", incident.task_id),
        ("Container", incident.container),
        ("Called by", incident.caller),
        ("When", incident.occurred_at.strftime("%Y-%m-%d %H:%M:%S UTC")),
    )


def _said(incident: Incident, console: Console) -> None:
    if incident.message:
        heading(console, "AWS said")
        indented(console, Text(plain(incident.message), style="italic"))


def _evidence(evidence: Evidence, incident: Incident, console: Console) -> None:
    resource = short_resource(one_line(evidence.resource), incident.account, incident.region)
    bullet(console, "•", Text.assemble((one_line(evidence.source), "cyan"), "  ", (resource, "bold")))
    indented(console, Text(plain(evidence.observed)), by=BODY)


def _log_tail(report: Report, console: Console) -> None:
    tail = report.log_tail
    if tail is None or not tail.lines:
        return
    heading(console, f"Last log lines of {one_line(tail.container)}")
    for line in tail.lines:
        verbatim(console, plain(line), "dim")


def _fix(verdict: Finding, console: Console) -> None:
    fix = verdict.fix
    if not (fix.summary or fix.steps or fix.cli or fix.policy):
        return
    heading(console, "Fix")
    if fix.summary:
        indented(console, Text(sentence(fix.summary)))
    for number, step in enumerate(fix.steps, 1):
        bullet(console, f"{number}.", Text(one_line(step)))
    if fix.cli:
        console.print()
        for command in fix.cli:
            verbatim(console, plain(command), "green")
    if fix.policy is not None:
        heading(console, "Least policy")
        verbatim(console, json.dumps(fix.policy, indent=2, ensure_ascii=False), "green")


def _ways_out(report: Report, console: Console) -> None:
    if not report.ways_out:
        return
    heading(console, "Ways out, compared")
    for index, line in enumerate(ways_out_words.table(report.ways_out)):
        verbatim(console, line, "" if index else "bold")
    for way in report.ways_out:
        name = ways_out_words.NAMES[way.way]
        bullet(console, _WAY_SIGNS[way.applies], Text.assemble((name, "bold"), f": {ways_out_words.reason(way)}"))


def _picture(picture: PathPicture, console: Console) -> None:
    for index, line in enumerate((picture.title, *picture.lines)):
        sign = next((character for character in line if character in _HOP_STYLES), "")
        verbatim(console, plain(line), _HOP_STYLES.get(sign, "") if index else f"bold {_HOP_STYLES.get(sign, '')}")


def _changed(changed: Changed, console: Console) -> None:
    bullet(console, "•", Text.assemble((one_line(changed.what), "bold"), "  ", one_line(changed.resource)))
    if when_and_who := changed_by(changed):
        indented(console, Text(when_and_who, style="dim"), by=BODY)


def _other(finding: Finding, console: Console) -> None:
    confidence = CONFIDENCE[finding.confidence][0].lower()
    bullet(console, "•", Text.assemble((one_line(title(finding.cause)), "bold"), f" ({confidence})"))
    text = " ".join(sentence(part) for part in (finding.summary, finding.fix.summary) if part)
    indented(console, Text(text), by=BODY)


def _not_checked(report: Report, console: Console) -> None:
    if not report.not_checked:
        return
    heading(console, "Could not be checked")
    for gap in report.not_checked:
        text = Text.assemble((one_line(gap.check), "bold"), f": {one_line(gap.reason)}")
        bullet(console, "?", text)
        if gap.missing_permission:
            indented(console, Text.assemble("missing permission ", (gap.missing_permission, "yellow")), by=BODY)


def _ruled_out(out: RuledOut, incident: Incident, console: Console) -> None:
    bullet(console, "✓", Text(one_line(title(out.cause))))
    # A dozen causes with a dozen observations each would bury the verdict: all of them are in the JSON.
    for one in out.evidence[:1]:
        resource = short_resource(one_line(one.resource), incident.account, incident.region)
        text = f"{resource}: {one_line(one.observed)}" if resource else one_line(one.observed)
        more = f" (and {len(out.evidence) - 1} more)" if len(out.evidence) > 1 else ""
        indented(console, Text(text + more, style="dim"), by=BODY)


def _links(report: Report, console: Console) -> None:
    urls = documentation(report.verdict.cause)
    if urls:
        heading(console, "Documentation")
        for url in urls:
            verbatim(console, url, "dim")
    console.print()
