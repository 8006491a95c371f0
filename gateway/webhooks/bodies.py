"""Bodies of webhooks: JSON with ids, what changed and a cursor; never personal data."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

import msgspec

from gateway.feed.order_changes import write_change_cursor
from gateway.store.bulk_operations import StoredBulkOperation
from gateway.store.object_changes import StoredObjectChange
from gateway.store.order_changes import StoredOrderChange
from gateway.store.row_numbers import BULK_OPERATIONS, PUSHES, RowNumbers
from schema.key import Key

#: In the id of what concerns several shops.
_SEVERAL_SHOPS: Final = "*"
_ENCODER: Final = msgspec.json.Encoder()


class Topic(StrEnum):
    """What endpoints are told of, by the names of WebhookTopic."""

    ORDER_CHANGED = "ORDER_CHANGED"
    AFTER_SALE_CHANGED = "AFTER_SALE_CHANGED"
    PRODUCT_CHANGED = "PRODUCT_CHANGED"
    PUSH_FAILED = "PUSH_FAILED"
    SHOP_HEALTH_CHANGED = "SHOP_HEALTH_CHANGED"
    BULK_OPERATION_FINISHED = "BULK_OPERATION_FINISHED"


#: The `type` of a message, by the Standard Webhooks specification.
TYPES: Final[Mapping[str, str]] = {
    Topic.ORDER_CHANGED: "order.changed",
    Topic.AFTER_SALE_CHANGED: "after_sale.changed",
    Topic.PRODUCT_CHANGED: "product.changed",
    Topic.PUSH_FAILED: "push.failed",
    Topic.SHOP_HEALTH_CHANGED: "shop_health.changed",
    Topic.BULK_OPERATION_FINISHED: "bulk_operation.finished",
}


class Message(NamedTuple):
    """What all endpoints are told that ask for a topic of a shop."""

    topic: Topic
    #: None: it concerns several shops.
    shop: str | None
    #: The public id of what changed; None: a sample.
    subject: str | None
    #: JSON.
    body: str


def order_changed(change: StoredOrderChange, numbers: RowNumbers) -> Message:
    """A new order, or one whose status changed; `status` null: it was deleted."""
    key = Key("Order", change.shop, change.platform_id, change.partner_app_id or "")
    data = {
        "id": key.encode(),
        "shop": change.shop,
        "platformId": change.platform_id,
        "status": change.status,
        "previousStatus": change.previous_status,
        "cause": change.cause,
        "cursor": write_change_cursor(change.cursor, numbers),
    }
    return _message(Topic.ORDER_CHANGED, change.shop, change.written_at, data)


def object_changed(stored: StoredObjectChange, numbers: RowNumbers) -> Message | None:
    """The message of a change of another object; None: nobody is told of it.

    Of a bulk operation see `bulk_operation_finished`.
    """
    change = stored.change
    shop, at = change.shop, stored.written_at
    seen = {"status": change.status, "previousStatus": change.previous_status}
    match change.kind:
        case "AfterSale":
            order = change.order_id or ""
            data = {
                "id": Key("AfterSale", shop, order, change.platform_id).encode(),
                "shop": shop,
                "platformId": change.platform_id,
                "orderId": Key("Order", shop, order).encode(),
                **seen,
                "cause": change.cause,
            }
            return _message(Topic.AFTER_SALE_CHANGED, shop, at, data)
        case "Product":
            data = {
                "id": Key("Product", shop, change.platform_id).encode(),
                "shop": shop,
                "platformId": change.platform_id,
                **seen,
                "cause": change.cause,
            }
            return _message(Topic.PRODUCT_CHANGED, shop, at, data)
        case "Push" if change.status in {"DEAD", "REJECTED", "OUTCOME_UNKNOWN"}:
            number = numbers.conceal(PUSHES, int(change.platform_id))
            order_id = change.order_id
            data = {
                "id": Key("Push", shop, number).encode(),
                "shop": shop,
                "orderId": None if order_id is None else Key("Order", shop, order_id).encode(),
                "state": change.status,
            }
            return _message(Topic.PUSH_FAILED, shop, at, data)
    return None


def bulk_operation_finished(operation: StoredBulkOperation, numbers: RowNumbers) -> Message:
    """The end of a bulk operation: DONE, FAILED or CANCELLED."""
    number = numbers.conceal(BULK_OPERATIONS, operation.id)
    data = {
        "id": Key("BulkOperation", operation.shop or _SEVERAL_SHOPS, number).encode(),
        "shop": operation.shop,
        "kind": operation.kind,
        "state": operation.state,
    }
    at = operation.finished_at or operation.created_at
    return _message(Topic.BULK_OPERATION_FINISHED, operation.shop, at, data)


def shop_health_changed(shop: str, now: str, before: str, at: float) -> Message:
    """A platform that answers, or no longer answers; `now` and `before` are Availability."""
    data = {
        "id": Key("Shop", shop).encode(),
        "shop": shop,
        "availability": now,
        "previousAvailability": before,
    }
    return _message(Topic.SHOP_HEALTH_CHANGED, shop, at, data)


def sample(topic: Topic, at: float) -> Message:
    """A message of a topic with invented contents, marked by `test`; it is in no line."""
    shop = "example"
    made: dict[str, Any] = {"test": True, "shop": shop, "platformId": "1000"}
    match topic:
        case Topic.ORDER_CHANGED:
            made |= {"id": Key("Order", shop, "1000").encode(), "status": "PAID"}
            made |= {"previousStatus": "UNPAID", "cause": "PLATFORM_EVENT", "cursor": ""}
        case Topic.AFTER_SALE_CHANGED:
            made |= {"id": Key("AfterSale", shop, "1000", "2000").encode(), "platformId": "2000"}
            made |= {"orderId": Key("Order", shop, "1000").encode(), "status": "APPLYING"}
            made |= {"previousStatus": None, "cause": "PLATFORM_EVENT"}
        case Topic.PRODUCT_CHANGED:
            made |= {"id": Key("Product", shop, "1000").encode(), "status": "ON_SHELF"}
            made |= {"previousStatus": "OFF_SHELF", "cause": "PLATFORM_EVENT"}
        case Topic.PUSH_FAILED:
            made = {"test": True, "id": Key("Push", shop, "1000").encode(), "shop": shop}
            made |= {"orderId": Key("Order", shop, "1000").encode(), "state": "DEAD"}
        case Topic.SHOP_HEALTH_CHANGED:
            made = {"test": True, "id": Key("Shop", shop).encode(), "shop": shop}
            made |= {"availability": "DOWN", "previousAvailability": "UP"}
        case Topic.BULK_OPERATION_FINISHED:
            made = {"test": True, "id": Key("BulkOperation", shop, "1000").encode(), "shop": shop}
            made |= {"kind": "ORDERS", "state": "DONE"}
    return Message(topic, None, None, _written(topic, at, made))


def _message(topic: Topic, shop: str | None, at: float, data: Mapping[str, Any]) -> Message:
    return Message(topic, shop, str(data["id"]), _written(topic, at, data))


def _written(topic: Topic, at: float, data: Mapping[str, Any]) -> str:
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    whole = {"type": TYPES[topic], "timestamp": moment.replace("+00:00", "Z"), "data": data}
    return _ENCODER.encode(whole).decode()
