"""What an OrderUpdateInput changes of an order that the ledger has."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace
from strawberry import UNSET

from gateway.ledger.mapping.buyer import kept_address
from gateway.services.writing.input_parts import page
from gateway.services.writing.input_reader import InputReader
from gateway.services.writing.orders.inputs import invoice, items, lines, payment, shipments
from gateway.store.documents import OrderDocument, OrderPersonal
from schema.inputs.order import OrderUpdateInput

#: Fields that an order cannot be without: null is no value for them.
_NEEDED: Final = {"status", "items", "total"}
_CAMEL: Final[Mapping[str, str]] = {
    "open_id": "openId",
    "updated_at": "updatedAt",
    "shipping_fee": "shippingFee",
    "shipping_address": "shippingAddress",
    "review_page": "reviewPage",
}


def given_fields(given: OrderUpdateInput) -> dict[str, Any]:
    """The fields that the caller gave, null among them, by their names in Python."""
    names = (name for name in type(given).__annotations__ if name != "id")
    return {name: value for name in names if (value := getattr(given, name)) is not UNSET}


def camel(name: str) -> str:
    """The field as callers spell it."""
    return _CAMEL.get(name, name)


def changed(
    reader: InputReader, given: OrderUpdateInput, document: OrderDocument, personal: OrderPersonal
) -> tuple[OrderDocument, OrderPersonal]:
    """The order as it is to be; what is wrong is noted by the reader."""
    fields = given_fields(given)
    for name in _NEEDED & fields.keys():
        if fields[name] is None:
            reader.problems.add("An order is never without it: leave it out to keep it.", name)
            fields.pop(name)
    readers: Mapping[str, Callable[[Any], Any]] = {
        "title": lambda value: value,
        "kind": lambda value: value and value.name,
        "remark": lambda value: value,
        "status": lambda value: value.name,
        "updated_at": lambda value: reader.perhaps_second(value, "updatedAt") or reader.now,
        "items": lambda value: items(reader, value),
        "total": lambda value: reader.money(value, "total"),
        "shipping_fee": lambda value: reader.perhaps_money(value, "shippingFee"),
        "discounts": lambda value: lines(reader, value, "discounts"),
        "charges": lambda value: lines(reader, value, "charges"),
        "payment": lambda value: payment(reader, value),
        "shipments": lambda value: shipments(reader, value),
        "page": page,
        "review_page": page,
    }
    told = {name: read(fields[name]) for name, read in readers.items() if name in fields}
    owner: dict[str, Any] = {}
    if fields.get("open_id") is not None:
        owner["open_id"] = reader.id(fields["open_id"], "openId")
    if "shipping_address" in fields:
        owner["shipping_address"] = kept_address(fields["shipping_address"])
    if "invoice" in fields:
        owner["invoice"] = invoice(fields["invoice"])
    return (
        replace(document, **({"updated_at": reader.now} | told)),
        replace(personal, **owner),
    )
