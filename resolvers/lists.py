"""Lists that are fields of a type; they answer like the root fields of the same name."""

from dataclasses import replace
from typing import TYPE_CHECKING

from strawberry import ID

from gateway.services.indexed_lists import CountedPage, read_whole
from gateway.services.indexed_products import ProductListQuery
from gateway.services.merge import Merged
from gateway.services.order_listings import OrderListing
from resolvers.arguments import page_arguments, page_size
from schema.after_sale import AfterSale, AfterSaleConnection
from schema.context import ConnectionArguments, OrderListArguments, ProductListArguments
from schema.key import Key
from schema.order import Order, OrderConnection, OrderFilter
from schema.product import Product, ProductConnection, ProductFilter
from schema.push import PushConnection, PushFilter
from schema.shelf import Shelf, ShelfConnection
from schema.webhook import WebhookDeliveryConnection, WebhookDeliveryState, WebhookEndpoint

if TYPE_CHECKING:
    from resolvers.context import Context


def product_connection(found: CountedPage[Product]) -> ProductConnection:
    """A page of products as a connection."""
    page = found.page
    return ProductConnection(
        nodes=page.nodes, total=found.total, sources=page.sources, cursors=page.cursors
    )


def order_connection(found: CountedPage[Order]) -> OrderConnection:
    """A page of orders as a connection."""
    page = found.page
    return OrderConnection(
        nodes=page.nodes, total=found.total, sources=page.sources, cursors=page.cursors
    )


def shelf_connection(page: Merged[Shelf]) -> ShelfConnection:
    """A page of shelves as a connection."""
    return ShelfConnection(
        nodes=page.nodes, total_count=page.total, sources=page.sources, cursors=page.cursors
    )


def after_sale_connection(found: CountedPage[AfterSale]) -> AfterSaleConnection:
    """A page of after-sales as a connection."""
    page = found.page
    return AfterSaleConnection(
        nodes=page.nodes, total=found.total, sources=page.sources, cursors=page.cursors
    )


class TypeLists:
    """The list fields of `Shop`, `ProductGroup` and `Order`."""

    def __init__(self, context: "Context") -> None:
        self._context = context

    async def products(
        self, page: ConnectionArguments, listing: ProductListArguments, shop: str
    ) -> ProductConnection | None:
        """The products of one shop."""
        wanted = listing.filter or ProductFilter()
        own = replace(wanted, shops=_narrowed(wanted.shops, shop))
        context = self._context
        return product_connection(
            await context.services.products.page(
                ProductListQuery(chosen=own, sort_key=listing.sort_key, reverse=listing.reverse),
                page_arguments(*page),
                context.viewer,
                context.reading,
            )
        )

    async def group_products(
        self, first: int | None, after: str | None, group: Key
    ) -> ProductConnection | None:
        """The products of one group, in the group's order."""
        context = self._context
        page = await context.services.products.in_group(
            group, after, page_size(first), context.viewer, context.reading
        )
        return product_connection(read_whole(page)) if page is not None else None

    async def orders(
        self, page: ConnectionArguments, listing: OrderListArguments, shop: str
    ) -> OrderConnection | None:
        """The orders of one shop."""
        wanted = listing.filter or OrderFilter()
        own = replace(wanted, shops=_narrowed(wanted.shops, shop))
        context = self._context
        return order_connection(
            await context.services.orders.page(
                OrderListing(chosen=own, sort_key=listing.sort_key, reverse=listing.reverse),
                page_arguments(*page),
                context.viewer,
                context.reading,
            )
        )

    async def shelves(
        self, first: int | None, after: str | None, shop: str
    ) -> ShelfConnection | None:
        """The shelves of one shop."""
        context = self._context
        return shelf_connection(
            await context.services.shelves.page(
                [shop], after, page_size(first), context.viewer, context.reading
            )
        )

    async def order_pushes(
        self, first: int | None, after: str | None, order: Key
    ) -> PushConnection | None:
        """The pushes of one order, newest first."""
        context = self._context
        own = PushFilter(order_id=ID(order.encode()))
        return await context.services.pushes.page(own, after, page_size(first), context.viewer)

    async def order_deliveries(
        self, first: int | None, after: str | None, order: Key
    ) -> WebhookDeliveryConnection:
        """What webhook endpoints were told of one order, newest first."""
        context = self._context
        return await context.services.webhooks.of_subject(
            order, after, page_size(first), context.viewer
        )

    async def endpoint_deliveries(
        self,
        first: int | None,
        after: str | None,
        states: list[WebhookDeliveryState] | None,
        endpoint: WebhookEndpoint,
    ) -> WebhookDeliveryConnection:
        """The deliveries to one webhook endpoint, newest first."""
        context = self._context
        return await context.services.webhooks.of_endpoint(
            endpoint, states, after, page_size(first), context.viewer
        )


def _narrowed(shops: list[str] | None, shop: str) -> list[str]:
    return [shop] if shops is None or shop in shops else []
