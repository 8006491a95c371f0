"""The common status of the after-sales of an order."""

from collections.abc import Sequence
from typing import Final

from gateway.store.documents import AfterSaleDocument

#: Statuses of after-sales that are not settled yet.
OPEN: Final = frozenset({"APPLYING", "PROCESSING"})


def common_status(after_sales: Sequence[AfterSaleDocument]) -> str:
    """The status of the newest that is still open, else of the newest; there is at least one."""
    newest_first = sorted(after_sales, key=lambda one: one.created_at, reverse=True)
    still_open = (one for one in newest_first if one.status in OPEN)
    return next(still_open, newest_first[0]).status
