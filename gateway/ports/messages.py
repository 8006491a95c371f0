"""Webhooks of a platform: events about orders, after-sales and products, verified and decoded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gateway.ports.payments import PaymentName


class ForgedMessage(ValueError):
    """The request is not from the platform, or not for this shop; deliberately without details."""


class UnreadableMessage(ValueError):
    """The message is from the platform, but unreadable; the text says why, without values."""


@dataclass(frozen=True, slots=True)
class MessageRequest:
    """A POST as received; header names in lower case."""

    query: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedMessage:
    """The content of a genuine request, decrypted, not decoded yet."""

    content: bytes
    #: False if the signature does not cover the content: it is only a hint.
    trusted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMessage:
    """An event about an order, an after-sale, a product or a payment.

    One about an after-sale names its order too.
    """

    kind: str
    order_id: str | None = None
    after_sale_id: str | None = None
    product_id: str | None = None
    payment: PaymentName | None = None
    #: The platform's time, in unix seconds; None if it cannot be read.
    at: int | None
    #: Equal for deliveries of the same event.
    identity: tuple[str, ...]
    #: The app id of the store that sold it; None for a shop's own order.
    partner_app_id: str | None = None
    #: The platform's raw code; None if the event has none.
    status: str | None = None
    #: Why the audit refused the draft of a product; None if it did not, or gives no reason.
    draft_refusal: str | None = None


class MessageReader(Protocol):
    """Verifies and reads the messages for one shop."""

    @property
    def sender(self) -> str:
        """Who posts, as in /webhooks/{sender}/{shop}."""

    @property
    def acknowledgement(self) -> str:
        """The body that acknowledges a message to the platform."""

    def check_url(self, query: Mapping[str, str]) -> str:
        """The body that the platform's GET of the address expects; raises ForgedMessage."""

    def open(self, request: MessageRequest) -> OpenedMessage:
        """The content of a request; raises ForgedMessage, and nothing else for what is genuine."""

    def read(self, content: bytes) -> EventMessage | None:
        """The event of an opened message; None if it is about something else.

        An unreadable message is stored, and read again on request. Raises UnreadableMessage.
        """
