"""Events of a Weixin Store: what they name, and which are the same (weixin-store.md 8, 14)."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from gateway.ports import EventMessage, MessageRequest, UnreadableMessage
from gateway.wechat.message_crypto import MessageCrypto
from gateway.wechat.messages import MessagePush
from gateway.wechat.order_messages import OrderMessages
from tests.wechat.deliveries import AES_KEY, APP_ID, TOKEN, encrypted, plain

PLAIN = OrderMessages(MessagePush(TOKEN))
SAFE = OrderMessages(MessagePush(TOKEN, (MessageCrypto(AES_KEY, APP_ID),)))
ORDER, AFTER_SALE, PRODUCT = "3790000000000000001", "2090000000000001", "10000900000001"
AT = 1790000011

#: Each event that names something, by its own fields, and what it names.
ORDER_BODIES: Mapping[str, Mapping[str, object]] = {
    "channels_ec_order_new": {"order_id": int(ORDER)},
    "channels_ec_order_cancel": {"order_id": ORDER, "cancel_type": 2},
    "channels_ec_order_pay": {"order_id": ORDER, "pay_time": "1790000055"},
    "channels_ec_order_wait_shipping": {"order_id": ORDER},
    "channels_ec_order_deliver": {"order_id": int(ORDER), "finish_delivery": 0},
    "channels_ec_order_confirm": {"order_id": ORDER, "confirm_type": "1"},
    "channels_ec_order_settle": {"order_id": ORDER, "settle_time": "1790000055"},
    "channels_ec_order_ext_info_update": {"order_id": ORDER, "type": 12},
}
AFTER_SALE_BODY = {
    "status": "USER_WAIT_RETURN",
    "after_sale_order_id": AFTER_SALE,
    "order_id": ORDER,
}
PRODUCT_BODY = {"product_id": PRODUCT, "status": 2, "reason": "title", "product_type": 1}
BODIES: Mapping[str, tuple[str, Mapping[str, object]]] = {
    **{event: ("order_info", body) for event, body in ORDER_BODIES.items()},
    "channels_ec_aftersale_update": ("finder_shop_aftersale_status_update", AFTER_SALE_BODY),
    "channels_ec_present_aftersale_update": (
        "finder_shop_present_aftersale_status_update",
        AFTER_SALE_BODY,
    ),
    "channels_ec_complaint_update": (
        "finder_shop_complaint",
        {**AFTER_SALE_BODY, "complaint_id": "7", "complaint_status": 3},
    ),
    "channels_ec_guarantee_update": (
        "finder_shop_guarantee_status_update",
        {"status": 1, "guarantee_order_id": "8", "order_id": ORDER},
    ),
    "product_spu_audit": ("ProductSpuAudit", {**PRODUCT_BODY, "audit_info": '{"order_id":"1"}'}),
    "product_spu_listing": ("ProductSpuListing", PRODUCT_BODY),
    "product_spu_update": ("ProductSpuUpdate", {"product_id": PRODUCT, "status": 0}),
    "channels_ec_stock_no_enough": (
        "channels_ec_stock_no_enough",
        {"product_id": PRODUCT, "sku_id": "4400000001", "remaining_stock_amount": 3},
    ),
}
FROM_SDKS = {
    "channels_ec_present_aftersale_update",
    "channels_ec_complaint_update",
    "channels_ec_guarantee_update",
}


def fields_of(event: str, **changed: object) -> dict[str, Any]:
    """The message of an event as JSON, with some of its own fields changed."""
    container, body = BODIES[event]
    return {
        "ToUserName": "gh_0",
        "FromUserName": "oInvented1",
        "CreateTime": AT,
        "MsgType": "event",
        "Event": event,
        container: {**body, **changed},
    }


def as_xml(fields: Mapping[str, object]) -> str:
    """The same names as nested elements."""
    return "".join(
        f"<{name}>{as_xml(value) if isinstance(value, dict) else value}</{name}>"
        for name, value in fields.items()
    )


def read(fields: Mapping[str, object]) -> EventMessage | None:
    """What the reader makes of a message in plain mode, as JSON."""
    return PLAIN.read(json.dumps(fields).encode())


@pytest.mark.parametrize("event", BODIES)
@pytest.mark.parametrize("mode", ["plain", "AES"])
@pytest.mark.parametrize("form", ["JSON", "XML"])
def test_an_event_names_its_object(event: str, mode: str, form: str) -> None:
    fields = fields_of(event)
    text = json.dumps(fields) if form == "JSON" else f"<xml>{as_xml(fields)}</xml>"
    reader, delivery = (PLAIN, plain(text)) if mode == "plain" else (SAFE, encrypted(text))

    opened = reader.open(MessageRequest(*delivery))
    message = reader.read(opened.content)

    assert opened.trusted == (mode == "AES")
    assert message is not None
    is_product = event.startswith("product") or event == "channels_ec_stock_no_enough"
    has_after_sale = "after_sale_order_id" in BODIES[event][1]
    assert message.product_id == (PRODUCT if is_product else None)
    assert message.order_id == (None if is_product else ORDER)
    assert message.after_sale_id == (AFTER_SALE if has_after_sale else None)
    assert (message.kind, message.at, message.status) == (event, AT, None)
    assert message.partner_app_id is None


@pytest.mark.parametrize(
    ("event", "field", "other"),
    [
        ("channels_ec_order_cancel", "cancel_type", 3),
        ("channels_ec_order_deliver", "finish_delivery", 1),
        ("channels_ec_order_confirm", "confirm_type", "2"),
        ("channels_ec_order_ext_info_update", "type", 3),
        ("channels_ec_aftersale_update", "status", "MERCHANT_WAIT_RECEIPT"),
        ("channels_ec_aftersale_update", "after_sale_order_id", "2090000000000002"),
        ("channels_ec_complaint_update", "complaint_status", 4),
        ("channels_ec_guarantee_update", "status", 2),
        ("product_spu_audit", "status", 3),
        ("product_spu_listing", "status", 11),
        ("product_spu_update", "status", 2),
        ("channels_ec_stock_no_enough", "sku_id", "4400000002"),
    ],
)
def test_two_changes_of_one_object_in_one_second_are_two_events(
    event: str, field: str, other: object
) -> None:
    first, second, again = (
        read(fields_of(event)),
        read(fields_of(event, **{field: other})),
        read(fields_of(event)),
    )

    assert first is not None
    assert second is not None
    assert again is not None
    assert first.identity == again.identity
    assert first.identity != second.identity


def test_a_repetition_that_spells_a_number_otherwise_is_the_same_event() -> None:
    first = read(fields_of("channels_ec_order_cancel", order_id=int(ORDER), cancel_type="2"))
    again = read(fields_of("channels_ec_order_cancel"))

    assert first is not None
    assert again is not None
    assert first.identity == again.identity


@pytest.mark.parametrize(
    "event",
    [
        "channels_ec_brand",
        "channels_ec_coupon_receive",
        "channels_ec_close_store",
        "product_category_audit",
        "set_shop_nickname",
        "api_diff",
        "an_event_of_next_year",
    ],
)
def test_events_about_anything_else_are_ignored(event: str) -> None:
    fields = {"MsgType": "event", "Event": event, "order_info": {"order_id": ORDER}}

    assert read(fields) is None


@pytest.mark.parametrize("event", sorted(BODIES.keys() - FROM_SDKS))
@pytest.mark.parametrize("body", [None, "text", {}, {"order_id": "a b", "product_id": ["1"]}])
def test_an_event_that_names_nothing_is_unreadable(event: str, body: object) -> None:
    fields = {**fields_of(event), BODIES[event][0]: body}

    with pytest.raises(UnreadableMessage, match="an event without"):
        read(fields)


@pytest.mark.parametrize("event", sorted(FROM_SDKS))
def test_an_event_that_only_sdks_describe_may_name_nothing(event: str) -> None:
    fields = {**fields_of(event), BODIES[event][0]: {"unlike": "what they say"}}

    assert read(fields) is None


@pytest.mark.parametrize(
    ("event", "changed", "reason"),
    [
        ("product_spu_audit", {}, "title"),
        ("product_spu_audit", {"status": "2", "reason": " 标题不规范 "}, "标题不规范"),
        ("product_spu_audit", {"reason": "x" * 3_000}, "x" * 2_000),
        ("product_spu_audit", {"reason": " "}, None),
        ("product_spu_audit", {"reason": 7}, None),
        ("product_spu_audit", {"status": 3}, None),
        ("product_spu_audit", {"status": 4}, None),
        ("product_spu_audit", {"status": None}, None),
        ("product_spu_listing", {}, None),
    ],
)
def test_a_refused_draft_has_the_audit_s_reason(
    event: str, changed: dict[str, object], reason: str | None
) -> None:
    read = PLAIN.read(json.dumps(fields_of(event, **changed)).encode())

    assert read is not None
    assert read.draft_refusal == reason
