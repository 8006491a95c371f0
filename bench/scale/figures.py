"""What a row measures: figures, each beside what it was and what it is to be."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from bench.scale.databases import DATABASES
from bench.scale.stage import Stage

#: Values from here on are shown without a fraction.
_WHOLE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number.

    Args:
        what: what was measured, in words.
        value: the number, in `unit`.
        today: what it was before the work on scale; empty: it was not measured.
        most: the target, a bound from above; `least` one from below; neither: there is no target.
        exact: whether it holds on every machine, however slow: the short form insists on it.
    """

    what: str
    value: float
    unit: str = ""
    today: str = ""
    most: float | None = None
    least: float | None = None
    exact: bool = False

    @property
    def held(self) -> bool | None:
        """Whether the target was met; None: there is none."""
        if self.most is not None:
            return self.value <= self.most
        return None if self.least is None else self.value >= self.least

    @property
    def shown(self) -> str:
        """The number with its unit."""
        return _shown(self.value, self.unit)

    @property
    def target(self) -> str:
        """The target in words; empty: there is none."""
        if self.most is not None:
            return "none" if self.most == 0 else f"≤ {_shown(self.most, self.unit)}"
        return "" if self.least is None else f"≥ {_shown(self.least, self.unit)}"


def _shown(value: float, unit: str) -> str:
    whole = value == int(value) or abs(value) >= _WHOLE
    text = f"{value:,.0f}" if whole else f"{value:.3g}"
    return text + ("" if not unit else unit if unit.startswith("/") else f" {unit}")


Measure = Callable[[Stage], Awaitable[Sequence[Figure]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the table; it finds the ledger as the rows before it left it.

    Args:
        name: how the command line names it.
        title: what is measured, in words.
        measure: measures it.
        because: why it misses its target, where that is known.
        databases: on which it is measured.
        short: whether the short form measures it, too.
    """

    name: str
    title: str
    measure: Measure
    because: str = ""
    databases: Sequence[str] = DATABASES
    short: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a row on one database; `failed` says why there are no figures.

    `seconds` is how long the row took, `share` how much of the machine's processors all programs
    had meanwhile, 0 to 1; `core` how much of one core the gateway had while it was asked. `date` is
    when it was measured.
    """

    row: Row
    database: str
    figures: Sequence[Figure] = field(default=())
    failed: str = ""
    seconds: float = 0.0
    share: float = 0.0
    core: float = 0.0
    date: str = ""

    @property
    def missed(self) -> list[Figure]:
        """The figures that miss their target."""
        return [figure for figure in self.figures if figure.held is False]
