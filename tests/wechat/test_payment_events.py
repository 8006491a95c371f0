"""Events of payments under trade management: which payment they name, and which are the same."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from gateway.ports import EventMessage, PaymentName, UnreadableMessage
from gateway.wechat.messages import MessagePush
from gateway.wechat.order_messages import OrderMessages
from tests.wechat.deliveries import TOKEN

READER = OrderMessages(MessagePush(TOKEN))
TRANSACTION = "4200000000000000000000000001"
NAMED = {"transaction_id": TRANSACTION, "merchant_id": "1900000001", "merchant_trade_no": "M1"}
SHIPPED = {"shipped_time": 1790000000, "estimated_settlement_time": 1790864000}
PAYMENT = PaymentName(TRANSACTION, "1900000001", "M1")
REMIND, SETTLEMENT = "trade_manage_remind_shipping", "trade_manage_order_settlement"


def message(event: str, **fields: object) -> dict[str, Any]:
    envelope = {"ToUserName": "gh_0", "FromUserName": "oInvented1", "CreateTime": 1790000011}
    return {**envelope, "MsgType": "event", "Event": event, **fields}


def read(fields: Mapping[str, object]) -> EventMessage | None:
    return READER.read(json.dumps(fields).encode())


def as_xml(fields: Mapping[str, object]) -> bytes:
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return f"<xml>{inner}</xml>".encode()


@pytest.mark.parametrize("fields", [message(REMIND, **NAMED), message(SETTLEMENT, **NAMED)])
def test_an_event_names_its_payment_in_either_form(fields: dict[str, Any]) -> None:
    found = read(fields)

    assert found is not None
    assert (found.kind, found.payment, found.at) == (fields["Event"], PAYMENT, 1790000011)
    assert (found.order_id, found.after_sale_id, found.product_id) == (None, None, None)
    assert READER.read(as_xml(fields)) == found


def test_numbers_are_text() -> None:
    found = read(message(REMIND, transaction_id=42, merchant_id=1900000001))

    assert found is not None
    assert found.payment == PaymentName("42", "1900000001", None)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"transaction_id": "", "merchant_id": "1900000001"},
        {"merchant_trade_no": "M1"},
        {"transaction_id": None},
    ],
)
def test_an_event_without_a_payment_is_unreadable(fields: dict[str, Any]) -> None:
    with pytest.raises(UnreadableMessage, match="transaction_id"):
        read(message(SETTLEMENT, **fields))


def test_the_merchant_s_numbers_name_a_payment_too() -> None:
    found = read(message(REMIND, merchant_id="1900000001", merchant_trade_no="M1"))

    assert found is not None
    assert found.payment == PaymentName(None, "1900000001", "M1")


@pytest.mark.parametrize("event", ["trade_manage_remind_access_api", "wxa_trade_controlled"])
def test_other_events_of_the_management_are_ignored(event: str) -> None:
    assert read(message(event, msg="x")) is None


def test_each_step_of_a_settlement_is_an_event_of_its_own() -> None:
    steps = [
        message(REMIND, **NAMED),
        message(SETTLEMENT, **NAMED),
        message(SETTLEMENT, **NAMED, **SHIPPED),
        message(SETTLEMENT, **NAMED, **SHIPPED, confirm_receive_time=1790000000),
        message(SETTLEMENT, **NAMED, confirm_receive_time=1790000000, settlement_time=1790000000),
        message(SETTLEMENT, **{**NAMED, "transaction_id": "42"}, **SHIPPED),
    ]

    identities = [found.identity for one in steps if (found := read(one)) is not None]

    assert len(set(identities)) == len(steps)
    # How it was confirmed is not told reliably, and tells no events apart.
    again = read(message(SETTLEMENT, **NAMED, **SHIPPED, confirm_receive_method=2))
    assert again is not None
    assert again.identity == identities[2]
