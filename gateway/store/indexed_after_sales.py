"""The index's after-sales: what the platforms reported, found by deadline and time of change."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterSaleIndexEntry:
    """An after-sale to index; times in unix seconds, `refund` in fen.

    `order_id` and `platform_id` are the two parts of its key; `part` is the partner store's app id
    if the order has one, else empty. `status` is an AfterSaleStatus, `kind` an AfterSaleKind;
    `open` says that it is not settled. None: the platform does not report it. `document` and
    `personal` are the platform's own; both None if the ledger has it. `seen_at` is when the
    platform was asked.
    """

    shop: str
    order_id: str
    part: str = ""
    platform_id: str
    created_at: int
    updated_at: int | None
    answer_before: int | None
    status: str
    kind: str
    open: bool
    refund: int | None
    document: str | None
    personal: bytes | None
    seen_at: float


class AfterSaleSort(Enum):
    """What a list of after-sales is sorted by: times newest first, deadlines soonest first."""

    CREATED_AT = auto()
    #: An after-sale whose update is not reported counts as updated when created.
    UPDATED_AT = auto()
    #: Those without a deadline come last.
    ANSWER_BEFORE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterSaleQuestion:
    """Which after-sales of a shop, and their order; None means any. Both ends are in a range."""

    statuses: Collection[str] | None = None
    kinds: Collection[str] | None = None
    open: bool | None = None
    created_from: int | None = None
    created_to: int | None = None
    updated_from: int | None = None
    updated_to: int | None = None
    #: The last second of the deadlines that are meant.
    answer_before: int | None = None
    sort: AfterSaleSort = AfterSaleSort.CREATED_AT
    reverse: bool = False
