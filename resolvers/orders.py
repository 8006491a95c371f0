"""Root fields of orders, after-sales and want-to-buy lists."""

import strawberry

from gateway.services.indexed_after_sales import AfterSaleListing
from gateway.services.order_listings import OrderListing
from resolvers.arguments import key_of, page_arguments, page_size
from resolvers.guards import ORDERS, ORDERS_OF_BUYER, Info, context_for, root_field
from resolvers.lists import after_sale_connection, order_connection
from schema.after_sale import (
    AfterSale,
    AfterSaleConnection,
    AfterSaleFilter,
    AfterSaleSortKey,
    RejectReason,
    ReturnAddress,
)
from schema.buyer_link import BuyerLinkConnection
from schema.key import Key
from schema.order import Order, OrderConnection, OrderFilter, OrderSortKey
from schema.order_change import OrderChangePage
from schema.order_stats import OrderStats, OrderStatsDimension
from schema.wanted_item import WantedItemConnection


@strawberry.type
class OrderQueryFields:
    """Queries of orders, after-sales and want-to-buy lists."""

    @root_field("One order by its id; null if it does not exist. Needs the scope orders:read.")
    async def order(self, info: Info, id: strawberry.ID) -> Order | None:
        """One order; None if it does not exist."""
        context, key = context_for(info, ORDERS), key_of(id, "Order")
        found: Order | None = await context.related("order", key, info.path)
        return found

    @root_field(
        "One order by its shop and the platform's own id; null if it does not exist."
        " Needs the scope orders:read."
    )
    async def order_by_platform_id(self, info: Info, shop: str, platform_id: str) -> Order | None:
        """One order by the platform's own id; None if it does not exist."""
        context = context_for(info, ORDERS)
        context.services.directory.get(shop, context.viewer)
        key = Key("Order", shop, platform_id)
        found: Order | None = await context.related("order", key, info.path)
        return found

    @root_field(
        "Orders of all shops, newest first unless `sortKey` or `reverse` says otherwise. A partner"
        " order has no creation time: it is placed by the time of its event and appears once the"
        " event has arrived. The cursor keeps a position per shop: a shop that failed keeps its"
        " position, and its orders follow on the next page on which it answers. What platforms"
        " cannot answer (`search`, `updatedFrom`, `paidFrom`, `platformIds`, `buyerOpenId`,"
        " `linkedBuyers`, `openAfterSale`, `metadata`, `sortKey`, `reverse`, `last`, `before`) is"
        " answered from the gateway's index, and `sources` says INDEXED. Needs the scope"
        " orders:read."
    )
    async def orders(  # noqa: PLR0913 - those of the field
        self,
        info: Info,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        filter: OrderFilter | None = None,
        sort_key: OrderSortKey | None = None,
        reverse: bool | None = None,
    ) -> OrderConnection | None:
        """One page of orders, merged over shops."""
        context = context_for(info, ORDERS, filter)
        listing = OrderListing(
            chosen=filter or OrderFilter(), sort_key=sort_key, reverse=bool(reverse)
        )
        asked = page_arguments(first, after, last, before)
        return order_connection(
            await context.services.orders.page(listing, asked, context.viewer, context.reading)
        )

    @root_field(
        "Counts and sums of orders by groups, from the gateway's index, exact to the fen; all"
        " statuses count unless the filter has some, and a mirrored order counts once (see"
        " `OrderFilter.copies`). Of DAY, WEEK and MONTH only one can be given. More than 10,000"
        " rows are BAD_USER_INPUT. Needs the scope orders:read."
    )
    async def order_stats(
        self, info: Info, group_by: list[OrderStatsDimension], filter: OrderFilter | None = None
    ) -> OrderStats | None:
        """Counts and sums of orders."""
        context = context_for(info, ORDERS, filter)
        return await context.services.order_stats.stats(filter, group_by, context.viewer)

    @root_field(
        "The changes of orders as pages, oldest first, for clients that ask now and then: those"
        " after `since`; without `since` an empty page, whose `endCursor` is where they begin."
        " The cursors are those of the subscription `orderChanged`. A page may have fewer changes"
        " than `first` although `hasNextPage` is true. Needs the scope orders:read."
    )
    async def order_changes(
        self,
        info: Info,
        since: str | None = None,
        first: int | None = None,
        filter: OrderFilter | None = None,
    ) -> OrderChangePage | None:
        """One page of the change feed."""
        context = context_for(info, ORDERS, filter)
        return await context.services.following.order_changes_page(
            filter, since, page_size(first), context.viewer
        )

    @root_field(
        "One order of a store for which the Mini Program is a cooperation account; the"
        " platform's event carries both ids. Needs the scope orders:read."
    )
    async def partner_order(
        self, info: Info, shop: str, partner_app_id: str, platform_id: str
    ) -> Order | None:
        """One partner order; None if it does not exist."""
        context = context_for(info, ORDERS)
        orders, viewer = context.services.orders, context.viewer
        with context.single(info.path) as reading:
            return await orders.partner(shop, partner_app_id, platform_id, viewer, reading)

    @root_field("One after-sale by its id; null if it does not exist. Needs the scope orders:read.")
    async def after_sale(self, info: Info, id: strawberry.ID) -> AfterSale | None:
        """One after-sale; None if it does not exist."""
        context = context_for(info, ORDERS)
        key = key_of(id, "AfterSale")
        with context.single(info.path) as reading:
            return await context.services.after_sales.get(key, context.viewer, reading)

    @root_field(
        "Refunds, returns, exchanges and disputes of all shops, newest first unless `sortKey` or"
        " `reverse` says otherwise; paged like `orders`. What platforms cannot answer (`open`,"
        " `answerBefore`, `updatedFrom`, `updatedTo`, `sortKey`, `reverse`, `last`, `before`) is"
        " answered from the gateway's index, and `sources` says INDEXED. Needs the scope"
        " orders:read."
    )
    async def after_sales(  # noqa: PLR0913 - those of the field
        self,
        info: Info,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        filter: AfterSaleFilter | None = None,
        sort_key: AfterSaleSortKey | None = None,
        reverse: bool | None = None,
    ) -> AfterSaleConnection | None:
        """One page of after-sales, merged over shops."""
        context = context_for(info, ORDERS, filter)
        listing = AfterSaleListing(
            chosen=filter or AfterSaleFilter(), sort_key=sort_key, reverse=bool(reverse)
        )
        asked = page_arguments(first, after, last, before)
        page = await context.services.after_sales.page(
            listing, asked, context.viewer, context.reading
        )
        return after_sale_connection(page)

    @root_field(
        "The reasons with which the shop may reject an after-sale. Needs the scope orders:read."
    )
    async def reject_reasons(self, info: Info, shop: str) -> list[RejectReason] | None:
        """The reasons with which an after-sale may be rejected."""
        context = context_for(info, ORDERS)
        decisions = context.services.after_sale_decisions
        with context.single(info.path) as reading:
            return list(await decisions.reject_reasons(shop, context.viewer, reading))

    @root_field(
        "The addresses to which buyers may return goods to the shop. Needs the scope orders:read."
    )
    async def return_addresses(self, info: Info, shop: str) -> list[ReturnAddress] | None:
        """The addresses to which goods are returned."""
        context = context_for(info, ORDERS)
        decisions = context.services.after_sale_decisions
        with context.single(info.path) as reading:
            return list(await decisions.return_addresses(shop, context.viewer, reading))

    @root_field(
        "One buyer's want-to-buy list, oldest line first. Needs the scopes orders:read and"
        " pii:read."
    )
    async def wanted_items(
        self,
        info: Info,
        shop: str,
        open_id: str,
        first: int | None = None,
        after: str | None = None,
    ) -> WantedItemConnection | None:
        """One buyer's want-to-buy list."""
        context = context_for(info, ORDERS_OF_BUYER)
        return await context.services.wanted_items.page(
            shop, open_id, after, page_size(first), context.viewer, context.reading
        )

    @root_field(
        "The links between open ids of one buyer in two shops, the last imported first. Links"
        " that cannot be read any more, and those of early versions, are left out: import them"
        " again. Needs the scopes orders:read and pii:read."
    )
    async def buyer_links(
        self,
        info: Info,
        shop: str,
        to_shop: str,
        first: int | None = None,
        after: str | None = None,
    ) -> BuyerLinkConnection | None:
        """The links from one shop to another."""
        context = context_for(info, ORDERS_OF_BUYER)
        return await context.services.buyer_links.page(
            shop, to_shop, after, page_size(first), context.viewer
        )
