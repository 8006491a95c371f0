"""What a platform posts to the gateway: events about orders, checked and read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class ForgedMessage(ValueError):
    """The request is not the platform's, or not for this shop; says no more on purpose."""


@dataclass(frozen=True, slots=True)
class MessageRequest:
    """A POST as it came; names of headers in small letters."""

    query: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMessage:
    """An event about an order; `at` is the platform's time in unix seconds."""

    kind: str
    order_id: str
    at: int
    #: Equal for deliveries of the same event.
    identity: tuple[str, ...]
    #: False where the signature does not cover the content: the event is only a hint.
    trusted: bool
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

    def read(self, request: MessageRequest) -> OrderMessage | None:
        """The event; None where the message is about something else; raises ForgedMessage."""
