"""A push as a platform is handed it, and what it carries."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One push on its way; `operation` is a PushOperation, `payload` its JSON."""

    operation: str
    payload: str
    personal: OrderPersonal | None
    #: The answer of an attempt before was lost: the platform may have done it already.
    lost: bool = False

    def order(self) -> OrderPayload:
        """What the push of an order carries."""
        return _ORDER.decode(self.payload)


def order_parcel(operation: str, payload: OrderPayload, personal: OrderPersonal | None) -> Parcel:
    """An order's push before it is queued."""
    return Parcel(
        operation=operation, payload=msgspec.json.encode(payload).decode(), personal=personal
    )


_ORDER = msgspec.json.Decoder(OrderPayload)
