"""Blind indexes of the buyer of an order: to find the buyer's rows, and to erase them."""

from gateway.store.crypto import Vault
from gateway.store.documents import OrderPersonal

#: Keeps a swan id from being found as an open id.
_SWAN_ID = "swan_id"


def buyer_index(vault: Vault, shop: str, personal: OrderPersonal | None) -> bytes | None:
    """The index of the open id, without one of the swan id; None if the buyer is unknown."""
    if personal is None:
        return None
    if personal.open_id is not None:
        return vault.blind_index(shop, personal.open_id)
    if personal.swan_id is not None:
        return vault.blind_index(shop, _SWAN_ID, personal.swan_id)
    return None


def possible_indexes(vault: Vault, shop: str, buyer_id: str) -> list[bytes]:
    """The indexes of an id that is an open id or a swan id, by each key."""
    return [
        *vault.blind_indexes(shop, buyer_id),
        *vault.blind_indexes(shop, _SWAN_ID, buyer_id),
    ]
