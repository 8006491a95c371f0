"""What a platform posts to the gateway: events about orders, checked and read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class ForgedMessage(ValueError):
    """The request is not the platform's, or not for this shop; says no more on purpose."""


class UnreadableMessage(ValueError):
    """The message is the platform's, and cannot be read; the text says why, and names no value."""


@dataclass(frozen=True, slots=True)
class MessageRequest:
    """A POST as it came; names of headers in small letters."""

    query: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedMessage:
    """The content of a genuine request, decrypted, not read yet."""

    content: bytes
    #: False where the signature does not cover the content: it is only a hint.
    trusted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMessage:
    """An event about an order."""

    kind: str
    order_id: str
    #: The platform's time, in unix seconds; None where it cannot be read.
    at: int | None
    #: Equal for deliveries of the same event.
    identity: tuple[str, ...]
    #: The app id of the store that sold it; None for a shop's own order.
    partner_app_id: str | None = None
    #: The platform's code, as it came; None where the event has none.
    status: str | None = None


class MessageReader(Protocol):
    """Checks and reads the messages for one shop."""

    @property
    def sender(self) -> str:
        """Who posts, as in /webhooks/{sender}/{shop}."""

    @property
    def acknowledgement(self) -> str:
        """The body that tells the platform that a message was received."""

    def check_url(self, query: Mapping[str, str]) -> str:
        """The body that the platform's GET of the address expects; raises ForgedMessage."""

    def open(self, request: MessageRequest) -> OpenedMessage:
        """The content of a request; raises ForgedMessage, and nothing else for what is genuine."""

    def read(self, content: bytes) -> OrderMessage | None:
        """The event of an opened message; None where it is about something else.

        What cannot be read is kept, and read again on request. Raises UnreadableMessage.
        """
