"""Mutations of shopping lists: want-to-buy lists, product data and the cart page."""

from collections.abc import Awaitable
from typing import TypeVar

import strawberry

from gateway.ports.writing.problems import InputRefused
from gateway.services.writing.shopping_list import ShoppingListResult
from resolvers.guards import CATALOG_WRITE, ORDERS_WRITE, Info, root_field, writing_context
from schema.inputs.product_sync import ProductsSyncInput
from schema.inputs.wanted_item import WantedItemKeyInput, WantedItemsImportInput
from schema.payloads import ProductsPayload, ShopPayload, WantedItemsPayload
from schema.wanted_item import WantedItem

T = TypeVar("T")


@strawberry.type
class ShoppingListMutation:
    """Mutations of shopping lists."""

    @root_field(
        "Adds lines to a buyer's want-to-buy list, or replaces those already on it, in"
        " as many calls as the platform needs. If one line is invalid, none is sent."
        " Needs the scope orders:write."
    )
    async def wanted_items_import(
        self, info: Info, input: WantedItemsImportInput
    ) -> WantedItemsPayload | None:
        """Add lines to a want-to-buy list."""
        context = writing_context(info, ORDERS_WRITE)
        writing = context.services.shopping_list_writing
        return _wanted(await _result(writing.import_wanted_items(input, context.viewer)))

    @root_field(
        "Removes lines from a buyer's want-to-buy list; returns those that were on it,"
        " as they were. Lines that the gateway does not know are removed from the"
        " platform too. Needs the scope orders:write."
    )
    async def wanted_items_remove(
        self, info: Info, shop: str, open_id: str, items: list[WantedItemKeyInput]
    ) -> WantedItemsPayload | None:
        """Remove lines from a want-to-buy list."""
        context = writing_context(info, ORDERS_WRITE)
        writing = context.services.shopping_list_writing
        return _wanted(
            await _result(writing.remove_wanted_items(shop, open_id, items, context.viewer))
        )

    @root_field(
        "Clears a buyer's want-to-buy list: every line that the gateway knows, and what the"
        " platform lists if it tells. A warning says where lines added elsewhere are unknown."
        " Needs the scope orders:write."
    )
    async def wanted_items_clear(
        self, info: Info, shop: str, open_id: str
    ) -> WantedItemsPayload | None:
        """Clear a want-to-buy list."""
        context = writing_context(info, ORDERS_WRITE)
        writing = context.services.shopping_list_writing
        return _wanted(await _result(writing.clear_wanted_items(shop, open_id, context.viewer)))

    @root_field(
        "Updates product data in the shopping list. Omitted SKUs stay as they are: the"
        " platform accumulates SKUs over calls. If one product is invalid, none is sent."
        " Needs the scope catalog:write."
    )
    async def products_sync(self, info: Info, input: ProductsSyncInput) -> ProductsPayload | None:
        """Sync product data."""
        context = writing_context(info, CATALOG_WRITE)
        work = context.services.shopping_list_writing.sync_products(
            input, context.viewer, context.reading
        )
        done = await _result(work)
        return ProductsPayload(
            products=list(done.things),
            pushes=done.pushes,
            user_errors=done.errors,
            warnings=done.warnings,
        )

    @root_field(
        "Sets the Mini Program page that the shopping list's cart button opens. Needs"
        " the scope catalog:write."
    )
    async def shopping_cart_path_set(self, info: Info, shop: str, path: str) -> ShopPayload | None:
        """Set the cart page."""
        context = writing_context(info, CATALOG_WRITE)
        writing = context.services.shopping_list_writing
        done = await _result(writing.set_cart_path(shop, path, context.viewer))
        return ShopPayload(
            shop=done.things[0] if done.things else None,
            push=done.pushes[0] if done.pushes else None,
            user_errors=done.errors,
        )


async def _result(work: Awaitable[ShoppingListResult[T]]) -> ShoppingListResult[T]:
    try:
        return await work
    except InputRefused as refused:
        return ShoppingListResult(errors=list(refused.errors))


def _wanted(done: ShoppingListResult[WantedItem]) -> WantedItemsPayload:
    return WantedItemsPayload(
        wanted_items=list(done.things),
        pushes=done.pushes,
        user_errors=done.errors,
        warnings=done.warnings,
    )
