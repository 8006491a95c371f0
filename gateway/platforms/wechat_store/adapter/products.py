"""Reads products: one by one, or all of one status at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from gateway.concurrency.sliced_work import Steps
from gateway.errors import PlatformAnswerTooLarge
from gateway.platform_kit.calls import ask, each, find, together
from gateway.platform_kit.provenance import provenance
from gateway.platforms.wechat_store.adapter.product_list import ProductHalves, ProductList
from gateway.platforms.wechat_store.adapter.raw import raw_member
from gateway.platforms.wechat_store.endpoints import GET_PRODUCT, GET_PRODUCTS
from gateway.platforms.wechat_store.mapping.product import product_from_wire
from gateway.platforms.wechat_store.wire.product import (
    ProductRequest,
    ProductResponse,
    ProductsRequest,
    ProductsResponse,
)
from gateway.ports import Page, ProductQuery, Provenance, ReadOptions
from gateway.stale_reads import StaleReads
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from schema.product import Product
from schema.product_status import ProductStatus
from schema.shop import Shop

#: From this many products on, one call for all is cheaper than one call each.
BULK_FROM: Final = 3
#: How long a list that was too large is not requested in place of single products.
_TOO_LARGE_FOR: Final = timedelta(minutes=10)

_ALL: Final = 0
_ON_SHELF: Final = 1
#: Manual 1.5: what has to be asked for; those that are sold out are among those on the shelf.
_ASKED: Final = {
    ProductStatus.ON_SHELF: _ON_SHELF,
    ProductStatus.SOLD_OUT: _ON_SHELF,
    ProductStatus.OFF_SHELF: 2,
}
_TOLD: Final = frozenset({*_ASKED, ProductStatus.UNKNOWN})


class Products:
    """Implements ReadsProducts.

    `lifetime` is how long the client caches an answer about products: while the list of all is
    cached, even a single product is served from it.
    """

    def __init__(self, client: PlatformClient, shop: Shop, lifetime: timedelta) -> None:
        self._client = client
        self._shop = shop
        self._lifetime = lifetime
        self._listed_at: datetime | None = None
        self._too_large_at: datetime | None = None
        self._joined: ProductHalves | None = None

    async def get_many(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Product]:
        """Products by platform id."""
        distinct = list(dict.fromkeys(ids))
        if len(distinct) >= BULK_FROM:
            whole = await self._whole(reading)
            if whole is not None:
                return _found(whole[0], distinct)
        return await self._singles(distinct, reading)

    async def page(
        self, query: ProductQuery, after: str | None, first: int, reading: ReadOptions
    ) -> Page[Product]:
        """At most `first` products following the platform id `after`."""
        wanted = None if query.statuses is None else query.statuses & _TOLD
        if wanted is not None and not wanted:
            return Page(items=(), more=False, total=0)
        listed, source = await self._narrowed(wanted, reading)
        words = (query.search or "").casefold().split()
        matching = listed.ids
        if wanted is not None or words:
            matching = [
                product
                for product in listed.ids
                if _stands(listed, product, wanted) and listed.has_words(product, words)
            ]
        rest = matching if after is None else [id_ for id_ in matching if id_ > after]
        found = _found(listed, rest[:first])
        return Page(
            items=list(found.values()),
            more=len(rest) > first,
            total=len(matching),
            provenance=source,
        )

    async def statuses(
        self, ids: Sequence[str], reading: ReadOptions
    ) -> Mapping[str, ProductStatus]:
        """Statuses of products, from the list of all or the list of those on the shelf."""
        listed, _ = await self._narrowed(None, reading)
        present = [product for product in dict.fromkeys(ids) if product in listed]
        told = {product: listed.status(product) for product in present}
        if None in told.values():
            on_shelf, _ = await self._narrowed(frozenset({ProductStatus.ON_SHELF}), reading)
            for product, status in told.items():
                if status is None:
                    told[product] = (
                        on_shelf.status(product) if product in on_shelf else ProductStatus.OFF_SHELF
                    )
        return {product: status for product, status in told.items() if status is not None}

    async def _singles(self, ids: Sequence[str], reading: ReadOptions) -> Mapping[str, Product]:
        """Read from the list of all if it is cached; newer products are not in it."""
        kept: Mapping[str, Product] = {}
        if not reading.fresh and self._recently(self._listed_at, self._lifetime):
            with StaleReads() as stale:
                whole = await self._whole(reading)
            kept = {} if whole is None else _found(whole[0], ids)
            stale.note_as((id_, id_) for id_ in kept)
        missing = [product for product in ids if product not in kept]
        return {**kept, **await each(missing, partial(self._single, reading=reading))}

    async def _single(self, product: str, reading: ReadOptions) -> Product | None:
        request = ProductRequest(product_id=product)
        answer = await find(self._client, GET_PRODUCT, request, reading)
        return None if answer is None else answer.derive_as_read(self._product)

    async def _narrowed(
        self, wanted: frozenset[ProductStatus] | None, reading: ReadOptions
    ) -> tuple[ProductList | ProductHalves, Provenance]:
        """All products, or those on the shelf or off it where only such are wanted."""
        asked = {_ASKED.get(status) for status in wanted or (ProductStatus.UNKNOWN,)}
        only = next(iter(asked)) if len(asked) == 1 else None
        if only is not None:
            listed, answer = await self._list(only, reading)
            return listed, provenance(answer)
        return await self._whole(reading) or await self._halves(reading)

    async def _whole(self, reading: ReadOptions) -> tuple[ProductList, Provenance] | None:
        """The list of all; None if it is too large."""
        if self._recently(self._too_large_at, _TOO_LARGE_FOR):
            return None
        try:
            listed, answer = await self._list(_ALL, reading)
        except PlatformAnswerTooLarge:
            self._too_large_at = self._client.clock.now()
            return None
        # A stale list may be served for one that has since grown too large.
        if isinstance(answer.error, PlatformAnswerTooLarge):
            self._too_large_at = self._client.clock.now()
            return None
        self._listed_at = answer.fetched_at
        return listed, provenance(answer)

    async def _halves(self, reading: ReadOptions) -> tuple[ProductHalves, Provenance]:
        """The lists of products on and off the shelf; raises if one is too large."""
        (shown, one), (hidden, two) = await together(
            self._list(status, reading) for status in sorted(set(_ASKED.values()))
        )
        if self._joined is None or self._joined.halves != (shown, hidden):
            self._joined = ProductHalves(shown, hidden)
        return self._joined, provenance(one, two)

    async def _list(
        self, status: int, reading: ReadOptions
    ) -> tuple[ProductList, PlatformAnswer[ProductsResponse]]:
        def prepare(answer: PlatformAnswer[ProductsResponse]) -> Steps[None]:
            listed = self._derived(answer, status)
            yield
            yield from listed.prepare()

        request = ProductsRequest(status=status)
        answer = await ask(self._client, GET_PRODUCTS, request, reading, prepare=prepare)
        return self._derived(answer, status), answer

    def _derived(self, answer: PlatformAnswer[ProductsResponse], status: int) -> ProductList:
        if status == _ON_SHELF:
            return answer.derive_as_read(self._on_shelf)
        if status == _ASKED[ProductStatus.OFF_SHELF]:
            return answer.derive_as_read(self._off_shelf)
        return answer.derive_as_read(self._all)

    def _all(self, value: ProductsResponse, body: bytes, asked_at: float | None) -> ProductList:
        return ProductList(value, body, self._shop, None, asked_at)

    def _on_shelf(
        self, value: ProductsResponse, body: bytes, asked_at: float | None
    ) -> ProductList:
        return ProductList(value, body, self._shop, ProductStatus.ON_SHELF, asked_at)

    def _off_shelf(
        self, value: ProductsResponse, body: bytes, asked_at: float | None
    ) -> ProductList:
        return ProductList(value, body, self._shop, ProductStatus.OFF_SHELF, asked_at)

    def _product(self, value: ProductResponse, body: bytes, asked_at: float | None) -> Product:
        source = partial(raw_member, body, "product_info")
        product = product_from_wire(value.product_info, self._shop, source)
        product.asked_at = asked_at
        return product

    def _recently(self, moment: datetime | None, span: timedelta) -> bool:
        return moment is not None and self._client.clock.now() - moment < span


def _found(listed: ProductList | ProductHalves, ids: Sequence[str]) -> dict[str, Product]:
    return {id_: product for id_ in ids if (product := listed.get(id_)) is not None}


def _stands(
    listed: ProductList | ProductHalves, product: str, wanted: frozenset[ProductStatus] | None
) -> bool:
    """Whether a product is wanted; one without a status is if all that it may have are."""
    if wanted is None:
        return True
    status = listed.status(product)
    return wanted.issuperset(listed.possible(product) if status is None else {status})
