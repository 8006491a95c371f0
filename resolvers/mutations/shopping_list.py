"""Root fields that change want-to-buy lists, product data and the cart page of shopping lists."""

from collections.abc import Awaitable
from typing import TypeVar

import strawberry

from gateway.ports.writing.problems import InputRefused
from gateway.services.writing.shopping_list.done import GoodsDone
from resolvers.guards import CATALOG_WRITE, ORDERS_WRITE, Info, root_field, writing_context
from schema.inputs.product_sync import ProductsSyncInput
from schema.inputs.wanted_item import WantedItemKeyInput, WantedItemsImportInput
from schema.payloads import ProductsPayload, ShopPayload, WantedItemsPayload
from schema.wanted_item import WantedItem

T = TypeVar("T")


@strawberry.type
class ShoppingListMutation:
    """Changes of shopping lists."""

    @root_field(
        "Puts lines on a buyer's want-to-buy list, or replaces those that are on it; cut into as"
        " many calls as the platform needs. Where one line is wrong, none is taken. Needs the scope"
        " orders:write."
    )
    async def wanted_items_import(
        self, info: Info, input: WantedItemsImportInput
    ) -> WantedItemsPayload | None:
        """Put lines on a list."""
        context = writing_context(info, ORDERS_WRITE)
        writing = context.services.wanted_item_writing
        return _wanted(await _told(writing.bring_in(input, context.viewer)))

    @root_field(
        "Takes lines off a buyer's want-to-buy list; answers with those that were on it, as they"
        " were. A line that the gateway does not know is taken off at the platform all the same."
        " Needs the scope orders:write."
    )
    async def wanted_items_remove(
        self, info: Info, shop: str, open_id: str, items: list[WantedItemKeyInput]
    ) -> WantedItemsPayload | None:
        """Take lines off a list."""
        context = writing_context(info, ORDERS_WRITE)
        writing = context.services.wanted_item_writing
        return _wanted(await _told(writing.remove(shop, open_id, items, context.viewer)))

    @root_field(
        "Empties a buyer's want-to-buy list. The platform documents no call for that: every line"
        " that the gateway knows is taken off, so lines brought in elsewhere stay. Needs the scope"
        " orders:write."
    )
    async def wanted_items_clear(
        self, info: Info, shop: str, open_id: str
    ) -> WantedItemsPayload | None:
        """Empty a list."""
        context = writing_context(info, ORDERS_WRITE)
        writing = context.services.wanted_item_writing
        return _wanted(await _told(writing.clear(shop, open_id, context.viewer)))

    @root_field(
        "Brings the shopping list's product data up to date. SKUs that are not given stay as they"
        " are: the platform adds up those of repeated calls. Where one product is wrong, none is"
        " taken. Needs the scope catalog:write."
    )
    async def products_sync(self, info: Info, input: ProductsSyncInput) -> ProductsPayload | None:
        """Bring products up to date."""
        context = writing_context(info, CATALOG_WRITE)
        work = context.services.product_sync.sync(input, context.viewer, context.reading)
        done = await _told(work)
        return ProductsPayload(
            products=list(done.things), pushes=done.pushes, user_errors=done.errors
        )

    @root_field(
        "Sets the Mini Program page behind the shopping list's cart button. Needs the scope"
        " catalog:write."
    )
    async def shopping_cart_path_set(self, info: Info, shop: str, path: str) -> ShopPayload | None:
        """Set the cart page."""
        context = writing_context(info, CATALOG_WRITE)
        done = await _told(context.services.cart_path_writing.set(shop, path, context.viewer))
        return ShopPayload(
            shop=done.things[0] if done.things else None,
            push=done.pushes[0] if done.pushes else None,
            user_errors=done.errors,
        )


async def _told(work: Awaitable[GoodsDone[T]]) -> GoodsDone[T]:
    try:
        return await work
    except InputRefused as refused:
        return GoodsDone(errors=list(refused.errors))


def _wanted(done: GoodsDone[WantedItem]) -> WantedItemsPayload:
    return WantedItemsPayload(
        wanted_items=list(done.things), pushes=done.pushes, user_errors=done.errors
    )
