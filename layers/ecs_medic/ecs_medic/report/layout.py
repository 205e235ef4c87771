"""How text is set at a terminal: indented, hanging beside a sign, or exactly as it is."""

from collections.abc import Callable, Iterable

from rich.console import Console
from rich.text import Text

from ecs_medic.report.text import one_line

INDENT = 2
BODY = 4
_NARROWEST = 20

type Writer[T] = Callable[[T, Console], None]


def labelled(console: Console, label: str, value: str) -> None:
    """A label, and text that is wrapped beside it."""
    hanging(console, Text(f"{label:<11} ", style="dim"), Text(one_line(value)))


def section[T](console: Console, title: str, entries: Iterable[T], write: Writer[T]) -> None:
    """A heading, and each entry under it; nothing where there are none."""
    entries = tuple(entries)
    if entries:
        heading(console, title)
        for entry in entries:
            write(entry, console)


def heading(console: Console, text: str) -> None:
    """A heading with an empty line before it."""
    console.print()
    indented(console, Text(text, style="bold underline"))


def paragraph(console: Console, text: Text) -> None:
    """Text with an empty line before it."""
    console.print()
    indented(console, text)


def indented(console: Console, text: Text, *, by: int = INDENT) -> None:
    """Text, wrapped."""
    hanging(console, Text(), text, by=by)


def bullet(console: Console, sign: str, text: Text) -> None:
    """A sign, and text that is wrapped beside it."""
    hanging(console, Text(f"{sign} "), text)


def hanging(console: Console, sign: Text, text: Text, *, by: int = INDENT) -> None:
    """A sign, and text that is wrapped beside it."""
    edge = by + sign.cell_len
    wrapped = text.wrap(console, max(_NARROWEST, console.width - edge), overflow="fold")
    for line in wrapped:
        line.rstrip()
    block = Text("\n" + " " * edge).join(wrapped)
    console.print(Text.assemble(" " * by, sign).append_text(block), soft_wrap=True, highlight=False)


def verbatim(console: Console, text: str, style: str) -> None:
    """Lines exactly as they are, however long: the terminal may wrap them, this does not."""
    for line in text.splitlines() or [""]:
        console.print(Text(f"  {line}", style=style), soft_wrap=True, highlight=False)
