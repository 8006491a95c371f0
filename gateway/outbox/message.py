"""A push as its platform's delivery receives it, and the payload of the pushes of an order."""

from dataclasses import dataclass, field
from typing import Final, Self

import msgspec

from gateway.ports import WireForm
from gateway.store.documents import AfterSaleDocument, OrderDocument, OrderPersonal


class OrderPayload(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The payload of the pushes of an order: all of the order, however little of it is sent."""

    order: OrderDocument
    #: All of its after-sales: an import overwrites them too.
    after_sales: tuple[AfterSaleDocument, ...] = ()
    #: Platform ids of the after-sales that the push sends.
    named: tuple[str, ...] = ()
    #: The platform has the order already; an import is to replace it.
    replaces: bool = False


_ORDER: Final = msgspec.json.Decoder(OrderPayload)


def written(payload: msgspec.Struct) -> str:
    """A payload as the outbox stores it."""
    return msgspec.json.encode(payload).decode()


def read_order_payload(text: str) -> OrderPayload:
    """The payload of an order that `written` wrote."""
    return _ORDER.decode(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """One push to send; `operation` is a PushOperation, `payload` its JSON."""

    operation: str
    payload: str
    personal: OrderPersonal | None
    #: The answer of an earlier attempt was lost: the platform may have done it already.
    lost: bool = False
    #: What the platform's rules were checked on when the push was accepted, so that the first
    #: delivery need not write it again. Never stored: it has personal data in plain.
    wire_form: WireForm | None = None
    #: What `payload` was written from, or was read from it before.
    _order: OrderPayload | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def of_order(cls, operation: str, order: OrderPayload, personal: OrderPersonal | None) -> Self:
        """A push of an order that is not stored yet."""
        message = cls(operation=operation, payload=written(order), personal=personal)
        object.__setattr__(message, "_order", order)
        return message

    @property
    def open_id(self) -> str:
        """The buyer's open id; empty if unknown or erased."""
        return (self.personal.open_id if self.personal else None) or ""

    @property
    def swan_id(self) -> str:
        """The swan id of a buyer who is not logged in; empty if unknown or erased."""
        return (self.personal.swan_id if self.personal else None) or ""

    def order(self) -> OrderPayload:
        """The payload of the push of an order."""
        order = self._order
        if order is None:
            order = read_order_payload(self.payload)
            object.__setattr__(self, "_order", order)
        return order
