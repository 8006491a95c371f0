"""The scalars of the public schema and how each is read and written."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that came with a request."""

    #: What the caller calls it; nothing more than a hint.
    name: str
    content: bytes = field(repr=False)


if TYPE_CHECKING:
    DateTime = datetime
    BigInt = int
    JSON = Any
    Upload = UploadedFile
else:
    # Strawberry tells scalars apart by their type object.
    DateTime = NewType("DateTime", datetime)
    BigInt = NewType("BigInt", int)
    JSON = NewType("JSON", object)
    Upload = NewType("Upload", object)

_INT64 = 2**63


def _write_datetime(value: datetime) -> str:
    moment = value if value.tzinfo is UTC else value.astimezone(UTC)
    # strftime takes ten times as long.
    return f"{moment.isoformat(timespec='seconds')[:19]}Z"


def _read_datetime(value: Any) -> datetime:
    if not isinstance(value, str):
        # graphql-core turns a ValueError into a clear refusal.
        raise ValueError("A DateTime is a string such as 2026-01-31T08:00:00+08:00.")  # noqa: TRY004
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(
            "A DateTime is written in ISO 8601, such as 2026-01-31T08:00:00+08:00."
        ) from None
    if moment.tzinfo is None:
        raise ValueError("A DateTime carries an offset, such as +08:00 or Z.")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("A DateTime lies in the years 1 to 9999, in UTC as well.") from None


def _read_decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        # As above.
        raise ValueError('A Decimal is a string such as "12.34", so that it stays exact.')  # noqa: TRY004
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise ValueError('A Decimal is a number such as "12.34".') from None
    if not amount.is_finite():
        raise ValueError("A Decimal is a finite number.")
    return amount


def _read_big_int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -_INT64 <= value < _INT64:
        raise ValueError("A BigInt is a whole number of at most 64 bits.")
    return value


def _write_big_int(value: int) -> int:
    # Past these no answer could be written at all.
    if not -_INT64 <= value < _INT64:
        raise ValueError("A BigInt is a whole number of at most 64 bits.")
    return value


def _read_upload(value: Any) -> UploadedFile:
    if not isinstance(value, UploadedFile):
        # As above.
        raise ValueError(  # noqa: TRY004
            "A file is sent by a multipart request: null stands in its place, and `map` names it."
        )
    return value


def _write_nothing(_: Any) -> Any:
    raise ValueError("Files are not given out.")


def _same(value: Any) -> Any:
    return value


#: What Strawberry is told of each scalar.
SCALARS: dict[object, ScalarDefinition] = {
    DateTime: strawberry.scalar(
        name="DateTime",
        description="A moment, ISO 8601: always UTC coming out; with an offset going in.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=_write_datetime,
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
        description="A whole number of up to 64 bits, written as a JSON number.",
        serialize=_write_big_int,
        parse_value=_read_big_int,
    ),
    Upload: strawberry.scalar(
        name="Upload",
        description="A file, sent by a GraphQL multipart request.",
        specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
        serialize=_write_nothing,
        parse_value=_read_upload,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description=(
            "Any JSON value, as a platform sent it; a number of more than 64 bits, or beyond the "
            "doubles, stands as a string."
        ),
        serialize=_same,
        parse_value=_same,
    ),
}
