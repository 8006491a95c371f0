"""Products from the index: lists by any filter and order, and how many there are."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.ledger.paging import names
from gateway.ports import Adapter, KeptDocument, ReadOptions
from gateway.services.cursor import PageArguments, Place, mark_of
from gateway.services.directory import Directory
from gateway.services.fan_out import FanOut, ListRequest
from gateway.services.index_reach import reaches_over
from gateway.services.indexed_lists import (
    IndexedList,
    IndexedRows,
    IndexSlice,
    slice_of,
    with_nodes,
)
from gateway.services.merge import Merged, SortOrder
from gateway.services.viewer import Viewer
from gateway.store.index_pages import IndexPage, IndexPlace
from gateway.store.index_progress import IndexReach
from gateway.store.indexed_products import (
    DraftRefusal,
    IndexedProduct,
    ProductQuestion,
    ProductSort,
)
from gateway.store.store import Store
from schema.key import Key
from schema.product import Product, ProductFilter, ProductSortKey
from schema.product_status import ProductStatus

#: The index's name for products.
_PRODUCTS: Final = "products"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductListQuery:
    """What a list of products is asked: its filter and its order."""

    chosen: ProductFilter = field(default_factory=ProductFilter)
    sort_key: ProductSortKey | None = None
    reverse: bool = False

    @property
    def by_shop(self) -> bool:
        """Whether it is sorted by shop, then by platform id."""
        return self.sort_key in {None, ProductSortKey.SHOP}

    @property
    def default_order(self) -> bool:
        """Whether it is sorted as platforms sort it."""
        return self.by_shop and not self.reverse

    @property
    def mark(self) -> int:
        """What its cursors are marked with."""
        if self.default_order:
            return mark_of(self.chosen)
        return mark_of(self.chosen, self.sort_key or ProductSortKey.SHOP, self.reverse)

    def indexed_arguments(self, page: PageArguments) -> list[str]:
        """The arguments that only the index can answer, as clients write them."""
        given = {
            "skuCodes": self.chosen.sku_codes is not None,
            "stockAtMost": self.chosen.stock_at_most is not None,
            "sortKey": self.sort_key is not None,
            "reverse": self.reverse,
            "last": page.backwards,
        }
        return [name for name, asked in given.items() if asked]

    @property
    def question(self) -> ProductQuestion:
        """What the index is asked."""
        chosen = self.chosen
        sort = ProductSort.PLATFORM_ID
        if self.sort_key is not None and not self.by_shop:
            sort = ProductSort[self.sort_key.name]
        return ProductQuestion(
            statuses=names(chosen.statuses),
            search=chosen.search,
            sku_codes=chosen.sku_codes,
            stock_at_most=chosen.stock_at_most,
            sort=sort,
            reverse=self.reverse,
        )


class IndexedProductService:
    """Answers lists and counts of products from the index."""

    def __init__(
        self,
        directory: Directory,
        fan_out: FanOut,
        store: Store,
        now: Callable[[], float],
        *,
        on: bool,
    ) -> None:
        """`now` returns unix seconds; where the index is not `on`, only `enabled` may be read."""
        self.enabled = on
        self._directory = directory
        self._rows = IndexedRows(fan_out, store, now)
        self._store = store

    async def page(
        self, listing: ProductListQuery, asked: PageArguments, viewer: Viewer, reading: ReadOptions
    ) -> Merged[Product]:
        """A page of the merged list.

        Raises:
            BadUserInput: an unknown shop, or a cursor of another list.
            StoreUnavailable: the index cannot be read.
        """
        request = ListRequest.marked(
            listing.chosen,
            asked,
            listing.mark,
            timed=not listing.by_shop,
            default_order=listing.default_order,
        )
        question = listing.question
        shops = self._shops(listing, viewer)

        async def read(shop: str, place: Place, count: int) -> IndexPage[IndexedProduct]:
            return await self._store.indexed_products.page(
                shop, question, _index_place(place), count, backwards=asked.backwards
            )

        listed = IndexedList(
            ability="products",
            progress=_PRODUCTS,
            has=lambda adapter: adapter.products is not None,
            read=read,
            order=_order_of(listing),
        )
        rows = await self._rows.page(listed, request, shops, viewer, reading)
        unreadable: Counter[str] = Counter()
        nodes = await self.products(rows.nodes, viewer, reading, unreadable)
        return with_nodes(rows, nodes, unreadable)

    async def count(self, listing: ProductListQuery, viewer: Viewer) -> int | None:
        """How many products there are; None while the index does not have all of them.

        Raises:
            BadUserInput: an unknown shop.
            StoreUnavailable: the index cannot be read.
        """
        shops = self._shops(listing, viewer)
        if not reaches_over(await self.reaches(shops), shops, None):
            return None
        question = listing.question
        return sum([await self._store.indexed_products.count(shop, question) for shop in shops])

    async def slice(
        self, shop: str, question: ProductQuestion, after: Place, limit: int, viewer: Viewer
    ) -> IndexSlice[Product]:
        """At most `limit` products by platform id that follow a place; None: the first.

        Reads no platform. Raises StoreUnavailable.
        """
        rows = await self._store.indexed_products.page(shop, question, _index_place(after), limit)
        unreadable: Counter[str] = Counter()
        nodes = await self.products(rows.items, viewer, ReadOptions(), unreadable)
        return slice_of(rows, nodes, unreadable, lambda row: (row.platform_id,))

    async def get_many(
        self, adapter: Adapter, keys: Sequence[Key], viewer: Viewer
    ) -> Mapping[Key, Product]:
        """The products of a shop that the index has of these; reads no platform.

        Raises StoreUnavailable.
        """
        ids = [key.platform_id for key in keys]
        rows = await self._store.indexed_products.get_many(adapter.shop.key_name, ids)
        found = await self.products(rows, viewer, ReadOptions(), Counter())
        return {product.key: product for product in found if product is not None}

    async def statuses(self, adapter: Adapter, ids: Collection[str]) -> Mapping[str, ProductStatus]:
        """The statuses of these products as they were indexed; raises StoreUnavailable."""
        found = await self._store.indexed_products.statuses(None, adapter.shop.key_name, ids)
        return {platform_id: ProductStatus(status) for platform_id, status in found.items()}

    async def draft_refusals(
        self, adapter: Adapter, ids: Collection[str]
    ) -> Mapping[str, DraftRefusal]:
        """Why drafts of these products were last refused; raises StoreUnavailable."""
        if not self.enabled:
            return {}
        return await self._store.indexed_products.draft_refusals(adapter.shop.key_name, ids)

    async def count_of(self, shop: str, question: ProductQuestion) -> int:
        """How many products of the shop there are; raises StoreUnavailable."""
        return await self._store.indexed_products.count(shop, question)

    async def reaches(self, shops: Collection[str]) -> Mapping[str, IndexReach]:
        """How far the index of each shop's products reaches; absent: it was not begun."""
        return await self._store.index_progress.of_shops(_PRODUCTS, shops)

    async def products(
        self,
        rows: Sequence[IndexedProduct],
        viewer: Viewer,
        reading: ReadOptions,
        unreadable: Counter[str],
    ) -> list[Product | None]:
        """The products of rows of the index; None: it is gone, or cannot be read.

        Reads no platform: the index has its document, or the ledger the product. Those that cannot
        be read, of each shop, are counted in `unreadable`.
        """
        found: dict[tuple[str, str], Product] = {}
        in_ledger: defaultdict[str, list[str]] = defaultdict(list)
        for row in rows:
            port = self._directory.get(row.shop, viewer).index_products
            if row.document is None or port is None:
                in_ledger[row.shop].append(row.platform_id)
                continue
            try:
                product = port.product(KeptDocument(row.platform_id, row.document))
            except ValueError:
                # Of another version, until it is read again.
                unreadable[row.shop] += 1
            else:
                found[row.shop, row.platform_id] = product
        for shop, ids in in_ledger.items():
            ledger = self._directory.get(shop, viewer).products
            known = {} if ledger is None else await ledger.get_many(ids, reading)
            found |= {(shop, name): product for name, product in known.items()}
        return [found.get((row.shop, row.platform_id)) for row in rows]

    def _shops(self, listing: ProductListQuery, viewer: Viewer) -> Collection[str]:
        """The shops that are asked, and have products."""
        chosen = listing.chosen
        selected = self._directory.select(viewer, chosen.shops, chosen.platforms)
        return [one.shop.key_name for one in selected if one.products is not None]


def _order_of(listing: ProductListQuery) -> SortOrder[IndexedProduct]:
    """Values rise along the list; of a list by shop, platform ids."""
    if listing.by_shop:
        return SortOrder(lambda _: 0, lambda row: (row.platform_id,), reverse=listing.reverse)
    return SortOrder(
        lambda row: row.place.value, lambda row: row.place, reverse=listing.reverse, falling=False
    )


def _index_place(place: Place) -> IndexPlace | None:
    match place:
        case (str(platform_id),):
            return IndexPlace("", platform_id)
        case (value, platform_id):
            return IndexPlace(value, platform_id)
        case _:
            return None
