"""Questions for orders of the index, and what they are in SQL."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum


class OrderSort(Enum):
    """What a list of orders is sorted by, the highest first; then by platform id, likewise."""

    CREATED_AT = "created_at"
    #: An order whose change is not told counts as changed when created.
    UPDATED_AT = "updated_at"
    #: Those that are not paid come last.
    PAID_AT = "paid_at"
    TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuestion:
    """Which orders, and their order in lists; None means any. Both ends are in a range."""

    #: All shops that are asked, whichever of them a page is of. A copy is left out where the shop
    #: of its original is one of them.
    shops: Collection[str]
    #: OrderStatuses.
    statuses: Collection[str] | None = None
    created_from: int | None = None
    created_to: int | None = None
    updated_from: int | None = None
    updated_to: int | None = None
    paid_from: int | None = None
    paid_to: int | None = None
    platform_ids: Collection[str] | None = None
    #: Open ids by the shop whose they are: orders of any of them.
    buyers: Collection[tuple[str, str]] | None = None
    #: Each word must be among those of the order; one without words finds nothing.
    search: str | None = None
    #: Whether `search` may also be a whole phone number or a receiver's name.
    with_personal: bool = False
    open_after_sale: bool | None = None
    #: None: each order once; False: originals only; True: copies only.
    copies: bool | None = None
    #: The order must have all of these, keys with their values.
    metadata: Collection[tuple[str, str]] | None = None
    sort: OrderSort = OrderSort.CREATED_AT
    #: The lowest first.
    reverse: bool = False
