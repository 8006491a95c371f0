"""Error table: what a platform's own error codes mean to the gateway."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

import msgspec

from gateway.errors import PlatformRejected


class ErrorKind(Enum):
    """The classes of answers that the call path treats differently."""

    #: No error at all.
    OK = "ok"
    #: A refusal of this very call; repeating it changes nothing. The default.
    REJECTED = "rejected"
    #: The platform asks to retry soon; repeatable calls are retried.
    BUSY = "busy"
    #: The quota of a longer period (a day) is spent.
    QUOTA = "quota"
    #: Too many calls in a short time (a minute).
    RATE = "rate"
    #: The access token is unknown, old or void; a new one may help, once.
    TOKEN = "token"  # noqa: S105 - the name of a class of errors
    #: App id, secret, caller address or rights are refused; only a person can help.
    CREDENTIALS = "credentials"


@dataclass(frozen=True, slots=True)
class Complaint:
    """A platform's refusal in its own words."""

    code: str
    message: str
    request_id: str | None = None
    #: What the refusal means, if the code means something else in another envelope.
    kind: ErrorKind | None = None


Envelope = TypeVar("Envelope", bound=msgspec.Struct)


@dataclass(frozen=True, kw_only=True)
class ErrorTable(Generic[Envelope]):
    """How a platform reports errors.

    `envelope` is a Struct of the error fields only, each with a default, as tolerant as the
    platform is loose (`errcode: int | str = 0`); it is decoded from every answer, by itself or
    together with the answer's model: `read` gets an object with its attributes, and returns
    None if the envelope reports success.
    """

    envelope: type[Envelope]
    read: Callable[[Envelope], Complaint | None]
    kinds: Mapping[str, ErrorKind]
    #: The members at the top of an answer of which one says whether the call was done; empty if
    #: the platform has none. A write whose answer has none of them may or may not have been done.
    result: tuple[str, ...] = ()
    #: What a code means that is not in `kinds`.
    default: ErrorKind = ErrorKind.REJECTED
    #: Seconds to wait after a code, if the platform documents it ("45011": 60).
    retry_after: Mapping[str, float] = field(default_factory=dict)
    #: What an HTTP status means that comes without a code, in words with the remedy.
    statuses: Mapping[int, str] = field(default_factory=dict)
    #: Whether a refusal of a look-up by id means "not found".
    absent: Callable[[PlatformRejected], bool] = lambda _: False

    def kind(self, complaint: Complaint) -> ErrorKind:
        """The class of a refusal."""
        return complaint.kind or self.kinds.get(complaint.code, self.default)
