"""Where an export reads its objects: in the ledger, or in the index; no platform is ever asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec

from gateway.errors import BadUserInput
from gateway.ledger.paging import first_second
from gateway.ports import Adapter, AfterSaleQuery, OrderQuery, Position, ProductQuery
from gateway.services.cursor import Place as IndexPlace
from gateway.services.index_reach import reaches_over
from gateway.services.indexed_after_sales import AfterSaleListing, IndexedAfterSaleService
from gateway.services.indexed_lists import IndexSlice
from gateway.services.indexed_orders import IndexedOrderService
from gateway.services.indexed_products import IndexedProductService, ProductListQuery
from gateway.services.order_listings import OrderListing
from gateway.services.orders import shops_of_originals
from gateway.services.viewer import Viewer
from gateway.store.index_progress import IndexReach
from gateway.store.indexed_after_sales import AfterSaleQuestion
from gateway.store.indexed_products import ProductQuestion
from gateway.store.order_questions import OrderQuestion
from schema.after_sale import AfterSaleFilter
from schema.bulk_operation import BulkKind
from schema.order import OrderFilter
from schema.product import ProductFilter
from schema.scope import Scope

T = TypeVar("T")
Query = TypeVar("Query")
T_co = TypeVar("T_co", covariant=True)
Query_contra = TypeVar("Query_contra", contravariant=True)
Filter = OrderFilter | AfterSaleFilter | ProductFilter


class Kept(Enum):
    """What the index may have of a shop."""

    ORDERS = "orders"
    AFTER_SALES = "after_sales"
    PRODUCTS = "products"


@dataclass(frozen=True, slots=True)
class ExportedShop:
    """A shop whose objects an export may read; `indexed` is what the index has all of."""

    adapter: Adapter
    indexed: frozenset[Kept] = frozenset()


#: Which shops have objects of the kind at all.
HAS: Final[Mapping[Kept, Callable[[Adapter], bool]]] = {
    Kept.ORDERS: lambda adapter: adapter.orders is not None,
    Kept.AFTER_SALES: lambda adapter: adapter.after_sales is not None,
    Kept.PRODUCTS: lambda adapter: adapter.products is not None,
}


class ExportRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an export was asked for, as its operation stores it."""

    selection: str
    #: The keys of its shops, in the order of the export.
    shops: tuple[str, ...]
    #: What only platforms have, of that which the caller sees: shops, partner orders of a shop.
    left_out: tuple[str, ...] = ()
    #: Shops that are left out because the index is not filled yet.
    not_reached: tuple[str, ...] = ()
    #: The unix second from which on the index has what was created, where it is asked for more.
    complete_from: Mapping[str, int] = {}
    orders: OrderQuery = OrderQuery()
    after_sales: AfterSaleQuery = AfterSaleQuery()
    products: ProductQuery = ProductQuery()
    #: Those of the shops that are read from the index, and what it is asked.
    indexed: tuple[str, ...] = ()
    order_question: OrderQuestion | None = None
    after_sale_question: AfterSaleQuestion | None = None
    product_question: ProductQuestion | None = None
    #: Of an export of changes: the number of the last one.
    until: int = 0

    @property
    def remarks(self) -> list[str]:
        """What the export lacks, each a sentence; empty: nothing."""
        said = []
        if self.left_out:
            named = ", ".join(self.left_out)
            said.append(f"Left out, because only their platforms have them: {named}.")
        if self.not_reached:
            named = ", ".join(self.not_reached)
            said.append(f"Left out, because the index is not filled yet: {named}.")
        for shop, since in self.complete_from.items():
            day = datetime.fromtimestamp(since, UTC).isoformat()
            said.append(f"Of {shop} only what was created from {day} on: the index has no more.")
        return said


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where an export continues: behind an object of a shop.

    `at` and `name` are the object's position; both None: at the beginning of the shop. Products
    have no time, and changes of all shops only a number, in `at`.
    """

    shop: str
    at: int | None = None
    name: str | None = None


class Slice(msgspec.Struct, frozen=True):
    """The next objects of an export, and where it continues; None: that was all.

    `failed` is how many are left out because they cannot be read.
    """

    rows: Sequence[Any]
    following: Place | None
    failed: int = 0


class Source(Protocol):
    """The objects of one shop, oldest first, products by id; raises StoreUnavailable."""

    async def count(self) -> int:
        """How many there are now."""

    async def slice(self, after: Place, limit: int) -> Slice:
        """At most `limit` that follow a place of the shop."""


class _Scans(Protocol[T_co, Query_contra]):
    async def count(self, query: Query_contra) -> int: ...

    async def scan(self, query: Query_contra, after: Any, limit: int) -> Sequence[T_co]: ...


class LedgerSource(Generic[T, Query]):
    """Those that the ledger has."""

    def __init__(
        self,
        shop: str,
        port: _Scans[T, Query],
        query: Query,
        position: Callable[[T], Position],
        *,
        by_name: bool = False,
    ) -> None:
        """`by_name`: the port continues behind the name of a position alone."""
        self._shop = shop
        self._port = port
        self._query = query
        self._position = position
        self._by_name = by_name

    async def count(self) -> int:
        """How many there are now."""
        return await self._port.count(self._query)

    async def slice(self, after: Place, limit: int) -> Slice:
        """At most `limit` that follow a place."""
        rows = await self._port.scan(self._query, self._behind(after), limit)
        if len(rows) < limit:
            return Slice(rows, None)
        return Slice(rows, Place(self._shop, *self._position(rows[-1])))

    def _behind(self, place: Place) -> Any:
        if self._by_name:
            return place.name
        if place.at is None or place.name is None:
            return None
        return Position(place.at, place.name)


class _Indexes(Protocol[T, Query_contra]):
    async def count_of(self, shop: str, question: Query_contra) -> int: ...

    async def slice(
        self, shop: str, question: Query_contra, after: IndexPlace, limit: int, viewer: Viewer
    ) -> IndexSlice[T]: ...


class IndexSource(Generic[T, Query]):
    """Those that the index has."""

    def __init__(
        self, shop: str, index: _Indexes[T, Query], question: Query, viewer: Viewer
    ) -> None:
        self._shop = shop
        self._index = index
        self._question = question
        self._viewer = viewer

    async def count(self) -> int:
        """How many there are now."""
        return await self._index.count_of(self._shop, self._question)

    async def slice(self, after: Place, limit: int) -> Slice:
        """At most `limit` that follow a place."""
        behind: IndexPlace = None
        if after.name is not None:
            behind = (after.name,) if after.at is None else (after.at, after.name)
        found = await self._index.slice(self._shop, self._question, behind, limit, self._viewer)
        return Slice(found.nodes, self._place_of(found.following), found.unreadable)

    def _place_of(self, following: IndexPlace) -> Place | None:
        match following:
            case None:
                return None
            case (str(name),):
                return Place(self._shop, None, name)
            case (at, name):
                return Place(self._shop, int(at), name)


class _Reaches(Protocol):
    async def reaches(self, shops: Sequence[str]) -> Mapping[str, IndexReach]: ...


class ExportedIndex:
    """The index as a source of exports."""

    def __init__(
        self,
        orders: IndexedOrderService,
        after_sales: IndexedAfterSaleService,
        products: IndexedProductService,
    ) -> None:
        self.enabled = orders.enabled
        self._orders = orders
        self._after_sales = after_sales
        self._products = products
        self._of_kind: Mapping[Kept, _Reaches] = {
            Kept.ORDERS: orders,
            Kept.AFTER_SALES: after_sales,
            Kept.PRODUCTS: products,
        }

    async def of_shops(self, adapters: Sequence[Adapter]) -> list[ExportedShop]:
        """The shops, with what the index has all of; raises StoreUnavailable."""
        reached = {kept: await self.reaching(kept, adapters, None) for kept in Kept}
        return [
            ExportedShop(
                adapter,
                frozenset(kept for kept in Kept if adapter.shop.key_name in reached[kept]),
            )
            for adapter in adapters
        ]

    async def reaching(
        self, kept: Kept | None, adapters: Sequence[Adapter], chosen: Filter | None
    ) -> Mapping[str, int | None]:
        """The shops of which the index has all that it will have of what a filter may choose.

        By their keys, with the unix second from which on it has what was created, None: all that
        is asked for. Raises StoreUnavailable.
        """
        if kept is None or not self.enabled:
            return {}
        shops = [one.shop.key_name for one in adapters if HAS[kept](one)]
        reaches = await self._of_kind[kept].reaches(shops)
        since = None if isinstance(chosen, ProductFilter | None) else chosen.created_from
        asked = first_second(since)
        found: dict[str, int | None] = {}
        for shop, reach in reaches.items():
            if reaches_over(reaches, [shop], asked):
                found[shop] = None
            elif reach.done and reach.complete_from is not None:
                found[shop] = int(reach.complete_from)
        return found

    async def asked(
        self,
        request: ExportRequest,
        kind: BulkKind,
        chosen: Filter | None,
        adapters: Sequence[Adapter],
        viewer: Viewer,
    ) -> ExportRequest:
        """The request with what the index is asked; raises StoreUnavailable."""
        if kind is BulkKind.ORDERS_EXPORT:
            wanted = chosen if isinstance(chosen, OrderFilter) else OrderFilter()
            listing = OrderListing(chosen=wanted, reverse=True)
            question = await self._orders.question(listing, viewer)
            # Originals that are not in the file do not hide their copies.
            question = replace(question, shops=list(request.shops))
            return msgspec.structs.replace(request, order_question=question)
        if kind is BulkKind.AFTER_SALES_EXPORT:
            sales = chosen if isinstance(chosen, AfterSaleFilter) else AfterSaleFilter()
            beside = sorted(shops_of_originals(adapters))
            of_sales = AfterSaleListing(chosen=sales, reverse=True).question(beside)
            return msgspec.structs.replace(request, after_sale_question=of_sales)
        goods = chosen if isinstance(chosen, ProductFilter) else ProductFilter()
        return msgspec.structs.replace(
            request, product_question=ProductListQuery(chosen=goods).question
        )

    def source(self, kind: str, request: ExportRequest, shop: str, viewer: Viewer) -> Source:
        """What the index has of a shop; raises BadUserInput if it is off now."""
        if not self.enabled:
            raise BadUserInput("The export is read from the index, which is off now.")
        if request.order_question is not None:
            # A key may have lost pii:read since it asked.
            shown = replace(request.order_question, with_personal=Scope.PII_READ in viewer.scopes)
            return IndexSource(shop, self._orders, shown, viewer)
        if request.after_sale_question is not None:
            return IndexSource(shop, self._after_sales, request.after_sale_question, viewer)
        assert request.product_question is not None, kind  # noqa: S101 - one was asked
        return IndexSource(shop, self._products, request.product_question, viewer)
