"""Coercion of a platform's values: a number sent as text, an empty list sent as an object."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import inspect

Model = TypeVar("Model")

#: A whole number, in the form that wire models accept as text.
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
#: Up to here a double represents every whole number exactly.
_EXACT: Final = 2**53
#: What means "no value", apart from false and 0.
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})
_BOOLEANS: Final[dict[float | str, bool]] = {
    0: False,
    1: True,
    "0": False,
    "1": True,
    "false": False,
    "true": True,
}


class Coercion(Generic[Model]):
    """Reads decoded JSON as a wire model, whatever equivalent form its values have.

    Only unambiguous forms are coerced; docs/decisions.md lists them. Anything else is refused. A
    number with a fraction, or a text with a decimal point, is never an amount in fen; only a whole
    number or a text is an id, and only a flag is a boolean.

    `gaps`: whether nulls in a list are dropped.
    """

    __slots__ = ("_gaps", "_model", "_wanted")

    def __init__(self, model: type[Model], *, gaps: bool = False) -> None:
        self._model = model
        self._gaps = gaps
        self._wanted = _Wanted.of(inspect.type_info(model))

    def convert(self, value: Any) -> Model:
        """The model.

        Raises:
            msgspec.ValidationError: the value is not an object, or one of its values is missing
            or cannot be coerced.
        """
        if not isinstance(value, dict):
            raise msgspec.ValidationError("no object")
        return msgspec.convert(self._wanted.coerced(value, gaps=self._gaps), self._model)


@dataclass(slots=True)
class _Wanted:
    """The types allowed at one place of a document: the members of a union by JSON type."""

    null: bool = False
    anything: bool = False
    boolean: bool = False
    integer: bool = False
    real: bool = False
    text: bool = False
    #: Of a text that represents a number.
    pattern: re.Pattern[str] | None = None
    members: "_Members | None" = None
    entries: "_Wanted | None" = None

    @classmethod
    def of(cls, kind: inspect.Type) -> "_Wanted":
        wanted = cls()
        for part in kind.types if isinstance(kind, inspect.UnionType) else (kind,):
            wanted._add(part)
        return wanted

    def _add(self, kind: inspect.Type) -> None:
        match kind:
            case inspect.NoneType():
                self.null = True
            case inspect.BoolType():
                self.boolean = True
            case inspect.IntType():
                self.integer = True
            case inspect.FloatType():
                self.real = True
            case inspect.StrType(pattern=pattern):
                self.text = True
                self.pattern = None if pattern is None else re.compile(pattern)
            case inspect.StructType():
                self.members = _Members(kind)
            case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
                self.entries = _Wanted.of(item)
            case _:
                self.anything = True

    def absent(self, value: Any) -> bool:
        """Whether a value means "no value", and is none of the expected types."""
        if value is None:
            return not self.null
        if value == "":
            return not self.text
        if self.entries is None and self.members is not None:
            return bool(value == [])
        # XML converters write an empty text as an empty object.
        return value in _EMPTY and self._free_text and not self.integer

    def coerced(self, value: Any, *, gaps: bool) -> Any:
        if self.anything or (value is None and self.null):
            return value
        if self.entries is not None:
            return self._list(value, gaps=gaps)
        if self.members is not None:
            return self.members.coerced(value, gaps=gaps) if isinstance(value, dict) else value
        return None if self.null and self.absent(value) else self._scalar(value)

    def _list(self, value: Any, *, gaps: bool) -> Any:
        assert self.entries is not None  # noqa: S101 - asked of lists alone
        if value in _EMPTY:
            return []
        if isinstance(value, list):
            entries = (entry for entry in value if not (gaps and entry is None))
            return [self.entries.coerced(entry, gaps=gaps) for entry in entries]
        # An object of unknown members may be a list in another form.
        members = self.entries.members
        if isinstance(value, dict) and members is not None and members.named_in(value):
            return [members.coerced(value, gaps=gaps)]
        return value

    def _scalar(self, value: Any) -> Any:
        if isinstance(value, str):
            return value if self._free_text else self._from_text(value)
        if self._free_text:
            # True is not a text, and a double has several spellings.
            whole = isinstance(value, int) and not isinstance(value, bool)
            return str(value) if whole and not self.integer else value
        return self._from_number(value) if isinstance(value, int | float) else value

    @property
    def _free_text(self) -> bool:
        return self.text and self.pattern is None

    def _from_number(self, value: float) -> Any:
        if isinstance(value, bool):
            return value
        whole = isinstance(value, int) or (value.is_integer() and abs(value) <= _EXACT)
        if self.integer and whole:
            return int(value)
        # No platform spells true as 1.0.
        return _BOOLEANS.get(value, value) if self.boolean and isinstance(value, int) else value

    def _from_text(self, value: str) -> Any:
        trimmed = value.strip()
        if self.pattern is not None and self.pattern.search(trimmed):
            return trimmed
        if (self.integer or self.real) and _WHOLE.fullmatch(trimmed):
            return int(trimmed)
        return _BOOLEANS.get(trimmed.lower(), value) if self.boolean else value


@dataclass
class _Members:
    """The members of an object, described lazily."""

    kind: inspect.StructType

    @cached_property
    def wanted(self) -> dict[str, tuple[_Wanted, bool]]:
        """By wire name: the allowed types, and whether the member is required."""
        return {
            member.encode_name: (_Wanted.of(member.type), member.required)
            for member in self.kind.fields
        }

    def named_in(self, value: dict[str, Any]) -> bool:
        return not self.wanted.keys().isdisjoint(value)

    def coerced(self, value: dict[str, Any], *, gaps: bool) -> dict[str, Any]:
        members = {}
        for name, (wanted, required) in self.wanted.items():
            if name in value and (required or not wanted.absent(value[name])):
                members[name] = wanted.coerced(value[name], gaps=gaps)
        return members
