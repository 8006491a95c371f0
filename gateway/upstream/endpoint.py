"""One call of a platform, as a typed row of that platform's table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Generic, TypeVar

import msgspec

Req = TypeVar("Req", bound=msgspec.Struct)
Res = TypeVar("Res", bound=msgspec.Struct)


class BodyKind(Enum):
    """How a request's fields are sent, apart from those in the URL."""

    #: All fields that are not in the query, as one JSON object of raw UTF-8.
    JSON = "json"
    #: The one field of type bytes that is not in the query, as it is (an image).
    BYTES = "bytes"
    #: The one field of type FilePart that is not in the query, as a part of multipart/form-data.
    MULTIPART = "multipart"
    #: No body: every field is in the query.
    NONE = "none"


class FilePart(msgspec.Struct, frozen=True, kw_only=True):
    """A file as a part of a multipart body; the part has the name of the request's field.

    `content` must not contain BOUNDARY, and `filename` no quote, no backslash and no control
    character.
    """

    filename: str
    media_type: str
    content: bytes


#: Separates the parts of a multipart body: one text, so that equal requests are equal bytes.
BOUNDARY: Final = "gateway-5f1c0f9a7be24a6f-part"


class LostAnswer(Enum):
    """How to recover when a call was sent and its answer was lost."""

    #: Send the same call again: it sets whole values.
    REPEAT = "repeat"
    #: Send all that it changed by another row (an append: import the order again).
    REBUILD = "rebuild"
    #: Find out by another row whether it arrived, and send it again if it did not.
    LOOK = "look"
    #: The outcome is unknown until a person or a later read finds out.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class EntryList:
    """The list of an answer whose entries are independent.

    `member` is its name at the top of the answer, `id` the member that identifies an entry in the
    log. An unreadable entry is dropped without the others; so never use it for a list of the
    results of a write. An answer without the member is malformed, not an empty list.
    """

    member: str
    id: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Endpoint(Generic[Req, Res]):
    """A row: all that the client, the metrics, the docs and the coverage test need.

    `name` is unique within a platform ("order.getbyid") and appears in metrics and errors.
    Request and response are msgspec Structs whose rename rules give the manual's spelling.
    Request fields that are `msgspec.UNSET` (or None where the Struct says `omit_defaults`)
    are left out; in a query, None and UNSET are left out always.
    """

    name: str
    method: str
    #: Below the shop's base URL, with its leading slash and without a query.
    path: str
    request: type[Req]
    response: type[Res]
    #: Where the manual prints it, such as "6.2".
    section: str
    #: What the call does, in a few words, for documents and logs.
    summary: str
    #: Parts of the query that never change.
    query: Mapping[str, str] = field(default_factory=dict)
    #: Attributes of the request that are sent in the URL, not in the body.
    query_fields: tuple[str, ...] = ()
    body: BodyKind = BodyKind.JSON
    #: Whether it is idempotent.
    repeatable: bool = False
    entries: EntryList | None = None
    #: The lifetime class of its answers ("products", "orders", "catalogue"); None: never cached.
    ttl: str | None = None
    #: Names under which a write can invalidate this row's cached answers, besides its own name.
    tags: tuple[str, ...] = ()
    #: Endpoint names or tags whose cached answers a call of this row invalidates, in its own shop.
    invalidates: tuple[str, ...] = ()
    after_lost_answer: LostAnswer = LostAnswer.UNKNOWN

    @property
    def shareable(self) -> bool:
        """Whether identical calls in flight may share one answer: a read, never a write."""
        return self.repeatable and not self.invalidates
