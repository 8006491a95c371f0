"""The scalars of the public schema: parsing and serialisation."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """An uploaded file."""

    #: The name that the caller gave it; only a hint.
    name: str
    content: bytes = field(repr=False)


if TYPE_CHECKING:
    DateTime = datetime
    BigInt = int
    JSON = Any
    Upload = UploadedFile
else:
    # Strawberry identifies scalars by their type object.
    DateTime = NewType("DateTime", datetime)
    BigInt = NewType("BigInt", int)
    JSON = NewType("JSON", object)
    Upload = NewType("Upload", object)

_INT64 = 2**63


def write_datetime(value: datetime) -> str:
    """As DateTime is written: in UTC, in whole seconds."""
    moment = value if value.tzinfo is UTC else value.astimezone(UTC)
    # strftime is ten times slower.
    return f"{moment.isoformat(timespec='seconds')[:19]}Z"


def _read_datetime(value: Any) -> datetime:
    if not isinstance(value, str):
        # graphql-core reports a ValueError as a coercion error.
        raise ValueError('DateTime must be a string such as "2026-01-31T08:00:00+08:00".')  # noqa: TRY004
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(
            'DateTime must be in ISO 8601, such as "2026-01-31T08:00:00+08:00".'
        ) from None
    if moment.tzinfo is None:
        raise ValueError("DateTime must include an offset, such as +08:00 or Z.")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("DateTime must be in the years 1 to 9999 in UTC.") from None


def _read_decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        # As above.
        raise ValueError('Decimal must be a string such as "12.34", so that it stays exact.')  # noqa: TRY004
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise ValueError('Decimal must be a number such as "12.34".') from None
    if not amount.is_finite():
        raise ValueError("Decimal must be finite.")
    return amount


def _read_big_int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -_INT64 <= value < _INT64:
        raise ValueError("BigInt must be an integer of at most 64 bits.")
    return value


def _write_big_int(value: int) -> int:
    # A larger one could not be encoded at all.
    if not -_INT64 <= value < _INT64:
        raise ValueError("BigInt must be an integer of at most 64 bits.")
    return value


def _read_upload(value: Any) -> UploadedFile:
    if not isinstance(value, UploadedFile):
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
        description="A point in time in ISO 8601. Output is in UTC; input must include an offset,"
        " such as +08:00 or Z.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=write_datetime,
        parse_value=_read_datetime,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number, written as a string: "12.34".',
        serialize=str,
        parse_value=_read_decimal,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A 64-bit integer, written as a JSON number.",
        serialize=_write_big_int,
        parse_value=_read_big_int,
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
        serialize=_same,
        parse_value=_same,
    ),
}
