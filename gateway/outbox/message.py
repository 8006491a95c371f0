"""A push as a platform is handed it, and what it carries."""

from dataclasses import dataclass
from typing import Final

import msgspec

from gateway.store.documents import AfterSaleDocument, OrderDocument, OrderPersonal


class OrderPayload(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the pushes of an order carry: the whole of it, however little of it is sent."""

    order: OrderDocument
    #: All of its after-sales: an import overwrites those too.
    after_sales: tuple[AfterSaleDocument, ...] = ()
    #: The ids of those that the push of an after-sale is about.
    named: tuple[str, ...] = ()
    #: The platform has the order already, and an import is to replace it.
    replaces: bool = False


_ORDER: Final = msgspec.json.Decoder(OrderPayload)


def written(payload: msgspec.Struct) -> str:
    """A payload as the outbox keeps it."""
    return msgspec.json.encode(payload).decode()


def read_order_payload(text: str) -> OrderPayload:
    """What `written` wrote of an order."""
    return _ORDER.decode(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """One push on its way; `operation` is a PushOperation, `payload` its JSON."""

    operation: str
    payload: str
    personal: OrderPersonal | None
    #: The answer of an attempt before was lost: the platform may have done it already.
    lost: bool = False

    @property
    def open_id(self) -> str:
        """The buyer it is about; empty where none is known, or any more."""
        return (self.personal.open_id if self.personal else None) or ""

    def order(self) -> OrderPayload:
        """What the push of an order carries."""
        return read_order_payload(self.payload)
