"""One measured figure, and the bound that it must keep."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, in `unit`; `most` is the bound in the same unit, None where the figure only informs."""

    name: str
    value: float
    unit: str
    most: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the bound is kept; a figure without a bound cannot miss it."""
        return self.most is None or self.value <= self.most
