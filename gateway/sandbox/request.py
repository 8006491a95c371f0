"""A request to a platform: its fields by the types of the manual, and its refusal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson

Wire = dict[str, Any]

ShopT = TypeVar("ShopT")
InventedT = TypeVar("InventedT")


class Refusal(Exception):
    """A business refusal with the platform's own code; `extra` joins the answer."""

    def __init__(self, code: int, message: str, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.extra = dict(extra or {})


class Fields:
    """One JSON object; a missing or wrongly typed field is refused with its path and `code`."""

    def __init__(self, data: Mapping[str, Any], code: int, path: str = "") -> None:
        self.data = data
        self._code = code
        self._path = path

    def refuse(self, name: str, problem: str) -> Refusal:
        """Return the refusal of one field, to be raised."""
        return Refusal(self._code, f"{self._path}{name} {problem}")

    def has(self, name: str) -> bool:
        """Whether the field was sent and is not null."""
        return self.data.get(name) is not None

    def text(self, name: str, *, empty: bool = False) -> str:
        """Read a required string; `empty` allows it to be empty."""
        value = self.data.get(name)
        if not isinstance(value, str) or not (value or empty):
            raise self.refuse(name, "is a required string")
        return value

    def optional_text(self, name: str) -> str:
        """Read an optional string; "" if absent."""
        return self.text(name, empty=True) if self.has(name) else ""

    def whole(self, name: str, *, at_least: int | None = None) -> int:
        """Read a required whole number; numbers sent as strings are refused."""
        value = self.data.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.refuse(name, "is a required number")
        if at_least is not None and value < at_least:
            raise self.refuse(name, f"must be at least {at_least}")
        return value

    def optional_whole(self, name: str, default: int) -> int:
        """Read an optional whole number."""
        return self.whole(name) if self.has(name) else default

    def one_of(self, name: str, allowed: tuple[int, ...]) -> int:
        """Read a number of a documented list."""
        value = self.whole(name)
        if value not in allowed:
            raise self.refuse(name, f"must be one of {', '.join(map(str, allowed))}")
        return value

    def flag(self, name: str) -> bool:
        """Read a required JSON boolean."""
        value = self.data.get(name)
        if not isinstance(value, bool):
            raise self.refuse(name, "is a required boolean")
        return value

    def inner(self, name: str) -> "Fields":
        """Read a required object."""
        value = self.data.get(name)
        if not isinstance(value, dict):
            raise self.refuse(name, "is a required object")
        return Fields(value, self._code, f"{self._path}{name}.")

    def inners(self, name: str, *, empty: bool = False) -> list["Fields"]:
        """Read a required array of objects; `empty` allows none, and the field to be left out."""
        value = self.data.get(name)
        if value is None and empty:
            return []
        if not isinstance(value, list) or not (value or empty):
            raise self.refuse(name, "is a required array")
        if not all(isinstance(item, dict) for item in value):
            raise self.refuse(name, "must hold objects only")
        return [
            Fields(item, self._code, f"{self._path}{name}[{index}].")
            for index, item in enumerate(value)
        ]

    def texts(self, name: str, *, empty: bool = False) -> list[str]:
        """Read a required array of non-empty strings."""
        value = self.data.get(name)
        if value is None and empty:
            return []
        if not isinstance(value, list) or not (value or empty):
            raise self.refuse(name, "is a required array")
        if not all(isinstance(item, str) and item for item in value):
            raise self.refuse(name, "must hold strings only")
        return value

    def each(self, name: str, check: Callable[["Fields"], None]) -> None:
        """Run `check` on every object of a required array."""
        for item in self.inners(name):
            check(item)


@dataclass(frozen=True, slots=True)
class Call(Generic[ShopT, InventedT]):
    """The argument of an endpoint's function, after the token and the JSON were accepted.

    `now` is in unix seconds, `raw` is the body as received, `invented` is the platform's table of
    undocumented values. `foreign(open_id)` returns whether an open id is known only as a buyer of
    another app.
    """

    shop: ShopT
    app_id: str
    body: Fields
    query: Mapping[str, str]
    raw: bytes
    now: int
    invented: InventedT
    entropy: Callable[[int], bytes]
    foreign: Callable[[str], bool]


def json_object(raw: bytes) -> dict[str, Any] | None:
    """Parse a body; None unless it is a JSON object."""
    try:
        body: object = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None
