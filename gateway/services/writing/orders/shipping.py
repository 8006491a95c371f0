"""Commands that ship and close orders of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import Final, Literal

from msgspec.structs import replace

from gateway.ledger.mapping.order import order_items
from gateway.outbox.command import CurrentState, Decision
from gateway.ports.writing.parcels import Parcel, held_lines
from gateway.ports.writing.problems import InputRefused, Path, Problems
from gateway.services.writing.stored_order import Port, stored_order, with_wire_form
from gateway.store.documents import OrderDocument, PageLink, Shipment, ShipmentItem
from schema.errors import ErrorCode, UserError
from schema.key import Key
from schema.order_status import OrderStatus

#: What shipping does to an order that is shipped already.
WhenShipped = Literal["refuse", "correct", "add"]

_SHIPPED: Final = OrderStatus.SHIPPED.name
#: Statuses of orders that are not shipped from: not paid yet, or over.
_NOT_SHIPPABLE: Final = frozenset(
    {
        OrderStatus.AWAITING_PAYMENT.name,
        OrderStatus.COMPLETED.name,
        OrderStatus.CLOSED.name,
        OrderStatus.REFUNDED.name,
        OrderStatus.HIDDEN.name,
    }
)
_NOT_CLOSABLE: Final = _NOT_SHIPPABLE - {OrderStatus.AWAITING_PAYMENT.name}
#: Fields of a parcel in the ledger → those of the input.
_FIELDS: Final[Mapping[str, str]] = {
    "carrierCode": "carrier",
    "carrierName": "carrier",
    "trackingNumber": "trackingNumber",
    "items": "items",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipOrder:
    """Sets an order to SHIPPED, in these parcels; `now` in unix seconds.

    A single parcel without items holds all of the order. Without parcels nothing is delivered.
    `named_by` is the input's field that names the order.
    """

    at: Path
    port: Port
    shop: str
    platform_id: str
    parcels: Sequence[Parcel]
    when_shipped: WhenShipped
    now: int
    named_by: str = "id"

    def apply(self, state: CurrentState) -> Decision:
        """The stored order with the parcels.

        Those it has are kept where `when_shipped` is "add", except one of the same number.
        """
        document, personal = stored_order(state, *self.at, self.named_by)
        self._check(document)
        shipments = self._shipments(document)
        before = len(shipments) - len(self.parcels)
        decision = Decision(
            operation="ORDER_UPDATE",
            document=replace(document, status=_SHIPPED, shipments=shipments, updated_at=self.now),
            personal=personal,
            warnings=self._page_warning(document),
            ships=True,
        )
        return with_wire_form(
            decision,
            state,
            self.port,
            Problems().below(*self.at),
            given=("shipments",),
            placed=partial(self._placed, before=before),
        )

    def _check(self, document: OrderDocument) -> None:
        """Refuses an order that cannot be shipped, or not so."""
        problems = Problems().below(*self.at)
        shipped, correct = document.status == _SHIPPED, self.when_shipped == "correct"
        if document.status in _NOT_SHIPPABLE:
            message = f"The order is {document.status}: it cannot be shipped."
            problems.add(message, self.named_by, code=ErrorCode.CONFLICT)
        elif shipped and self.when_shipped == "refuse":
            message = "The order is SHIPPED already: pass `correct: true` to replace its parcels."
            problems.add(message, self.named_by, code=ErrorCode.CONFLICT)
        elif correct and not shipped:
            message = f"The order is {document.status}: only a SHIPPED order can be corrected."
            problems.add(message, "correct", code=ErrorCode.CONFLICT)
        if not self.parcels and self.port.needs_parcels:
            problems.add(
                "This platform ships orders in parcels only: set the status of an order that"
                " needs no delivery with orderSetStatus.",
                "needsDelivery",
                code=ErrorCode.UNSUPPORTED_BY_PLATFORM,
            )
        problems.stop()

    def _shipments(self, document: OrderDocument) -> tuple[Shipment, ...]:
        given = self._given_items(document)
        former: Sequence[Shipment | None] = document.shipments
        kept: Sequence[Shipment] = ()
        if self.when_shipped == "add":
            numbers = {parcel.tracking_number for parcel in self.parcels}
            kept = [one for one in document.shipments if one.tracking_number not in numbers]
            former = ()
        pairs = zip_longest(self.parcels, former[: len(self.parcels)])
        shipments = (
            self._shipment(parcel, document, before, items)
            for (parcel, before), items in zip(pairs, given, strict=True)
        )
        return (*kept, *shipments)

    def _given_items(self, document: OrderDocument) -> list[tuple[ShipmentItem, ...]]:
        """What the input says that each parcel holds; empty where it does not say.

        Raises:
            InputRefused: the order has no such line, or not so many units.
        """
        problems = Problems().below(*self.at)
        lines = order_items(document, Key("Order", self.shop, self.platform_id))
        held = held_lines(self.parcels, [(line, line.quantity) for line in lines], problems)
        problems.stop()
        return [
            tuple(
                ShipmentItem(
                    platform_product_id=one.line.platform_product_id,
                    platform_sku_id=one.line.platform_sku_id,
                    quantity=one.quantity,
                )
                for one in inside
            )
            for inside in held
        ]

    def _shipment(
        self,
        parcel: Parcel,
        document: OrderDocument,
        former: Shipment | None,
        items: tuple[ShipmentItem, ...],
    ) -> Shipment:
        """The parcel, which keeps of the one that it corrects what the input does not say."""
        if not items and former is not None:
            items = former.items
        if not items and len(self.parcels) == 1:
            items = _all_items(document)
        return Shipment(
            carrier_code=parcel.carrier.code,
            carrier_name=parcel.carrier.name,
            tracking_number=parcel.tracking_number,
            shipped_at=(former.shipped_at if former else None) or self.now,
            page=(former.page if former else None) or self._page(document),
            items=items,
        )

    def _page(self, document: OrderDocument) -> PageLink | None:
        """The page that tracks a parcel: the order's own, where the platform needs one."""
        return document.page if self.port.needs_parcels else None

    def _page_warning(self, document: OrderDocument) -> list[UserError]:
        """A warning where a parcel has the order's page, which may not be meant."""
        known = any(one.page is not None for one in document.shipments)
        if not self.port.needs_parcels or document.page is None or known:
            return []
        message = (
            "The platform needs a page that tracks the parcel, and none is known: the order's own"
            " page was given. Pass `shipments` to orderUpdate to give another one."
        )
        at = [*self.at, self.named_by]
        return [UserError(code=ErrorCode.NOT_FOUND, message=message, field=at)]

    def _placed(self, path: Path, *, before: int) -> Path:
        """The input's field of a field of the order; `before` its parcels are earlier ones.

        What the input does not say belongs to the field that names the order.
        """
        match path:
            case ("shipments", number, name, *rest) if name in _FIELDS and int(number) >= before:
                return (*self.parcels[int(number) - before].at, _FIELDS[name], *rest)
        if path == ("shipments",) and self.parcels:
            return (
                (*self.parcels[0].at, "trackingNumber") if len(self.parcels) == 1 else ("parcels",)
            )
        return (self.named_by,)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseOrder:
    """Closes an order; `now` in unix seconds."""

    at: Path
    port: Port
    shop: str
    platform_id: str
    now: int

    def apply(self, state: CurrentState) -> Decision:
        """The stored order, CLOSED."""
        document, personal = stored_order(state, *self.at, "id")
        if document.status in _NOT_CLOSABLE:
            message = f"The order is {document.status}: it cannot be closed."
            raise InputRefused.of(ErrorCode.CONFLICT, message, *self.at, "id")
        decision = Decision(
            operation="ORDER_STATUS",
            document=replace(document, status=OrderStatus.CLOSED.name, updated_at=self.now),
            personal=personal,
        )
        return with_wire_form(
            decision,
            state,
            self.port,
            Problems().below(*self.at),
            placed=lambda _: ("id",),
        )


def _all_items(document: OrderDocument) -> tuple[ShipmentItem, ...]:
    """All goods of the order, in one parcel."""
    return tuple(
        ShipmentItem(
            platform_product_id=item.platform_product_id,
            platform_sku_id=item.platform_sku_id,
            quantity=item.quantity,
        )
        for item in document.items
    )
