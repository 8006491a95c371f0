"""Opaque, stable ids of the public schema, and the keys encoded in them."""

from typing import NamedTuple

from schema import base64url

_SEPARATOR = "\x1f"


class MalformedId(ValueError):
    """The text is not an id that this gateway issued."""


class Key(NamedTuple):
    """Identifies an object across all platforms.

    `kind` is the GraphQL type, `shop` the shop's key and `platform_id` the platform's own id.
    `part` completes the id where needed: a SKU's id within its product, an after-sale's within
    its order, the store's app id of a partner order.
    """

    kind: str
    shop: str
    platform_id: str = ""
    part: str = ""

    def encode(self) -> str:
        """The opaque id; the same key gives the same id on every replica."""
        return base64url.encode(_SEPARATOR.join(self).encode())

    @classmethod
    def decode(cls, text: str) -> "Key":
        """The key encoded in an id.

        Raises:
            MalformedId: the text was not made by `encode`.
        """
        try:
            plain = base64url.decode(text).decode()
        except ValueError:
            raise MalformedId(text) from None
        parts = plain.split(_SEPARATOR)
        if len(parts) != len(cls._fields):
            raise MalformedId(text)
        key = cls(*parts)
        if not key.kind or not key.shop or key.encode() != text:
            raise MalformedId(text)
        return key
