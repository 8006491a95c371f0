"""The index's orders: what the platforms told of them, found, sorted and paged."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.errors import LedgerUnreadable
from gateway.store.index_pages import IndexPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLineEntry:
    """A line of an order to index: `units` of one SKU, `total` in fen."""

    platform_product_id: str
    #: The merchant's own code of the SKU; None if it has none, or the line does not tell it.
    code: str | None
    units: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEntry:
    """An order to index; times in unix seconds, amounts in fen.

    `part` is the partner store's app id if the order has one, else empty. `created_at` is where it
    stands in lists, `status` an OrderStatus. None: the platform does not tell it, or it is not so.
    `document` is the platform's own, without what is personal, which `personal` has; both are None
    if the ledger has the order. The store seals and hashes what is personal.
    """

    shop: str
    platform_id: str
    part: str = ""
    created_at: int
    updated_at: int | None
    paid_at: int | None
    status: str
    total: int
    refunded: int
    open_after_sale: bool
    #: The buyer's open id, and for one who has none Baidu's swan id.
    buyer: str | None
    swan_id: str | None = None
    #: As the platform tells them; what it masks with asterisks finds nothing.
    phone: str | None
    receiver: str | None
    #: Titles, codes, tracking numbers and the payment reference: the store splits them into words
    #: and adds the platform's id. Nothing personal.
    texts: Sequence[str]
    lines: Sequence[OrderLineEntry]
    document: str | None
    personal: bytes | None
    #: When the platform was asked: an older answer does not replace a newer one.
    seen_at: float

    @property
    def units(self) -> int:
        """Of all lines."""
        return sum(line.units for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedOrder:
    """An order of the index.

    `document` and `personal` are as in `OrderEntry`; `personal` is the failure if it cannot be
    decrypted, and None if it was erased.
    """

    shop: str
    platform_id: str
    part: str
    document: str | None
    personal: bytes | LedgerUnreadable | None
    #: The shop and the platform id of the order that it was copied from.
    original: tuple[str, str] | None
    seen_at: float
    #: Where it stands in the list that was asked for.
    place: IndexPlace
