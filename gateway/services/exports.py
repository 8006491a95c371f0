"""Exports: checks what is asked for, queues the bulk operation, and reads its objects in slices.

The source is the ledger, or the index where it is on; no platform is ever asked.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple, Protocol

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
from gateway.services.export_sources import (
    HAS,
    ExportedIndex,
    ExportedShop,
    ExportRequest,
    Filter,
    Kept,
    LedgerSource,
    Place,
    Slice,
    Source,
)
from gateway.services.order_listings import check_filter, query_of
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
#: What of the index has its objects; changes are in the feed alone.
_KEPT: Final[Mapping[str, Kept]] = {
    _ORDERS.name: Kept.ORDERS,
    _AFTER_SALES.name: Kept.AFTER_SALES,
    _PRODUCTS.name: Kept.PRODUCTS,
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


class _Chosen(NamedTuple):
    """The shops of an export, in its order, and those that are left out."""

    shops: Sequence[ExportedShop]
    #: The keys of those that are read from the index, with the unix second from which on it has
    #: what was created; None: all that is asked for.
    indexed: Mapping[str, int | None]
    by_platforms: Sequence[Adapter]
    not_reached: Sequence[Adapter]


class ChecksSelections(Protocol):
    """Checks the text of a selection."""

    def check(
        self, kind: str, selection: str, viewer: Viewer, shops: Sequence[ExportedShop]
    ) -> frozenset[Scope]:
        """The scopes that its fields need; raises InputRefused."""

    def whole(self, kind: str, shops: Sequence[ExportedShop]) -> str:
        """The selection of all that the store has of the shops' objects."""


class ExportService:
    """Queues exports, and reads their objects."""

    def __init__(
        self,
        directory: Directory,
        store: Store,
        operations: BulkOperationService,
        selections: ChecksSelections | None,
        index: "ExportedIndex",
    ) -> None:
        """Without `selections` nothing can be exported."""
        self._directory = directory
        self._store = store
        self._index = index
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
        self, kind: BulkKind, selection: str | None, chosen: Filter | None, viewer: Viewer
    ) -> tuple[ExportRequest, frozenset[Scope]]:
        """What is exported, and the scopes that its fields need.

        Args:
            kind: what is exported.
            selection: the text of a selection set; None: all that the store has.
            chosen: the filter, which belongs to the kind.
            viewer: who asks.

        Raises:
            InputRefused: the filter or the selection is refused.
        """
        argument = _ARGUMENTS[kind.name]
        found = await self._shops(kind, argument, chosen, viewer)
        assert self._selections is not None  # noqa: S101 - whoever serves mutations gives them
        text = self._selections.whole(kind.name, found.shops) if selection is None else selection
        needed = self._selections.check(kind.name, text, viewer, found.shops)
        adapters = [one.adapter for one in found.shops]
        request = ExportRequest(
            selection=text,
            shops=tuple(adapter.shop.key_name for adapter in adapters),
            left_out=(
                *(adapter.shop.key_name for adapter in found.by_platforms),
                *await self._partner_orders(kind, adapters, found.indexed),
            ),
            not_reached=tuple(adapter.shop.key_name for adapter in found.not_reached),
            complete_from={
                shop: since for shop, since in sorted(found.indexed.items()) if since is not None
            },
            # Originals that only the platform has are not in the file.
            orders=_order_query(chosen, beside=shops_of_originals(adapters)),
            after_sales=_after_sale_query(chosen),
            products=_product_query(chosen),
            indexed=tuple(sorted(found.indexed)),
            until=(await self._store.order_changes.kept()).newest if kind is _CHANGES else 0,
        )
        if found.indexed:
            request = await self._index.asked(request, kind, chosen, adapters, viewer)
        return request, needed

    def _chosen(self, kind: BulkKind, filters: Mapping[str, Filter | None]) -> Filter | None:
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
            self._check_filter(kind, argument, chosen, problems)
        problems.stop()
        return chosen

    def _check_filter(
        self, kind: BulkKind, argument: str, chosen: Filter, problems: Problems
    ) -> None:
        for name in _unanswered(chosen):
            if kind is _CHANGES:
                problems.add("Changes cannot be filtered by this.", argument, name)
            elif not self._index.enabled:
                problems.add(
                    "The ledger cannot filter by this: it needs the index, which is off"
                    " (`index.enabled` in the gateway's configuration).",
                    argument,
                    name,
                )
        if not isinstance(chosen, OrderFilter):
            return
        if kind is _CHANGES and chosen.copies is not None:
            problems.add("Changes cannot be filtered by this.", argument, "copies")
        try:
            check_filter(chosen)
        except BadUserInput as wrong:
            problems.add(wrong.message, argument)

    async def _shops(
        self, kind: BulkKind, argument: str, chosen: Filter | None, viewer: Viewer
    ) -> _Chosen:
        """The shops to export; raises InputRefused if there is none, or one that is named cannot.

        A shop is read from the ledger if that has all that is asked for, else from the index.
        """
        named = None if chosen is None else chosen.shops
        platforms = None if chosen is None else chosen.platforms
        try:
            selected = self._directory.select(viewer, named, platforms)
        except BadUserInput as unknown:
            raise InputRefused.of(ErrorCode.NOT_FOUND, unknown.message, argument, "shops") from None
        exported = await self._index.of_shops(selected)
        needs_index = kind is not _CHANGES and chosen is not None and bool(_unanswered(chosen))
        in_ledger, kept = _IN_LEDGER[kind.name], _KEPT.get(kind.name)
        reached = await self._index.reaching(kept, selected, chosen)
        shops, by_platforms, not_reached = list[ExportedShop](), list[Adapter](), list[Adapter]()
        indexed = dict[str, int | None]()
        for one in exported:
            key = one.adapter.shop.key_name
            # The orders of partner stores are in the index alone.
            more = one.adapter.partner_orders is not None and reached.get(key, 0) is None
            if in_ledger(one.adapter) and not needs_index and not more:
                shops.append(one)
            elif key in reached:
                shops.append(one)
                indexed[key] = reached[key]
            elif self._index.enabled and kept is not None and HAS[kept](one.adapter):
                not_reached.append(one.adapter)
            else:
                by_platforms.append(one.adapter)
        found = _Chosen(shops, indexed, by_platforms, not_reached)
        _refuse_left_out(found, kind, argument, named=named is not None)
        return found

    async def _partner_orders(
        self, kind: BulkKind, adapters: Sequence[Adapter], indexed: Collection[str]
    ) -> list[str]:
        """The shops for which orders of partner stores were announced: the ledger has none."""
        if kind not in (_ORDERS, _AFTER_SALES):
            return []
        shops = [
            one.shop.key_name
            for one in adapters
            if one.partner_orders is not None and one.shop.key_name not in indexed
        ]
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
                source = self._source(kind, request, shop, viewer)
                if source is None:
                    return None
                counts.append(await source.count())
            return sum(counts)
        return None

    async def following(
        self, kind: str, request: ExportRequest, place: Place | None, viewer: Viewer, limit: int
    ) -> Slice:
        """At most `limit` objects that follow a place; None: the first.

        Raises:
            BadUserInput: a shop of the export is not in the configuration any more, or the index,
                where it was begun, is off.
            StoreUnavailable: they cannot be read now.
        """
        if kind == _CHANGES.name:
            return await self._changes(request, place, viewer, limit)
        here = place or Place(request.shops[0])
        source = self._source(kind, request, here.shop, viewer)
        if source is None:
            raise BadUserInput(f'There is no shop "{here.shop}" any more.')
        found = await source.slice(here, limit)
        if found.following is not None:
            return found
        others = request.shops[request.shops.index(here.shop) + 1 :]
        return msgspec.structs.replace(found, following=Place(others[0]) if others else None)

    def _source(
        self, kind: str, request: ExportRequest, shop: str, viewer: Viewer
    ) -> Source | None:
        """The objects of one shop; None: the store has none of it."""
        adapter = self._directory.find(shop, viewer)
        if adapter is None:
            return None
        if shop in request.indexed:
            return self._index.source(kind, request, shop, viewer)
        if kind == _ORDERS.name and adapter.exports_orders is not None:
            return LedgerSource(shop, adapter.exports_orders, request.orders, order_position)
        if kind == _AFTER_SALES.name and adapter.exports_after_sales is not None:
            return LedgerSource(
                shop, adapter.exports_after_sales, request.after_sales, after_sale_position
            )
        if kind == _PRODUCTS.name and adapter.exports_products is not None:
            return LedgerSource(
                shop, adapter.exports_products, request.products, _product_position, by_name=True
            )
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


def _refuse_left_out(found: _Chosen, kind: BulkKind, argument: str, *, named: bool) -> None:
    """Raises InputRefused if nothing is left to export, or a shop that is named is left out."""
    problems = Problems()
    if not found.shops and not found.by_platforms and not found.not_reached:
        problems.add("The filter chooses no shop.", argument, "shops")
    if (named or not found.shops) and found.by_platforms:
        problems.add(
            f"Only the platform has the {_PLURALS[kind.name]} of {_names(found.by_platforms)}, and"
            " an export never calls a platform.",
            argument,
            "shops",
        )
    if (named or not found.shops) and found.not_reached:
        problems.add(
            f"The index is not filled yet with the {_PLURALS[kind.name]} of"
            f" {_names(found.not_reached)}: `Shop.index` tells how far it reaches.",
            argument,
            "shops",
        )
    problems.stop()


def _names(adapters: Sequence[Adapter]) -> str:
    return ", ".join(adapter.shop.key_name for adapter in adapters)


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
    wanted = chosen if isinstance(chosen, OrderFilter) else OrderFilter()
    return query_of(wanted, beside=beside)


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
