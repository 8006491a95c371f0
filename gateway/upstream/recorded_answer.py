"""A recorded answer: compared with its wire model, and masked for a fixture."""

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

#: Whole numbers below it are amounts, counts, codes and times, not ids.
_LEAST_ID: Final = 10**10
#: A platform's own words, such as USER_WAIT_RETURN.
_WORD: Final = re.compile(r"[A-Z0-9]+(_[A-Z0-9]+)+")
#: Members whose texts are the platform's own words, codes of carriers and the like.
_OWN_WORDS: Final = frozenset(
    {
        "delivery_id",
        "delivery_type",
        "errcode",
        "express_company",
        "send_time",
        "shipping_method",
        "status",
        "type",
        "valuation_type",
    }
)
_MOST_OWN: Final = 40
_ASCII_WORD: Final = re.compile(r"[A-Za-z0-9_]+")


def fault_of(model: type[msgspec.Struct], body: bytes) -> str | None:
    """Why a body does not fit its wire model, without any of its values; None if it fits."""
    try:
        msgspec.json.decode(body, type=model)
    except msgspec.DecodeError as failure:
        # "Expected `int`, got `str` - at `$.order.status`": types and a path.
        return str(failure)
    return None


def unknown_members(model: type[msgspec.Struct], document: Any) -> list[str]:
    """The paths of the members that the platform sends and the wire model does not name.

    `$.orders[].fee` is a member of each entry of a list; each path once, in the document's order.
    """
    kind = msgspec.inspect.type_info(model)
    return list(dict.fromkeys(_unknown(document, kind, "$")))


def _unknown(value: Any, kind: msgspec.inspect.Type, path: str) -> Iterator[str]:
    if isinstance(kind, msgspec.inspect.UnionType):
        kinds = [one for one in kind.types if _may_be(value, one)]
        # A text or a number instead of an object has no members.
        if kinds:
            yield from _unknown(value, kinds[0], path)
    elif isinstance(kind, msgspec.inspect.StructType) and isinstance(value, dict):
        fields = {field.encode_name: field.type for field in kind.fields}
        for name, inner in value.items():
            if name in fields:
                yield from _unknown(inner, fields[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}"
    elif isinstance(kind, msgspec.inspect.CollectionType) and isinstance(value, list):
        for inner in value:
            yield from _unknown(inner, kind.item_type, f"{path}[]")


def _may_be(value: Any, kind: msgspec.inspect.Type) -> bool:
    if isinstance(kind, msgspec.inspect.StructType):
        return isinstance(value, dict)
    return isinstance(kind, msgspec.inspect.CollectionType) and isinstance(value, list)


class Mask:
    """Masks documents: what could be a person's, an id or a text of the shop, becomes another.

    The same id becomes the same other one as long as the key is the same, so that a list and what
    it lists still fit; lengths and kinds of characters stay, so that lengths and patterns do.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def masked(self, value: Any, member: str = "") -> Any:
        """A document with its names, small numbers and own words as they are."""
        if isinstance(value, Mapping):
            return {name: self.masked(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.masked(inner, member) for inner in value]
        if isinstance(value, int) and not isinstance(value, bool):
            return value if abs(value) < _LEAST_ID else int(self._digits(str(value)))
        if isinstance(value, str):
            return self._text(value, member)
        return value

    def _text(self, text: str, member: str) -> str:
        if member == "errmsg":
            # It ends in the platform's id of the call.
            return text.split(" rid:", maxsplit=1)[0] if text.startswith("ok") else "masked"
        own = member in _OWN_WORDS and len(text) <= _MOST_OWN and _ASCII_WORD.fullmatch(text)
        if own or _WORD.fullmatch(text):
            return text
        if text.isascii() and text.isdecimal():
            # One digit alone is a flag or a code.
            return text if len(text) == 1 else self._digits(text)
        return "".join(map(_other, text))

    def _digits(self, digits: str) -> str:
        """Another number of as many digits, with the same first one: it fits into as many bits."""
        sign, rest = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
        found = hmac.new(self._key, rest.encode(), hashlib.sha256).digest()
        others = "".join(str(byte % 10) for byte in found)
        # A first digit of 9 could carry 19 digits beyond 64 bits.
        return f"{sign}{min(rest[0], '3')}{others[: len(rest) - 1]}"


def _other(character: str) -> str:
    if character.isdecimal():
        return "0"
    if not character.isalpha():
        return character
    if not character.isascii():
        return "某"
    return "X" if character.isupper() else "x"
