"""A check for a person at a terminal: what would break, the worst first, then what nobody could look at."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from ecs_medic.finding import Confidence
from ecs_medic.report.check_model import Affected, Check, Gap, Trouble
from ecs_medic.report.check_words import hit_by, in_all, place, things
from ecs_medic.report.layout import BODY, bullet, heading, indented, paragraph, verbatim
from ecs_medic.report.terminal import BADGES
from ecs_medic.report.text import one_line, plain, sentence
from ecs_medic.report.wording import CONFIDENCE, title

_MOST_GAPS = 12
_MOST_NAMES = 8


def render_check(check: Check, console: Console) -> None:
    """Prints the check to `console`."""
    console.print()
    indented(console, Text(in_all(check), style="bold"))
    indented(console, Text(place(check), style="dim"))
    for number, trouble in enumerate(check.findings, 1):
        _trouble(number, trouble, console)
    _gaps(check.not_checked, console)
    if check.findings and check.untroubled:
        paragraph(console, Text(f"Nothing was found of {things(len(check.untroubled), 'other service')}."))
    console.print()


def _trouble(number: int, trouble: Trouble, console: Console) -> None:
    word = CONFIDENCE[trouble.confidence][0].upper()
    badge = (f" {word} ", BADGES[trouble.confidence]) if console.color_system else (f"{word}:", "")
    console.print()
    bullet(console, f"{number}.", Text.assemble(badge, " ", (one_line(title(trouble.cause)), "bold")))
    for what in trouble.breaks:
        some = [one for one in trouble.services if one.breaks == what]
        words = "the start of" if what == "start" else "ECS Exec into"
        indented(console, Text.assemble((f"would break {words} ", "dim"), _names(some)), by=BODY + 1)
    indented(console, Text(sentence(trouble.summary)), by=BODY + 1)
    if trouble.confidence is not Confidence.POSSIBLE and trouble.fix.summary:
        indented(console, Text.assemble(("Fix: ", "bold"), sentence(trouble.fix.summary)), by=BODY + 1)
        for command in trouble.fix.cli:
            verbatim(console, f"   {plain(command)}", "green")


def _names(affected: Sequence[Affected]) -> str:
    named = ", ".join(hit_by(one) for one in affected[:_MOST_NAMES])
    more = len(affected) - _MOST_NAMES
    return f"{named} and {more} more" if more > 0 else named


def _gaps(gaps: Sequence[Gap], console: Console) -> None:
    """What could not be checked for the lack of the same permission, or in the same way, together."""
    if not gaps:
        return
    heading(console, "Could not be checked")
    alike: dict[tuple[str, str | None], list[Gap]] = {}
    for gap in gaps:
        permission = gap.missing_permission
        alike.setdefault(("", permission) if permission else (gap.check, None), []).append(gap)
    for (check, permission), some in list(alike.items())[:_MOST_GAPS]:
        what = check or _some(gap.check for gap in some)
        reason = f"missing permission {permission}" if permission else one_line(some[0].reason)
        more = f" (and {len(some) - 1} more like it)" if len(some) > 1 and not permission else ""
        bullet(console, "?", Text.assemble((one_line(what), "bold"), f": {reason}{more}"))
        names = _some(name for gap in some for name in gap.services)
        if names:
            indented(console, Text(names, style="dim"), by=BODY)
    if len(alike) > _MOST_GAPS:
        indented(console, Text(f"{len(alike) - _MOST_GAPS} more are in the JSON.", style="dim"), by=BODY)


def _some(names: Iterable[str]) -> str:
    every = list(dict.fromkeys(names))
    more = len(every) - _MOST_NAMES
    return ", ".join(every[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
