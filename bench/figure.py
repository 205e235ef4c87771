"""One measured figure, and the bounds that it must keep."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, in `unit`; `most` and `least` are bounds in the same unit.

    Where neither is given, the figure only informs.
    """

    name: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def is_bounded(self) -> bool:
        """Whether there is a bound to keep."""
        return self.most is not None or self.least is not None

    @property
    def kept(self) -> bool:
        """Whether the bounds are kept; a figure without a bound cannot miss it."""
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def shown(self) -> str:
        """The value; where it misses its bound, with the digits by which that is seen."""
        return shown(self.value, self.unit, 2 if self.kept else 4)

    @property
    def bound(self) -> str:
        """In words: `at most 5 ms`, `exactly 1`; empty where there is none."""
        if self.most is not None and self.most == self.least:
            return f"exactly {shown(self.most, self.unit)}"
        bounds = (("at least", self.least), ("at most", self.most))
        return ", ".join(f"{words} {shown(one, self.unit)}" for words, one in bounds if one is not None)


def shown(value: float, unit: str, digits: int = 2) -> str:
    """A number with no more digits than it is worth, and its unit."""
    whole = value == int(value) or value >= 1000
    return f"{value:,.{0 if whole else digits}f} {unit}".strip()
