"""Whom orders of the index are found by: open id, phone number and receiver, as keyed hashes."""

import unicodedata
from typing import Final

import msgspec

from gateway.store.crypto import Vault

_PHONE: Final = "phone"
_RECEIVER: Final = "receiver"
#: Keeps a swan id from being found as an open id, as in `gateway.store.buyer_index`.
_SWAN_ID: Final = "swan_id"
#: What a platform hides of a number or a name.
_MASK: Final = "*"
#: China's code before a mobile number of 11 digits.
_COUNTRY: Final = "86"
_MOBILE_DIGITS: Final = 11


class IndexedContact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `index_orders.contact` seals."""

    open_id: str | None = None
    #: Baidu's, of a buyer who has no open id.
    swan_id: str | None = None
    phone: str | None = None
    receiver: str | None = None


def contact_indexes(
    vault: Vault, shop: str, contact: IndexedContact | None
) -> dict[str, bytes | None]:
    """The columns `buyer`, `phone` and `receiver`; None for what is unknown or masked."""
    if contact is None:
        return {"buyer": None, "phone": None, "receiver": None}
    buyer = None
    if contact.open_id is not None:
        buyer = vault.blind_index(shop, contact.open_id)
    elif contact.swan_id is not None:
        buyer = vault.blind_index(shop, _SWAN_ID, contact.swan_id)
    phone, receiver = plain_phone(contact.phone or ""), plain_name(contact.receiver or "")
    return {
        "buyer": buyer,
        "phone": None if phone is None else vault.blind_index(shop, _PHONE, phone),
        "receiver": None if receiver is None else vault.blind_index(shop, _RECEIVER, receiver),
    }


def phone_indexes(vault: Vault, shop: str, text: str) -> list[bytes]:
    """What finds the orders of a phone number, by each key; empty if the text is none."""
    phone = plain_phone(text)
    return [] if phone is None else vault.blind_indexes(shop, _PHONE, phone)


def receiver_indexes(vault: Vault, shop: str, text: str) -> list[bytes]:
    """What finds the orders of a receiver's name, by each key; empty if the text is none."""
    name = plain_name(text)
    return [] if name is None else vault.blind_indexes(shop, _RECEIVER, name)


def plain_phone(text: str) -> str | None:
    """The digits of a phone number, without China's code; None if it has none, or is masked."""
    digits = "".join(one for one in unicodedata.normalize("NFKC", text) if one in "0123456789")
    if not digits or _MASK in text:
        return None
    code, number = digits[:-_MOBILE_DIGITS].lstrip("0"), digits[-_MOBILE_DIGITS:]
    return number if code == _COUNTRY else digits


def plain_name(text: str) -> str | None:
    """A name without spaces and capitals; None if nothing is left, or it is masked."""
    name = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return name if name and _MASK not in name else None
