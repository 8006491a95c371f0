"""The scalars of the public schema: parsing and serialisation."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, NewType

import strawberry
from graphql import FloatValueNode, IntValueNode, ValueNode
from graphql.utilities import value_from_ast_untyped
from strawberry.types.scalar import ScalarDefinition


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """An uploaded file."""

    #: The name that the caller gave it; only a hint.
    name: str
    content: bytes = field(repr=False)


@dataclass(slots=True)
class BulkUpload:
    """A file of a bulk import, which goes to the store while it arrives."""

    #: The name that the caller gave it; only a hint.
    name: str
    #: The number of the operation that has it; None: nothing was received.
    number: int | None = None
    #: Of the whole file, in hexadecimal.
    sha256: str = ""
    #: Its lines, without empty ones and the head of CSV.
    lines: int = 0
    #: Why it cannot be imported, and what to do; None: it can be.
    problem: str | None = None


if TYPE_CHECKING:
    DateTime = datetime
    BigInt = int
    JSON = Any
    Upload = UploadedFile | BulkUpload
else:
    # Strawberry identifies scalars by their type object.
    DateTime = NewType("DateTime", datetime)
    BigInt = NewType("BigInt", int)
    JSON = NewType("JSON", object)
    Upload = NewType("Upload", object)

_INT64: Final = 2**63
#: From here on a double may stand for several integers.
_EXACT_DOUBLE: Final = 2**53
#: Significant digits of a decimal number that a double gives back as they were sent.
_EXACT_DIGITS: Final = 15

#: `date-time` of RFC 3339, section 5.6; a fraction of nine digits at most, as the scalar's page
#: says. ASCII digits alone: `\d` knows others.
_RFC3339: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.([0-9]{1,9}))?(?:([Zz])|([+-](?:[01][0-9]|2[0-3]):[0-5][0-9])|)"
)
#: A number as RFC 8259, section 6, writes it.
_JSON_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[Ee][+-]?[0-9]+)?")
_MICROSECOND_DIGITS: Final = 6
_BIG_INT: Final = "BigInt must be an integer of at most 64 bits."


def write_datetime(value: datetime) -> str:
    """As DateTime is written: in UTC, in whole seconds."""
    moment = value if value.tzinfo is UTC else value.astimezone(UTC)
    # strftime is ten times slower.
    return f"{moment.isoformat(timespec='seconds')[:19]}Z"


def _read_datetime(value: Any) -> datetime:
    if not isinstance(value, str):
        # graphql-core reports a ValueError as a coercion error.
        raise ValueError('DateTime must be a string such as "2026-01-31T08:00:00+08:00".')  # noqa: TRY004
    parts = _RFC3339.fullmatch(value)
    if parts is None:
        raise ValueError('DateTime must be as in RFC 3339, such as "2026-01-31T08:00:00+08:00".')
    day, time, fraction, zulu, offset = parts.groups()
    if zulu is None and offset is None:
        raise ValueError("DateTime must include an offset, such as +08:00 or Z.")
    digits = (fraction or "").rstrip("0")
    if len(digits) > _MICROSECOND_DIGITS:
        raise ValueError("DateTime must be given in microseconds at the finest.")
    try:
        moment = datetime.fromisoformat(
            f"{day}T{time}.{digits:0<{_MICROSECOND_DIGITS}}{offset or '+00:00'}"
        )
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("DateTime must be in the years 1 to 9999 in UTC.") from None
    except ValueError:
        raise ValueError("DateTime must name a day and a time that exist.") from None


def _read_decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        # As above.
        raise ValueError('Decimal must be a number such as "12.34".')  # noqa: TRY004
    if not isinstance(value, float):
        return _decimal_of(str(value))
    # The shortest text that gives this double is what the caller wrote, up to so many digits.
    number = _decimal_of(repr(value))
    if len(number.as_tuple().digits) > _EXACT_DIGITS:
        raise ValueError('Decimal must be a string such as "12.34", so that it stays exact.')
    return number


def _decimal_of(text: str) -> Decimal:
    if _JSON_NUMBER.fullmatch(text) is None:
        raise ValueError('Decimal must be written as JSON writes numbers, such as "12.34".')
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("Decimal has too large an exponent.") from None


def _read_big_int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        # As above.
        raise ValueError(_BIG_INT)  # noqa: TRY004
    if isinstance(value, int):
        return _write_big_int(value)
    if not value.is_integer() or not -_EXACT_DOUBLE < value < _EXACT_DOUBLE:
        raise ValueError(_BIG_INT)
    return int(value)


def _big_int_of(text: str) -> int:
    number = _decimal_of(text)
    # What has more digits than this is not written out to be compared.
    if number.adjusted() >= len(str(_INT64)) or number != number.to_integral_value():
        raise ValueError(_BIG_INT)
    return _write_big_int(int(number))


def _exact(read: Callable[[str], Any], otherwise: Callable[[Any], Any]) -> Callable[..., Any]:
    """Reads literals: `read` gets a number as it is written, which a double may not hold."""

    def parse_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
        if isinstance(node, IntValueNode | FloatValueNode):
            return read(node.value)
        return otherwise(value_from_ast_untyped(node, variables))

    return parse_literal


def _write_big_int(value: int) -> int:
    # A larger one could not be encoded at all.
    if not -_INT64 <= value < _INT64:
        raise ValueError(_BIG_INT)
    return value


def _read_upload(value: Any) -> UploadedFile | BulkUpload:
    if not isinstance(value, UploadedFile | BulkUpload):
        # As above.
        raise ValueError(  # noqa: TRY004
            "Upload must be sent in a multipart request: put null in its place and name the file in"
            " `map`."
        )
    return value


def _refuse_output(_: Any) -> Any:
    raise ValueError("Upload cannot be an output.")


def _same(value: Any) -> Any:
    return value


#: The scalars, for Strawberry's `scalar_map`.
SCALARS: dict[object, ScalarDefinition] = {
    DateTime: strawberry.scalar(
        name="DateTime",
        description="A point in time as RFC 3339 writes it. Output is in UTC, in whole seconds;"
        " input must include an offset, such as +08:00 or Z.",
        specified_by_url="https://scalars.graphql.org/chillicream/date-time",
        serialize=write_datetime,
        parse_value=_read_datetime,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number, written as a string: "12.34". As input a JSON number'
        " of at most 15 digits will do.",
        specified_by_url="https://www.w3.org/TR/xmlschema11-2/#decimal",
        serialize=str,
        parse_value=_read_decimal,
        parse_literal=_exact(_decimal_of, _read_decimal),
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A 64-bit integer, written as a JSON number. As input 1195.0 is 1195.",
        specified_by_url="https://scalars.graphql.org/chillicream/long",
        serialize=_write_big_int,
        parse_value=_read_big_int,
        parse_literal=_exact(_big_int_of, _read_big_int),
    ),
    Upload: strawberry.scalar(
        name="Upload",
        description="A file, sent as a part of a GraphQL multipart request.",
        specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
        serialize=_refuse_output,
        parse_value=_read_upload,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description=(
            "Any JSON value, as a platform sent it. Numbers that do not fit a 64-bit"
            " integer or a double are strings."
        ),
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=_same,
        parse_value=_same,
    ),
}
