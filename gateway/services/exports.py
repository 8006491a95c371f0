"""Exports: checks what is asked for, queues the bulk operation, and reads its objects in slices.

The source is the ledger; no platform is ever asked.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec
from strawberry import UNSET

from gateway.errors import BadUserInput, StoreTimeout
from gateway.mutation_progress import begin_step
from gateway.ports import (
    Adapter,
    AfterSaleQuery,
    OrderQuery,
    Position,
    ProductQuery,
    after_sale_position,
    order_position,
)
from gateway.ports.writing.problems import InputRefused, Problems
from gateway.services.bulk_operations import BulkOperationService, BulkResult
from gateway.services.directory import Directory
from gateway.services.orders import shops_of_originals
from gateway.services.subscriptions import ChangeFilter, shown_change
from gateway.services.viewer import Viewer
from gateway.store.bulk_operations import BulkCaller, NewBulkOperation
from gateway.store.store import Store
from schema.after_sale import AfterSale, AfterSaleFilter
from schema.bulk_operation import BulkKind
from schema.errors import ErrorCode
from schema.key import Key
from schema.order import Order, OrderFilter
from schema.order_change import OrderChange
from schema.product import Product, ProductFilter
from schema.scope import Scope

T = TypeVar("T")
Query = TypeVar("Query")
T_co = TypeVar("T_co", covariant=True)
Query_contra = TypeVar("Query_contra", contravariant=True)
Filter = OrderFilter | AfterSaleFilter | ProductFilter

_ORDERS: Final = BulkKind.ORDERS_EXPORT
_CHANGES: Final = BulkKind.CHANGES_EXPORT
_AFTER_SALES: Final = BulkKind.AFTER_SALES_EXPORT
_PRODUCTS: Final = BulkKind.PRODUCTS_EXPORT

#: The type of an export's objects, by the name of its kind.
TYPES: Final[Mapping[str, str]] = {
    _ORDERS.name: "Order",
    _CHANGES.name: "OrderChange",
    _AFTER_SALES.name: "AfterSale",
    _PRODUCTS.name: "Product",
}
#: The argument that filters it.
_ARGUMENTS: Final[Mapping[str, str]] = {
    _ORDERS.name: "orders",
    _CHANGES.name: "orders",
    _AFTER_SALES.name: "afterSales",
    _PRODUCTS.name: "products",
}
#: The fields of filters by which the ledger finds objects; others need the index.
FILTERED: Final[Mapping[type[Filter], frozenset[str]]] = {
    OrderFilter: frozenset(
        {"shops", "platforms", "statuses", "created_from", "created_to", "buyer_open_id", "copies"}
    ),
    AfterSaleFilter: frozenset(
        {"shops", "platforms", "statuses", "kinds", "created_from", "created_to"}
    ),
    ProductFilter: frozenset({"shops", "platforms", "statuses", "search"}),
}
#: Which shops have objects of the kind in the ledger; the feed has the changes of all.
_IN_LEDGER: Final[Mapping[str, Callable[[Adapter], bool]]] = {
    _ORDERS.name: lambda adapter: adapter.exports_orders is not None,
    _CHANGES.name: lambda _: True,
    _AFTER_SALES.name: lambda adapter: adapter.exports_after_sales is not None,
    _PRODUCTS.name: lambda adapter: adapter.exports_products is not None,
}


def scopes_of(kind: BulkKind) -> tuple[Scope, ...]:
    """The scopes that the objects of an export need; none for another kind."""
    if kind.name not in TYPES:
        return ()
    return (Scope.CATALOG_READ,) if kind is _PRODUCTS else (Scope.ORDERS_READ,)


class ExportRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an export was asked for, as its operation stores it."""

    selection: str
    #: The keys of its shops, in the order of the export.
    shops: tuple[str, ...]
    #: What only platforms have, of that which the caller sees: shops, partner orders of a shop.
    left_out: tuple[str, ...] = ()
    orders: OrderQuery = OrderQuery()
    after_sales: AfterSaleQuery = AfterSaleQuery()
    products: ProductQuery = ProductQuery()
    #: Of an export of changes: the number of the last one.
    until: int = 0


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where an export continues: behind an object of a shop.

    `at` and `name` are the object's position; both None: at the beginning of the shop. Products
    have no time, and changes of all shops only a number, in `at`.
    """

    shop: str
    at: int | None = None
    name: str | None = None


class Slice(msgspec.Struct, frozen=True):
    """The next objects of an export, and where it continues; None: that was all."""

    rows: Sequence[Any]
    following: Place | None


class ChecksSelections(Protocol):
    """Checks the text of a selection."""

    def check(
        self, kind: str, selection: str, viewer: Viewer, adapters: Sequence[Adapter]
    ) -> frozenset[Scope]:
        """The scopes that its fields need; raises InputRefused."""


class ExportService:
    """Queues exports, and reads their objects."""

    def __init__(
        self,
        directory: Directory,
        store: Store,
        operations: BulkOperationService,
        selections: ChecksSelections | None,
    ) -> None:
        """Without `selections` nothing can be exported."""
        self._directory = directory
        self._store = store
        self._operations = operations
        self._selections = selections

    async def begin(
        self,
        kind: BulkKind,
        selection: str,
        filters: Mapping[str, Filter | None],
        viewer: Viewer,
        scopes: Sequence[Scope],
    ) -> BulkResult:
        """Queues an export.

        Args:
            kind: what is exported.
            selection: the text of a selection set on the type of its objects.
            filters: by the names of the arguments.
            viewer: who asks.
            scopes: those that the objects and the filters need, which the viewer has.

        Raises:
            StoreUnavailable: nothing was queued.
        """
        begun = await self._operations.begun_before()
        if begun is not None:
            return begun
        try:
            chosen = self._chosen(kind, filters)
            request, needed = await self.request(kind, selection, chosen, viewer)
        except InputRefused as refused:
            return BulkResult(errors=list(refused.errors))
        caller = self._operations.caller_of(viewer)
        new = NewBulkOperation(
            kind=kind.name,
            # What it may read, and what a key must have to be given the result.
            caller=BulkCaller(
                name=caller.name,
                key_id=caller.key_id,
                by_key=caller.by_key,
                scopes=frozenset({*scopes, *needed}),
                shops=frozenset(request.shops),
            ),
            shop=request.shops[0] if len(request.shops) == 1 else None,
            request=msgspec.json.encode(request),
        )
        async with self._store.transaction() as transaction:
            number = await self._store.bulk_operations.create(transaction, new)
            await self._operations.write_receipt(
                transaction, number, self._operations.key_of(number, new.shop)
            )
        begin_step()
        return await self._operations.result_of(number)

    async def request(
        self, kind: BulkKind, selection: str, chosen: Filter | None, viewer: Viewer
    ) -> tuple[ExportRequest, frozenset[Scope]]:
        """What is exported, and the scopes that its fields need.

        Raises:
            InputRefused: the filter or the selection is refused.
        """
        argument = _ARGUMENTS[kind.name]
        adapters, left_out = self._shops(kind, argument, chosen, viewer)
        assert self._selections is not None  # noqa: S101 - whoever serves mutations gives them
        needed = self._selections.check(kind.name, selection, viewer, adapters)
        return (
            ExportRequest(
                selection=selection,
                shops=tuple(adapter.shop.key_name for adapter in adapters),
                left_out=(
                    *(adapter.shop.key_name for adapter in left_out),
                    *await self._partner_orders(kind, adapters),
                ),
                # Originals that only the platform has are not in the file.
                orders=_order_query(chosen, beside=shops_of_originals(adapters)),
                after_sales=_after_sale_query(chosen),
                products=_product_query(chosen),
                until=(await self._store.order_changes.kept()).newest if kind is _CHANGES else 0,
            ),
            needed,
        )

    @staticmethod
    def _chosen(kind: BulkKind, filters: Mapping[str, Filter | None]) -> Filter | None:
        """The filter of this kind; raises InputRefused for others, and for what needs the index."""
        problems = Problems()
        if kind.name not in TYPES:
            exports = ", ".join(TYPES)
            problems.add(f"Only these kinds are exports: {exports}.", "kind")
            problems.stop()
        argument = _ARGUMENTS[kind.name]
        for name, given in filters.items():
            if given is not None and name != argument:
                problems.add(f"{kind.name} is filtered by `{argument}`.", name)
        chosen = filters.get(argument)
        if chosen is not None:
            for name in _unanswered(chosen):
                problems.add(
                    "Exports are made from the ledger, which cannot filter by this.", argument, name
                )
            if kind is _CHANGES and isinstance(chosen, OrderFilter) and chosen.copies is not None:
                problems.add("Changes cannot be filtered by this.", argument, "copies")
        problems.stop()
        return chosen

    def _shops(
        self, kind: BulkKind, argument: str, chosen: Filter | None, viewer: Viewer
    ) -> tuple[list[Adapter], list[Adapter]]:
        """The shops to export, and those that are left out because only their platforms can."""
        named = None if chosen is None else chosen.shops
        platforms = None if chosen is None else chosen.platforms
        try:
            selected = self._directory.select(viewer, named, platforms)
        except BadUserInput as unknown:
            raise InputRefused.of(ErrorCode.NOT_FOUND, unknown.message, argument, "shops") from None
        in_ledger = _IN_LEDGER[kind.name]
        kept = [adapter for adapter in selected if in_ledger(adapter)]
        others = [adapter for adapter in selected if not in_ledger(adapter)]
        if others and (named is not None or not kept):
            shops = ", ".join(adapter.shop.key_name for adapter in others)
            raise InputRefused.of(
                ErrorCode.INVALID,
                f"Only the platform has the {_PLURALS[kind.name]} of {shops}, and an export never"
                " calls a platform.",
                argument,
                "shops",
            )
        if not kept:
            raise InputRefused.of(
                ErrorCode.INVALID, "The filter chooses no shop.", argument, "shops"
            )
        return kept, others

    async def _partner_orders(self, kind: BulkKind, adapters: Sequence[Adapter]) -> list[str]:
        """The shops for which orders of partner stores were announced: platforms have these."""
        if kind not in (_ORDERS, _AFTER_SALES):
            return []
        shops = [one.shop.key_name for one in adapters if one.partner_orders is not None]
        return [
            f"partner orders of {shop}"
            for shop in shops
            if await self._store.partner_orders.page(shop, limit=1)
        ]

    async def total(self, kind: str, request: ExportRequest, viewer: Viewer) -> int | None:
        """How many objects there are now; None if that takes too long, or is not counted."""
        counts = []
        with suppress(StoreTimeout):
            for shop in request.shops:
                scan = self._scan(kind, request, shop, viewer)
                if scan is None:
                    return None
                counts.append(await scan.count())
            return sum(counts)
        return None

    async def following(
        self, kind: str, request: ExportRequest, place: Place | None, viewer: Viewer, limit: int
    ) -> Slice:
        """At most `limit` objects that follow a place; None: the first.

        Raises:
            BadUserInput: a shop of the export is not in the configuration any more.
            StoreUnavailable: they cannot be read now.
        """
        if kind == _CHANGES.name:
            return await self._changes(request, place, viewer, limit)
        here = place or Place(request.shops[0])
        scan = self._scan(kind, request, here.shop, viewer)
        if scan is None:
            raise BadUserInput(f'There is no shop "{here.shop}" any more.')
        rows = await scan.after(here, limit)
        if len(rows) == limit:
            return Slice(rows, scan.place_of(rows[-1]))
        others = request.shops[request.shops.index(here.shop) + 1 :]
        return Slice(rows, Place(others[0]) if others else None)

    def _scan(
        self, kind: str, request: ExportRequest, shop: str, viewer: Viewer
    ) -> "_Scan[Any, Any] | None":
        """The objects of one shop; None: the ledger has none of it."""
        adapter = self._directory.find(shop, viewer)
        if adapter is None:
            return None
        if kind == _ORDERS.name and adapter.exports_orders is not None:
            return _Scan(shop, adapter.exports_orders, request.orders, order_position)
        if kind == _AFTER_SALES.name and adapter.exports_after_sales is not None:
            return _Scan(
                shop, adapter.exports_after_sales, request.after_sales, after_sale_position
            )
        if kind == _PRODUCTS.name and adapter.exports_products is not None:
            return _ProductScan(shop, adapter.exports_products, request.products, _product_position)
        return None

    async def _changes(
        self, request: ExportRequest, place: Place | None, viewer: Viewer, limit: int
    ) -> Slice:
        after = 0 if place is None or place.at is None else place.at
        found = await self._store.order_changes.after(after, limit=limit)
        until = [change for change in found if change.cursor <= request.until]
        wanted = ChangeFilter(
            _order_filter(request), self._directory, viewer, self._store.order_changes
        )
        rows = [
            shown_change(change, self._directory, self._store.row_numbers)
            for change in until
            if wanted.matches(change)
        ]
        more = len(until) == limit
        return Slice(rows, Place("", until[-1].cursor) if more else None)


class _Scans(Protocol[T_co, Query_contra]):
    async def count(self, query: Query_contra) -> int: ...

    async def scan(self, query: Query_contra, after: Any, limit: int) -> Sequence[T_co]: ...


class _Scan(Generic[T, Query]):
    """The objects of one shop in the ledger, by their positions."""

    def __init__(
        self,
        shop: str,
        port: _Scans[T, Query],
        query: Query,
        position: Callable[[T], Position],
    ) -> None:
        self._shop = shop
        self._port = port
        self._query = query
        self._position = position

    async def count(self) -> int:
        return await self._port.count(self._query)

    async def after(self, place: Place, limit: int) -> Sequence[T]:
        return await self._port.scan(self._query, self._behind(place), limit)

    def place_of(self, row: T) -> Place:
        return Place(self._shop, *self._position(row))

    def _behind(self, place: Place) -> Any:
        if place.at is None or place.name is None:
            return None
        return Position(place.at, place.name)


class _ProductScan(_Scan[Product, ProductQuery]):
    def _behind(self, place: Place) -> Any:
        return place.name


def _product_position(product: Product) -> Position:
    return Position(0, product.platform_id)


def order_key_of(row: Order | AfterSale | OrderChange | Product) -> Key | None:
    """The order whose buyer's data an object of an export may have; None: it has none."""
    if isinstance(row, AfterSale):
        return row.order_key
    if isinstance(row, Order | OrderChange):
        return row.key
    return None


_PLURALS: Final[Mapping[str, str]] = {
    _ORDERS.name: "orders",
    _AFTER_SALES.name: "after-sales",
    _PRODUCTS.name: "products",
}


def _unanswered(chosen: Filter) -> list[str]:
    """The fields of a filter, as they were sent, that need the index."""
    definition: Any = type(chosen).__strawberry_definition__  # type: ignore[union-attr] # all are inputs
    answered = FILTERED[type(chosen)]
    return [
        field.graphql_name or _camel(field.python_name)
        for field in definition.fields
        if field.python_name not in answered
        and getattr(chosen, field.python_name) not in (None, UNSET)
    ]


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def _order_query(chosen: Filter | None, *, beside: frozenset[str]) -> OrderQuery:
    if not isinstance(chosen, OrderFilter):
        return OrderQuery(beside=beside)
    return OrderQuery(
        statuses=None if chosen.statuses is None else frozenset(chosen.statuses),
        created_from=chosen.created_from,
        created_to=chosen.created_to,
        buyer_open_id=chosen.buyer_open_id,
        copies=chosen.copies,
        beside=beside,
    )


def _order_filter(request: ExportRequest) -> OrderFilter:
    query = request.orders
    return OrderFilter(
        shops=list(request.shops),
        statuses=None if query.statuses is None else list(query.statuses),
        created_from=query.created_from,
        created_to=query.created_to,
        buyer_open_id=query.buyer_open_id,
    )


def _after_sale_query(chosen: Filter | None) -> AfterSaleQuery:
    if not isinstance(chosen, AfterSaleFilter):
        return AfterSaleQuery()
    return AfterSaleQuery(
        statuses=None if chosen.statuses is None else frozenset(chosen.statuses),
        kinds=None if chosen.kinds is None else frozenset(chosen.kinds),
        created_from=chosen.created_from,
        created_to=chosen.created_to,
    )


def _product_query(chosen: Filter | None) -> ProductQuery:
    if not isinstance(chosen, ProductFilter):
        return ProductQuery()
    return ProductQuery(
        statuses=None if chosen.statuses is None else frozenset(chosen.statuses),
        search=chosen.search,
    )
