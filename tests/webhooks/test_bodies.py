"""What the messages say: ids and what changed, and nothing personal."""

import json

import pytest

from gateway.feed.order_changes import read_change_cursor
from gateway.store.object_changes import NewObjectChange, StoredObjectChange
from gateway.store.order_changes import StoredOrderChange
from gateway.store.row_numbers import RowNumbers
from gateway.webhooks.bodies import TYPES, Topic, object_changed, order_changed, sample
from schema.key import Key
from schema.webhook import WebhookTopic

NUMBERS = RowNumbers(b"k" * 16, {})
AT = 1_700_000_000.25


def test_the_topics_are_those_of_the_schema() -> None:
    assert [topic.name for topic in WebhookTopic] == list(Topic)
    assert list(TYPES) == list(Topic)


def change(**fields: object) -> StoredObjectChange:
    given = {"shop": "mini", "platform_id": "7", "status": "AGREED", "cause": "POLL"} | fields
    return StoredObjectChange(3, NewObjectChange(**given), AT)  # type: ignore[arg-type]


def test_the_change_of_an_order() -> None:
    message = order_changed(
        StoredOrderChange(
            cursor=9,
            shop="mini",
            platform_id="42",
            partner_app_id="wx1",
            status="PAID",
            previous_status=None,
            cause="PLATFORM_EVENT",
            buyer=b"a buyer",
            created_at=1,
            platform_status="20",
            paid_at=2,
            shipment=None,
            written_at=AT,
        ),
        NUMBERS,
    )
    name = Key("Order", "mini", "42", "wx1").encode()
    body = json.loads(message.body)
    cursor = body["data"].pop("cursor")
    assert read_change_cursor(cursor, NUMBERS) == 9
    assert (message.topic, message.shop, message.subject) == (Topic.ORDER_CHANGED, "mini", name)
    assert body == {
        "type": "order.changed",
        "timestamp": "2023-11-14T22:13:20.250Z",
        "data": {
            "id": name,
            "shop": "mini",
            "platformId": "42",
            "status": "PAID",
            "previousStatus": None,
            "cause": "PLATFORM_EVENT",
        },
    }


def test_the_change_of_an_after_sale_is_in_its_own_line() -> None:
    message = object_changed(change(kind="AfterSale", order_id="42"), NUMBERS)

    assert message is not None
    assert message.subject == Key("AfterSale", "mini", "42", "7").encode()
    assert json.loads(message.body)["data"] == {
        "id": message.subject,
        "shop": "mini",
        "platformId": "7",
        "orderId": Key("Order", "mini", "42").encode(),
        "status": "AGREED",
        "previousStatus": None,
        "cause": "POLL",
    }


def test_the_change_of_a_product() -> None:
    message = object_changed(change(kind="Product", status=None, cause="DELETED"), NUMBERS)

    assert message is not None
    assert json.loads(message.body)["data"] == {
        "id": Key("Product", "mini", "7").encode(),
        "shop": "mini",
        "platformId": "7",
        "status": None,
        "previousStatus": None,
        "cause": "DELETED",
    }


def test_nobody_is_told_of_other_changes() -> None:
    assert object_changed(change(kind="Push", status="DELIVERED"), NUMBERS) is None
    assert object_changed(change(kind="Another"), NUMBERS) is None


@pytest.mark.parametrize("topic", Topic)
def test_a_sample_looks_like_a_message_and_says_that_it_is_none(topic: Topic) -> None:
    message = sample(topic, AT)

    assert (message.topic, message.shop, message.subject) == (topic, None, None)
    body = json.loads(message.body)
    assert body["type"] == TYPES[topic]
    assert body["data"]["test"] is True
    assert Key.decode(body["data"]["id"]).shop == "example"
