"""All rows, in the order in which they are measured: those that change the ledger come last."""

from collections.abc import Sequence
from typing import Final

from bench.scale import delivery_rows, reading_rows
from bench.scale.figures import Row

ROWS: Final[Sequence[Row]] = (*reading_rows.ROWS, *delivery_rows.ROWS)
