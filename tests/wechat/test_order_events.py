"""Events about orders: what they tell, and which are the same."""

from typing import Any

import pytest

from gateway.wechat.message_body import MalformedMessage
from gateway.wechat.messages import MessagePush
from gateway.wechat.order_events import ObjectEvent, object_event, read_event
from gateway.wechat.order_messages import OrderMessages
from tests.wechat.deliveries import MERCHANT_ORDER, merchant_order

#: The platform's page Order_notification.
PARTNER: dict[str, Any] = {
    "ToUserName": "gh_abcdefabcdef",
    "FromUserName": "oUser",
    "CreateTime": 1620000000,
    "MsgType": "event",
    "Event": "cooperation_shop_order",
    "Data": {"order_id": "3704480", "shop_appid": "wx1111111111111111"},
}


def read(message: str) -> ObjectEvent | None:
    return read_event(message.encode())


def test_the_manual_s_sample() -> None:
    assert read(MERCHANT_ORDER) == ObjectEvent(
        kind="merchant_order",
        order_id="test_order_id",
        status="2",
        at=1398144192,
        sender="oDF3iYyVlek46AyTBbMRVV8VZVlI",
    )


@pytest.mark.parametrize("kind", ["cooperation_shop_order", "related_shop_order_submission"])
@pytest.mark.parametrize("container", ["Data", "EventData"])
def test_a_partner_order(kind: str, container: str) -> None:
    fields = {**PARTNER, "Event": kind, container: PARTNER["Data"]}
    if container != "Data":
        del fields["Data"]

    assert object_event(fields) == ObjectEvent(
        kind=kind,
        order_id="3704480",
        partner_app_id="wx1111111111111111",
        at=1620000000,
        sender="oUser",
    )


def test_a_partner_order_in_xml() -> None:
    event = read(
        "<xml><FromUserName>oUser</FromUserName><CreateTime>1620000000</CreateTime>"
        "<MsgType>event</MsgType><Event>cooperation_shop_order</Event>"
        "<Data><order_id>3704480</order_id><shop_appid>wx1111111111111111</shop_appid></Data></xml>"
    )

    assert event == object_event(PARTNER)


def test_only_a_repetition_is_the_same_event() -> None:
    first = read(MERCHANT_ORDER)
    others = [
        read(merchant_order("test_order_id", status=3)),
        read(merchant_order("test_order_id", at=1398144193)),
        read(merchant_order("another")),
    ]

    assert first is not None
    assert read(MERCHANT_ORDER) == first
    identities = {event.identity for event in others if event is not None}
    assert len(identities - {first.identity}) == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"MsgType": "text", "Content": "merchant_order"},
        {"MsgType": "event", "Event": "subscribe"},
        {"MsgType": "text", "Event": "merchant_order"},
        {"MsgType": "event", "Event": "trade_manage_remind_access_api", "msg": "1"},
    ],
)
def test_other_messages_are_none_of_ours(fields: dict[str, Any]) -> None:
    assert object_event(fields) is None


@pytest.mark.parametrize(
    "change",
    [
        {"MsgType": None},
        {"MsgType": {"a": "b"}},
        {"MsgType": "ev\ufffdnt"},
        {"Event": {"a": "b"}},
        {"Event": "cooperation_shop order"},
        {"Data": "3704480"},
        {"Data": None},
        {"Data": {"order_id": "3704480"}},
        {"Data": {"order_id": "a b", "shop_appid": "wx1"}},
        {"Data": {"order_id": "a\0b", "shop_appid": "wx1"}},
        {"Data": {"order_id": "1" * 129, "shop_appid": "wx1"}},
        {"Data": {"order_id": ["1"], "shop_appid": "wx1"}},
    ],
)
def test_an_event_that_names_no_order_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessage):
        object_event({**PARTNER, **change})


@pytest.mark.parametrize("at", [None, "yesterday", -1, True, 1.5, "1" * 11])
def test_an_event_whose_time_cannot_be_read_is_kept(at: object) -> None:
    event = object_event({**PARTNER, "CreateTime": at})

    assert event is not None
    assert (event.order_id, event.at) == ("3704480", None)


@pytest.mark.parametrize("sender", [None, "", "o User", {"a": "b"}])
def test_an_event_whose_sender_cannot_be_read_is_kept(sender: object) -> None:
    event = object_event({**PARTNER, "FromUserName": sender})

    assert event is not None
    assert (event.order_id, event.sender) == ("3704480", None)


def test_without_its_time_only_the_same_message_is_the_same_event() -> None:
    reader = OrderMessages(MessagePush("token"))
    first, second = (
        reader.read(merchant_order("1").replace("1398144192", at).encode()) for at in ("x", "y")
    )
    again = reader.read(merchant_order("1").replace("1398144192", "x").encode())

    assert first is not None
    assert second is not None
    assert first == again
    assert first.identity[:-1] == second.identity[:-1]
    assert first.identity != second.identity
