"""Ports of the index: a platform's own documents as the index keeps them, and back."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from gateway.ports.lists import ReadOptions
from schema.after_sale import AfterSale
from schema.order import Order
from schema.product import Product


class SplitDocument(NamedTuple):
    """A document in two parts, both JSON: what is not personal, and the rest, None if empty.

    It has the platform's own members, and what the gateway adds: only the platform's folder reads
    it.
    """

    document: str
    personal: bytes | None


class KeptDocument(NamedTuple):
    """What the index has of an order or a product, in the form that `split` gave it.

    `part` is a partner store's app id, else empty. `personal` is None as well once it was erased.
    """

    platform_id: str
    document: str
    part: str = ""
    personal: bytes | None = None


class IndexesOrders(Protocol):
    """Orders that the platform keeps, or that it keeps beside those of the ledger."""

    @property
    def since(self) -> int:
        """The unix second before which none was created."""

    def split(self, order: Order) -> SplitDocument:
        """The document of an order that was read from the platform.

        Raises:
            ValueError: it cannot be kept, as its `raw` cannot be shown.
        """

    def order(self, kept: KeptDocument) -> Order:
        """The order as it was indexed; without its buyer and address once they are erased.

        Raises:
            ValueError: another version of the gateway wrote it.
        """

    def after_sale(self, order: Order) -> AfterSale | None:
        """The after-sale that the order's status implies; None: it has none."""


class IndexesProducts(Protocol):
    """Products that the platform keeps."""

    def split(self, product: Product) -> str:
        """The document of a product that was read from the platform; nothing in it is personal.

        Raises:
            ValueError: it cannot be kept, as its `raw` cannot be shown.
        """

    def product(self, kept: KeptDocument) -> Product:
        """The product as it was indexed.

        Raises:
            ValueError: another version of the gateway wrote it.
        """


class IndexesAfterSales(Protocol):
    """After-sales that the platform keeps beside its orders."""

    def split(self, after_sale: AfterSale) -> SplitDocument:
        """The document of an after-sale that was read from the platform.

        Raises:
            ValueError: it cannot be kept, as its `raw` cannot be shown.
        """

    def after_sale(self, kept: KeptDocument) -> AfterSale:
        """The after-sale as it was indexed, by its own id; without what was erased.

        Raises:
            ValueError: another version of the gateway wrote it.
        """

    async def changed(self, begin: int, end: int, reading: ReadOptions) -> Sequence[AfterSale]:
        """The after-sales that changed in these seconds, both included, read from the platform."""
