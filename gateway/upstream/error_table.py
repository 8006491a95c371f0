"""What a platform's own error codes mean to the gateway, as a table that the platform fills."""

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
    #: The platform asks to come again soon; repeatable calls are repeated.
    BUSY = "busy"
    #: The quota of a longer time (a day) is spent.
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
    #: What the refusal means, where the same code means something else in another envelope.
    kind: ErrorKind | None = None


Envelope = TypeVar("Envelope", bound=msgspec.Struct)


@dataclass(frozen=True, kw_only=True)
class ErrorTable(Generic[Envelope]):
    """How a platform says no.

    `envelope` is a Struct of the error fields only, each with a default, as tolerant as the
    platform is loose (`errcode: int | str = 0`); it is decoded from every answer, by itself or
    together with the answer's model: `read` is given something that has its attributes. It
    returns None where the envelope says that all is well.
    """

    envelope: type[Envelope]
    read: Callable[[Envelope], Complaint | None]
    kinds: Mapping[str, ErrorKind]
    #: What a code means that `kinds` does not name.
    default: ErrorKind = ErrorKind.REJECTED
    #: Seconds to wait after a code, where the platform says so ("45011": 60).
    retry_after: Mapping[str, float] = field(default_factory=dict)
    #: Whether a refusal of a look-up by id means that there is no such thing.
    absent: Callable[[PlatformRejected], bool] = lambda _: False

    def kind(self, complaint: Complaint) -> ErrorKind:
        """The class of a refusal."""
        return complaint.kind or self.kinds.get(complaint.code, self.default)
