"""A plan, its patches, and what became of it, for a person at a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from ecs_medic.report.change_words import SAFETY, cost, first_with, how, total, what
from ecs_medic.report.layout import BODY, bullet, hanging, heading, indented, verbatim
from ecs_medic.report.model import Change, Patch, Plan, Receipt, ReceiptStep, Repair, Report
from ecs_medic.report.repair_words import STAGES, STANDS, STATES, resources, standing_steps
from ecs_medic.report.take_away import commands
from ecs_medic.report.text import one_line, plain, sentence
from ecs_medic.run_state import RunState

_STYLES = {"✓": "green", "=": "dim", "✗": "bold red", "?": "yellow", "!": "yellow", "↩": "cyan"}
_BADGES = {
    RunState.REPAIRED: "bold white on green",
    RunState.FAILED: "bold white on red",
    RunState.STOPPED: "bold white on red",
}
_CALM = "bold black on yellow"
_WRITTEN = STANDS | {"undone"}
_GOOD = frozenset({RunState.REPAIRED, RunState.HELPED})


def plan(report: Report, console: Console) -> None:
    """What a repair would change, or why nothing; patches follow."""
    given = report.plan
    if given.changes:
        heading(console, "What a repair would change" if report.repair is None else "The plan")
        for index in range(len(given.changes)):
            _change(index, given.changes, console)
        _total(given, console)
    elif given.reason_if_empty and report.action == "alert":
        heading(console, "What a repair would change")
        indented(console, Text(f"Nothing: {sentence(given.reason_if_empty)}"))
    for patch in given.patches:
        _patch(patch, console)


def repair(report: Report, console: Console) -> None:
    """How it ended, write by write, what is left of it, and how that is taken away by hand."""
    done = report.repair
    if done is None:
        return
    words = STATES[done.state]
    heading(console, f"The repair, {one_line(done.run_id)}")
    name = words.name.upper()
    badge = Text(f" {name} ", style=_BADGES.get(done.state, _CALM)) if console.color_system else Text(f"{name}:")
    said = Text(sentence(done.words or words.meaning))
    hanging(console, Text(), Text.assemble(badge, " ", said))
    for receipt in done.receipts:
        _receipt(receipt, console)
    _remains(done, report.incident.region, console)


def _change(index: int, planned: Sequence[Change], console: Console) -> None:
    """What was said of an earlier change in the same words is not said again."""
    change = planned[index]
    bullet(console, f"{index + 1}.", Text(what(change.action, change.params), style="bold"))
    rows = (
        ("How", _said([how(one.action, one.params) for one in planned], index)),
        ("Costs", f"{cost(change.action, change.monthly_cost_usd)}; {SAFETY[change.safety]}"),
        ("Affects", sentence(change.blast_radius)),
        ("Undo", _said([one.undo for one in planned], index)),
    )
    for label, text in rows:
        if text:
            hanging(console, Text(f"{label:<8} ", style="dim"), Text(one_line(text)), by=BODY + 1)


def _said(texts: Sequence[str | None], index: int) -> str | None:
    before = first_with(texts, index)
    return texts[index] if before is None else f"As for {before + 1}."


def _total(given: Plan, console: Console) -> None:
    console.print()
    words = total([change.monthly_cost_usd for change in given.changes])
    indented(console, Text.assemble((f"{words}.", "bold"), " What does not help is taken back."))


def _patch(patch: Patch, console: Console) -> None:
    for language, source in (("CloudFormation", patch.cloudformation), ("Terraform", patch.terraform)):
        heading(console, f"{one_line(patch.title)}, as {language}")
        verbatim(console, plain(source).strip("\n"), "green")


def _receipt(receipt: Receipt, console: Console) -> None:
    console.print()
    indented(console, Text(what(receipt.change.action, receipt.change.params), style="bold"))
    if not receipt.steps:
        indented(console, Text("No write was needed.", style="dim"), by=BODY)
    for step in receipt.steps:
        _step(step, console)


def _step(step: ReceiptStep, console: Console) -> None:
    sign, meaning = STAGES.get(step.stage, ("?", one_line(step.stage)))
    line = Text.assemble((one_line(step.call), "cyan"), "  ", one_line(resources(step)), "  ", (meaning, _STYLES[sign]))
    if step.words:
        line.append(f": {one_line(step.words)}")
    if step.missing_permission:
        line.append(f" (missing permission {one_line(step.missing_permission)})")
    hanging(console, Text(f"{sign} ", style=_STYLES[sign]), line, by=BODY)


def _remains(done: Repair, region: str, console: Console) -> None:
    """What is there that was not there before. After a success that is the repair itself."""
    left = tuple(standing_steps(done.receipts))
    if not left:
        if done.state not in _GOOD:
            console.print()
            indented(console, Text("Nothing is left behind." if _wrote(done) else "Nothing was changed."))
        return
    heading(console, "What stays" if done.state in _GOOD else "Left behind")
    for step in left:
        meaning = STAGES[step.stage][1]
        bullet(console, "•", Text.assemble((one_line(resources(step)), "bold"), f"  {one_line(step.call)}, {meaning}"))
    if by_hand := commands(done.receipts, region):
        heading(console, "To take it away by hand")
        for command in by_hand:
            verbatim(console, plain(command), "green")


def _wrote(done: Repair) -> bool:
    return any(step.stage in _WRITTEN for receipt in done.receipts for step in receipt.steps)
