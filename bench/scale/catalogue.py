"""All rows, in the order in which they are measured: those that change the ledger come last."""

from collections.abc import Sequence
from typing import Final

from bench.scale import (
    bulk_rows,
    delivery_rows,
    follower_rows,
    index_rows,
    intake_rows,
    overload_rows,
    reading_rows,
    retention_rows,
    worker_rows,
)
from bench.scale.figures import Row

ROWS: Final[Sequence[Row]] = (
    *reading_rows.ROWS,
    *index_rows.ROWS,
    *follower_rows.ROWS,
    *intake_rows.ROWS,
    *overload_rows.ROWS,
    *bulk_rows.ROWS,
    *worker_rows.ROWS,
    *delivery_rows.ROWS,
    *retention_rows.ROWS,
)
