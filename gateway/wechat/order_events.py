"""The platform's events about orders, and which of them are the same."""

import re
from dataclasses import dataclass
from typing import Final

from gateway.wechat.message_body import Fields, UnreadableMessage

#: Of the WeChat Store (manual V1.17, 6.1).
MERCHANT_ORDER: Final = "merchant_order"
#: Of partner stores, to old cooperation accounts and to newly linked ones.
PARTNER_ORDER: Final = frozenset({"cooperation_shop_order", "related_shop_order_submission"})

#: A partner order has an id of 76 characters, base64 as it seems.
_ID: Final = re.compile(r"[A-Za-z0-9_.:*+/=-]{1,128}")
_NUMBER: Final = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent:
    """One event; `sender` is the buyer's open id, `at` the platform's time in unix seconds."""

    kind: str
    order_id: str
    at: int
    sender: str
    #: The app id of the store that sold it; None for a shop's own order.
    partner_app_id: str | None = None
    #: The platform's code, as it came; None where the event tells none.
    status: str | None = None

    @property
    def identity(self) -> tuple[str, ...]:
        """Equal for deliveries of the same event, whose time stays the same when repeated."""
        named = (self.partner_app_id or "", self.order_id, self.status or "")
        return (self.kind, *named, str(self.at), self.sender)


def order_event(fields: Fields) -> OrderEvent | None:
    """The event of a message; None where it is about something else.

    Raises:
        UnreadableMessage: an event about an order that does not name it.
    """
    kind = fields.get("Event")
    if fields.get("MsgType") != "event" or not isinstance(kind, str):
        return None
    if kind == MERCHANT_ORDER:
        return OrderEvent(
            kind=kind,
            order_id=_id(fields, "OrderId"),
            status=_number(fields, "OrderStatus"),
            at=int(_number(fields, "CreateTime")),
            sender=_id(fields, "FromUserName"),
        )
    if kind in PARTNER_ORDER:
        data = _data(fields)
        return OrderEvent(
            kind=kind,
            order_id=_id(data, "order_id"),
            partner_app_id=_id(data, "shop_appid"),
            at=int(_number(fields, "CreateTime")),
            sender=_id(fields, "FromUserName"),
        )
    return None


def _data(fields: Fields) -> Fields:
    # The platform's page calls it Data, a widely used client EventData.
    data = fields.get("Data", fields.get("EventData"))
    if not isinstance(data, dict):
        raise UnreadableMessage("an event without its data")
    return data


def _id(fields: Fields, name: str) -> str:
    return _matching(_ID, fields, name)


def _number(fields: Fields, name: str) -> str:
    return _matching(_NUMBER, fields, name)


def _matching(form: re.Pattern[str], fields: Fields, name: str) -> str:
    value = fields.get(name)
    # Platforms send a number here and its text there.
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not form.fullmatch(text):
        raise UnreadableMessage(f"an event without {name}")
    return text
