"""The readable answer of `ecs-medic doctor` on a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from ecs_medic.doctor.check import Check, Status
from ecs_medic.doctor.examination import Examination
from ecs_medic.report.text import one_line, sentence

_SECTIONS = (
    ("This machine", ("task_metadata", "region", "credentials", "trust", "clock", "proxy")),
    ("What it reaches", ("network", "endpoint")),
    ("Tools", ("session_manager_plugin", "docker_login")),
)
_NAMES = {
    "task_metadata": "task metadata",
    "session_manager_plugin": "Session Manager plugin",
    "docker_login": "docker login",
}
_SIGNS = {
    Status.OK: ("✓", "green"),
    Status.BROKEN: ("✗", "bold red"),
    Status.UNKNOWN: ("?", "yellow"),
}
_ADVICE = ("!", "yellow")
_NARROWEST = 20


def print_examination(found: Examination, console: Console) -> None:
    """Everything that was checked, section by section, and what is to be done where it does not work.

    What came from elsewhere is shown as plain text: neither markup nor control characters in it take effect.
    """
    where = [f"From {found.place.spoken}", found.region or "no Region"]
    if found.account:
        where.append(f"account {found.account}")
    console.print(Text(one_line(", ".join(where)), style="bold"))
    for heading, names in _SECTIONS:
        checks = [check for check in found.checks if check.name in names]
        if checks:
            console.print()
            console.print(Text(heading, style="bold underline"))
            _print_checks(checks, console)
    if found.skipped:
        console.print()
        for one in found.skipped:
            text = f"{_NAMES.get(one.name, one.name)}, not checked: {sentence(one.reason)}"
            _hanging(console, 2, Text("·", style="dim"), Text(text, style="dim"))
    console.print()
    console.print(Text(_summary(found), style="bold"))


def _print_checks(checks: Sequence[Check], console: Console) -> None:
    for check, following in zip(checks, (*checks[1:], None), strict=True):
        sign, style = _ADVICE if check.advisory and check.status is Status.BROKEN else _SIGNS[check.status]
        told = Text.assemble((_title(check), "bold"), ": ", sentence(check.reason))
        _hanging(console, 2, Text(sign, style=style), told)
        # What mends several in a row is said once, after the last of them.
        if check.status is not Status.OK and not (following is not None and check.fix and following.fix == check.fix):
            _print_fix(check, console)


def _print_fix(check: Check, console: Console) -> None:
    if check.fix:
        _hanging(console, 4, Text("→", style="cyan"), Text(sentence(check.fix)))
    # To be copied: never broken, however narrow the terminal is.
    for line in (*check.cli, *filter(None, (check.documentation,))):
        console.print(Text(f"      {one_line(line)}", style="cyan"), soft_wrap=True)


def _hanging(console: Console, by: int, sign: Text, text: Text) -> None:
    """A sign, and text that is wrapped beside it."""
    edge = by + sign.cell_len + 1
    wrapped = text.wrap(console, max(_NARROWEST, console.width - edge), overflow="fold")
    for line in wrapped:
        line.rstrip()
    block = Text("\n" + " " * edge).join(wrapped)
    console.print(Text.assemble(" " * by, sign, " ").append_text(block), soft_wrap=True)


def _title(check: Check) -> str:
    if check.name == "endpoint":
        return one_line(check.subject)
    name = _NAMES.get(check.name, check.name)
    return f"{name} ({one_line(check.subject)})" if check.subject and check.name != "region" else name


def _summary(found: Examination) -> str:
    counts = found.counts
    words = [
        f"{counts['broken']} broken" if counts["broken"] else "nothing broken",
        f"{counts['advisory']} to look at" if counts["advisory"] else "",
        f"{counts['unknown']} not known" if counts["unknown"] else "",
        f"{counts['ok']} fine",
    ]
    return f"{', '.join(word for word in words if word).capitalize()}; {found.seconds:.1f} s."
