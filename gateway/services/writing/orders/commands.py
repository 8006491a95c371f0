"""Commands about orders: import, update, status, deletion."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from msgspec.structs import replace
from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from gateway.ledger.mapping.buyer import address_document
from gateway.outbox.command import CurrentState, Decision
from gateway.ports.writing.problems import InputRefused, Path, Problems
from gateway.services.writing.input_reader import InputReader, page, payment_lines
from gateway.services.writing.orders.inputs import (
    ReadOrder,
    invoice,
    items,
    payment,
    read_order,
    shipments,
)
from gateway.services.writing.stored_order import Port, stored_order, with_wire_form
from gateway.store.documents import OrderDocument, OrderPersonal
from schema.errors import ErrorCode
from schema.inputs.order import OrderImportInput, OrderStatusInput, OrderUpdateInput
from schema.key import Key
from schema.order_status import OrderStatus

#: Fields that an order always has: null is no value for them.
_REQUIRED: Final = {"status", "items", "total", "created_at"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrder:
    """Adds an order to the ledger, or replaces the one that it has.

    `never_arrived`: the platform refused every push of an earlier order of this id, so there is
    nothing to overwrite.
    """

    at: Path
    port: Port
    shop: str
    order: ReadOrder
    overwrite: bool
    adopt: bool
    deliver_later: bool
    never_arrived: bool
    #: The fields that the caller gave, in camelCase.
    given: frozenset[str]

    @classmethod
    def read(
        cls, given: OrderImportInput, port: Port, at: Path, now: int, *, never_arrived: bool
    ) -> "ImportOrder":
        """The command of an input; `now` in unix seconds.

        Raises:
            InputRefused: the input is invalid.
        """
        problems = Problems().below(*at)
        reader = InputReader(problems, now)
        order = read_order(reader, given, port.carriers, takes_swan_ids=port.takes_swan_ids)
        problems.stop()
        if given.after_sales and not port.takes_after_sales:
            problems.add(
                "This platform has no after-sales of its own: set the order to REFUNDED.",
                "afterSales",
                code=ErrorCode.UNSUPPORTED_BY_PLATFORM,
            )
            problems.stop()
        return cls(
            at=at,
            port=port,
            shop=given.shop,
            order=order,
            overwrite=bool(given.overwrite),
            adopt=bool(given.adopt),
            deliver_later=bool(given.deliver_later),
            never_arrived=never_arrived,
            given=_named_fields(given),
        )

    @property
    def platform_id(self) -> str:
        """The order's platform id."""
        return self.order.document.platform_id

    def apply(self, state: CurrentState) -> Decision:
        """The order as it was given; its after-sales too, unless none were given."""
        exists = state.order is not None
        if exists and not self.overwrite and not self.never_arrived:
            message = (
                "The order exists already: change it with orderUpdate, or pass overwrite: true to"
                " replace it, its after-sales included."
            )
            raise InputRefused.of(ErrorCode.CONFLICT, message, *self.at, "platformId")
        order, document = self.order, self.order.document
        if document.after_sale_status is None and order.after_sales is None and state.order:
            # The stored after-sales are sent too, and with them their common status.
            document = replace(document, after_sale_status=state.order.document.after_sale_status)
        decision = Decision(
            operation=None if self.adopt else "ORDER_IMPORT",
            document=document,
            personal=order.personal,
            after_sales=state.after_sales if order.after_sales is None else order.after_sales,
            replaces=exists and not self.never_arrived,
            deliver_later=self.deliver_later,
        )
        problems = Problems().below(*self.at)
        return with_wire_form(decision, state, self.port, problems, given=self.given)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateOrder:
    """Changes the given fields of an order; `now` in unix seconds."""

    at: Path
    port: Port
    key: Key
    given: OrderUpdateInput
    now: int

    @classmethod
    def read(cls, given: OrderUpdateInput, key: Key, port: Port, now: int) -> "UpdateOrder":
        """The command of an input.

        Raises:
            InputRefused: no call of the platform changes a field that is given.
        """
        problems = Problems()
        for name in sorted(to_camel_case(name) for name in _given_fields(given)):
            if name in port.unchangeable:
                problems.add(
                    "This platform has no call that changes it: import the order again with"
                    " overwrite: true.",
                    name,
                    code=ErrorCode.UNSUPPORTED_BY_PLATFORM,
                )
        problems.stop()
        return cls(at=(), port=port, key=key, given=given, now=now)

    @property
    def shop(self) -> str:
        """The key of the order's shop."""
        return self.key.shop

    @property
    def platform_id(self) -> str:
        """The order's platform id."""
        return self.key.platform_id

    def apply(self, state: CurrentState) -> Decision:
        """The stored order with the changes."""
        document, personal = stored_order(state, *self.at, "id")
        reader = InputReader(Problems(), self.now)
        document, personal = _updated(reader, self.given, self.port, document, personal)
        reader.problems.stop()
        decision = Decision(operation="ORDER_UPDATE", document=document, personal=personal)
        problems = Problems().below(*self.at)
        given = _named_fields(self.given)
        return with_wire_form(decision, state, self.port, problems, given=given)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOrderStatus:
    """Sets the status of an order, and its buyer where `open_id` is given."""

    at: Path
    port: Port
    key: Key
    status: OrderStatus
    open_id: str | None
    now: int

    @classmethod
    def read(
        cls, given: OrderStatusInput, key: Key, port: Port, at: Path, now: int
    ) -> "SetOrderStatus":
        """The command of an input; `now` in unix seconds.

        Raises:
            InputRefused: the open id is invalid.
        """
        if given.open_id is not None:
            reader = InputReader(Problems().below(*at), now)
            reader.id(given.open_id, "openId")
            reader.problems.stop()
        status = OrderStatus[given.status.name]
        return cls(at=at, port=port, key=key, status=status, open_id=given.open_id, now=now)

    @property
    def shop(self) -> str:
        """The key of the order's shop."""
        return self.key.shop

    @property
    def platform_id(self) -> str:
        """The order's platform id."""
        return self.key.platform_id

    def apply(self, state: CurrentState) -> Decision:
        """The stored order with the status."""
        document, personal = stored_order(state, *self.at, "id")
        if self.open_id is not None:
            personal = personal.with_open_id(self.open_id)
        decision = Decision(
            operation="ORDER_STATUS",
            document=replace(document, status=self.status.name, updated_at=self.now),
            personal=personal,
        )
        return with_wire_form(decision, state, self.port, Problems().below(*self.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteOrder:
    """Deletes an order; where the platform cannot, hides it. `now` in unix seconds."""

    at: Path
    port: Port
    key: Key
    now: int

    @property
    def shop(self) -> str:
        """The key of the order's shop."""
        return self.key.shop

    @property
    def platform_id(self) -> str:
        """The order's platform id."""
        return self.key.platform_id

    def apply(self, state: CurrentState) -> Decision:
        """The stored order, deleted or HIDDEN."""
        document, personal = stored_order(state, *self.at, "id")
        operation = "ORDER_DELETE"
        if self.port.deletes:
            return Decision(
                operation=operation if self.port.sends_orders else None,
                document=document,
                personal=personal,
                deletes=True,
            )
        document = replace(document, status=OrderStatus.HIDDEN.name, updated_at=self.now)
        decision = Decision(operation=operation, document=document, personal=personal)
        return with_wire_form(decision, state, self.port, Problems().below(*self.at))


def _named_fields(given: OrderImportInput | OrderUpdateInput) -> frozenset[str]:
    """The fields that the caller gave a value, in camelCase."""
    return frozenset(
        _public_name(name) for name in type(given).__annotations__ if getattr(given, name)
    )


@cache
def _public_name(name: str) -> str:
    """The name of a field in camelCase."""
    return to_camel_case(name)


def _given_fields(given: OrderUpdateInput) -> dict[str, Any]:
    """The fields that the caller gave, null included, by their Python names."""
    names = (name for name in type(given).__annotations__ if name != "id")
    return {name: value for name in names if (value := getattr(given, name)) is not UNSET}


def _updated(
    reader: InputReader,
    given: OrderUpdateInput,
    port: Port,
    document: OrderDocument,
    personal: OrderPersonal,
) -> tuple[OrderDocument, OrderPersonal]:
    """The order with the changes; the reader collects what is invalid."""
    fields = _given_fields(given)
    for name in _REQUIRED & fields.keys():
        if fields[name] is None:
            reader.problems.add(
                "An order always has it: leave it out to keep it.", to_camel_case(name)
            )
            fields.pop(name)
    readers: Mapping[str, Callable[[Any], Any]] = {
        "title": lambda value: value,
        "kind": lambda value: value and value.name,
        "status": lambda value: value.name,
        "created_at": lambda value: reader.second(value, "createdAt"),
        "updated_at": lambda value: reader.perhaps_second(value, "updatedAt") or reader.now,
        "items": lambda value: items(reader, value),
        "total": lambda value: reader.money(value, "total"),
        "shipping_fee": lambda value: reader.perhaps_money(value, "shippingFee"),
        "discounts": lambda value: payment_lines(reader, value, "discounts"),
        "charges": lambda value: payment_lines(reader, value, "charges"),
        "payment": lambda value: payment(reader, value),
        "shipments": lambda value: shipments(reader, value, port.carriers),
        "page": page,
        "review_page": page,
    }
    changes = {name: read(fields[name]) for name, read in readers.items() if name in fields}
    if changes.get("created_at", document.created_at) != document.created_at:
        changes["created_at_corrected"] = True
    buyer: dict[str, Any] = {}
    if fields.get("open_id") is not None:
        personal = personal.with_open_id(reader.id(fields["open_id"], "openId"))
    if "shipping_address" in fields:
        buyer["shipping_address"] = address_document(fields["shipping_address"])
    if "remark" in fields:
        buyer["remark"] = fields["remark"]
    if "invoice" in fields:
        buyer["invoice"] = invoice(fields["invoice"])
    return (
        replace(document, **({"updated_at": reader.now} | changes)),
        replace(personal, **buyer),
    )
