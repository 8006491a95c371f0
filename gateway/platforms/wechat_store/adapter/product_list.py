"""Responses of merchant/getbystatus: products by id, sorted by id."""

from collections.abc import Callable, Sequence
from typing import Any

from gateway.concurrency.sliced_work import Steps
from gateway.platforms.wechat_store.adapter.raw import Entries, RawList
from gateway.platforms.wechat_store.mapping.product import product_from_wire
from gateway.platforms.wechat_store.mapping.sku import KnownAttributes
from gateway.platforms.wechat_store.mapping.status import (
    PRODUCT_STATUS,
    product_status_from_wire,
    status_by_stock,
)
from gateway.platforms.wechat_store.wire.product import Product as WireProduct
from gateway.platforms.wechat_store.wire.product import ProductsResponse
from gateway.wechat.scalars import shown
from schema.product import Product
from schema.product_status import ProductStatus
from schema.shop import Shop


class ProductList:
    """Products, mapped on first access.

    `asked` is the status that was requested; it is used for entries that report none.
    """

    __slots__ = ("_asked", "_entries", "_places", "_texts", "ids")

    def __init__(
        self,
        value: ProductsResponse,
        body: bytes,
        shop: Shop,
        asked: ProductStatus | None,
        asked_at: float | None = None,
    ) -> None:
        def make(raw: WireProduct, source: Callable[[], Any]) -> Product:
            product = product_from_wire(raw, shop, source, asked, attributes)
            product.asked_at = asked_at
            return product

        attributes: KnownAttributes = {}
        wires = value.products_info or []
        self._asked = asked
        self._entries: Entries[WireProduct, Product] = Entries(
            wires, make, RawList(body, "products_info")
        )
        self._places = {raw.product_id: place for place, raw in enumerate(wires)}
        self._texts: dict[str, str] = {}
        #: Sorted.
        self.ids = sorted(self._places)

    def prepare(self) -> Steps[None]:
        """Make what searching and raw documents need, for a list too long to make it at once."""
        yield from self._entries.scan()
        for product in self.ids:
            yield
            self._text(product)

    def __contains__(self, product: str) -> bool:
        return product in self._places

    def get(self, product: str) -> Product | None:
        """The product; None if it is not in this response."""
        place = self._places.get(product)
        return None if place is None else self._entries[place]

    def status(self, product: str) -> ProductStatus | None:
        """The product's status; None if this response does not report it."""
        place = self._places.get(product)
        if place is None:
            return None
        wire = self._entries.wires[place]
        status = product_status_from_wire(wire)
        if status is None and self._asked is not None:
            return status_by_stock(self._asked, wire)
        return status

    def possible(self, product: str) -> frozenset[ProductStatus]:
        """The statuses that a product may have whose status is not reported."""
        place = self._places.get(product)
        if place is None:
            return frozenset()
        wire = self._entries.wires[place]
        return frozenset(status_by_stock(one, wire) for one in PRODUCT_STATUS.values())

    def has_words(self, product: str, words: Sequence[str]) -> bool:
        """Whether each casefolded word is in the title, the SKU codes or the platform id."""
        if not words:
            return True
        text = self._text(product)
        return all(word in text for word in words)

    def _text(self, product: str) -> str:
        text = self._texts.get(product)
        if text is None:
            text = self._texts[product] = _text(self._entries.wires[self._places[product]])
        return text


class ProductHalves:
    """The lists of products on and off the shelf, in place of the list of all.

    A product that was moved between the two reads may be in both: the first one counts.
    """

    __slots__ = ("halves", "ids")

    def __init__(self, *halves: ProductList) -> None:
        self.halves = halves
        #: Sorted.
        self.ids = sorted({product for half in halves for product in half.ids})

    def __contains__(self, product: str) -> bool:
        return self._of(product) is not None

    def get(self, product: str) -> Product | None:
        """Like `ProductList.get`."""
        half = self._of(product)
        return None if half is None else half.get(product)

    def status(self, product: str) -> ProductStatus | None:
        """Like `ProductList.status`."""
        half = self._of(product)
        return None if half is None else half.status(product)

    def possible(self, product: str) -> frozenset[ProductStatus]:
        """Like `ProductList.possible`."""
        half = self._of(product)
        return frozenset() if half is None else half.possible(product)

    def has_words(self, product: str, words: Sequence[str]) -> bool:
        """Like `ProductList.has_words`."""
        half = self._of(product)
        return half is not None and half.has_words(product, words)

    def _of(self, product: str) -> ProductList | None:
        return next((half for half in self.halves if product in half), None)


def _text(raw: WireProduct) -> str:
    title = shown(raw.product_base.name) if raw.product_base else None
    codes = (sku.product_code for sku in raw.sku_list or () if sku.product_code)
    return "\n".join((title or "", raw.product_id, *codes)).casefold()
