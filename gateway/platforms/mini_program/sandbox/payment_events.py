"""Events of payments: what became of one is pushed (reference, section 9.2).

The fields of these events are at the top level, in XML.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import msgspec
from starlette.requests import Request

from gateway.platforms.mini_program.sandbox.state import MiniProgramShop, Payment
from gateway.sandbox.part import NotInTheSandboxError
from gateway.sandbox.request import Wire
from gateway.sandbox.wechat_events import TO_USER

# `order_state`.
AWAITING, SHIPPED, CONFIRMED, COMPLETE = 1, 2, 3, 4
#: `confirm_receive_method`; the page and what users receive disagree about what it means.
CONFIRM_METHOD: Final = 1
#: Seconds from a report of shipping to the settlement that it announces.
UNTIL_SETTLEMENT: Final = 10 * 86_400
#: What the event of each state tells besides the payment; of others there is none.
MOMENTS: Final[Mapping[int, tuple[str, ...]]] = MappingProxyType(
    {
        SHIPPED: ("shipped_time",),
        CONFIRMED: ("shipped_time", "confirm_receive_time"),
        COMPLETE: ("shipped_time", "confirm_receive_time", "settlement_time"),
    }
)
#: The platform repeats events for some hours, and then gives them up.
MOST_PENDING: Final = 1_000


def remind(shop: MiniProgramShop, payment: Payment, now: int) -> None:
    """Tell that a payment was not shipped for long."""
    _tell(shop, "trade_manage_remind_shipping", payment, now, msg="请尽快发货")


def settled(shop: MiniProgramShop, payment: Payment, now: int) -> None:
    """Tell how far the settlement of a payment is, by its state."""
    state = payment.document["order_state"]
    if state not in MOMENTS:
        return
    fields: Wire = dict.fromkeys(MOMENTS[state], now)
    if state == SHIPPED:
        fields["estimated_settlement_time"] = now + UNTIL_SETTLEMENT
    else:
        fields["confirm_receive_method"] = CONFIRM_METHOD
    _tell(shop, "trade_manage_order_settlement", payment, now, **fields)


@dataclass(frozen=True, slots=True)
class PaymentChange:
    """What an admin call makes of a payment: its `order_state`; 1 reminds of its shipping."""

    order_state: int
    app_id: str | None = None


def change(shop: MiniProgramShop, request: Request, body: dict[str, Any], now: int) -> Wire:
    """Set the state of the payment that the path names, and tell of it.

    Raises:
        NotInTheSandboxError: there is no such payment.
    """
    payment = shop.payments.get(request.path_params["transaction_id"])
    if payment is None:
        raise NotInTheSandboxError("no such payment")
    state = msgspec.convert(body, PaymentChange).order_state
    payment.document["order_state"] = state
    if state == AWAITING:
        remind(shop, payment, now)
    else:
        settled(shop, payment, now)
    return {"payment": payment.document}


def take_pending(shop: MiniProgramShop) -> list[str]:
    """Return the messages of the pending events, oldest first, and forget them."""
    messages = [_as_xml(event) for event in shop.events]
    shop.events.clear()
    return messages


def _tell(shop: MiniProgramShop, name: str, payment: Payment, now: int, **fields: object) -> None:
    document = payment.document
    named = ("transaction_id", "merchant_id", "sub_merchant_id", "merchant_trade_no", "pay_time")
    shop.events.append(
        {
            "ToUserName": TO_USER,
            "FromUserName": document["openid"],
            "CreateTime": now,
            "MsgType": "event",
            "Event": name,
            **{key: document[key] for key in named},
            **fields,
        }
    )
    del shop.events[:-MOST_PENDING]


def _as_xml(event: Wire) -> str:
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in event.items())
    return f"<xml>{inner}</xml>"
