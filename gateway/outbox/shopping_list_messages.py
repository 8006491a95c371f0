"""What the pushes of want-to-buy lists, of products and of the cart page carry."""

import msgspec

from gateway.outbox.message import OutboxMessage
from gateway.store.documents import OrderPersonal, ProductDocument, WantedItemDocument


class WantedKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Names a line of a want-to-buy list."""

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
    """A push before it is queued; `open_id` is the buyer's, whose list it is."""
    return OutboxMessage(
        operation=operation,
        payload=msgspec.json.encode(carried).decode(),
        personal=None if open_id is None else OrderPersonal(open_id=open_id),
    )


def wanted_of(message: OutboxMessage) -> WantedItemDocument:
    """What WANTED_ITEMS_IMPORT carries: one line."""
    return _WANTED.decode(message.payload)


def wanted_key_of(message: OutboxMessage) -> WantedKey:
    """What WANTED_ITEMS_REMOVE carries: the name of one line."""
    return _WANTED_KEY.decode(message.payload)


def product_of(message: OutboxMessage) -> ProductDocument:
    """What PRODUCTS_SYNC carries: one product."""
    return _PRODUCT.decode(message.payload)


def cart_path_of(message: OutboxMessage) -> str:
    """What CART_PATH carries."""
    return _CART_PATH.decode(message.payload).path


_WANTED = msgspec.json.Decoder(WantedItemDocument)
_WANTED_KEY = msgspec.json.Decoder(WantedKey)
_PRODUCT = msgspec.json.Decoder(ProductDocument)
_CART_PATH = msgspec.json.Decoder(CartPath)
