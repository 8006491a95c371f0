"""Payloads of the pushes of want-to-buy lists, products and the cart page."""

import msgspec

from gateway.outbox.message import OutboxMessage
from gateway.store.documents import OrderPersonal, ProductDocument, WantedItemDocument


class WantedKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The key of a line of a want-to-buy list."""

    platform_product_id: str
    platform_sku_id: str | None = None


class CartPath(msgspec.Struct, frozen=True, kw_only=True):
    """The page behind the shopping list's cart button."""

    path: str


def shopping_list_message(
    operation: str,
    carried: WantedItemDocument | WantedKey | ProductDocument | CartPath,
    open_id: str | None = None,
) -> OutboxMessage:
    """A push before it is queued; `open_id` is that of the list's buyer."""
    return OutboxMessage(
        operation=operation,
        payload=msgspec.json.encode(carried).decode(),
        personal=None if open_id is None else OrderPersonal(open_id=open_id),
    )


def wanted_of(message: OutboxMessage) -> WantedItemDocument:
    """The payload of WANTED_ITEMS_IMPORT: one line."""
    return _WANTED.decode(message.payload)


def wanted_key_of(message: OutboxMessage) -> WantedKey:
    """The payload of WANTED_ITEMS_REMOVE: the key of one line."""
    return _WANTED_KEY.decode(message.payload)


def product_of(message: OutboxMessage) -> ProductDocument:
    """The payload of PRODUCTS_SYNC: one product."""
    return _PRODUCT.decode(message.payload)


def cart_path_of(message: OutboxMessage) -> str:
    """The payload of CART_PATH."""
    return _CART_PATH.decode(message.payload).path


_WANTED = msgspec.json.Decoder(WantedItemDocument)
_WANTED_KEY = msgspec.json.Decoder(WantedKey)
_PRODUCT = msgspec.json.Decoder(ProductDocument)
_CART_PATH = msgspec.json.Decoder(CartPath)
