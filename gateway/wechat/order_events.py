"""The platform's order events, and their deduplication."""

import re
from dataclasses import dataclass
from typing import Final

from gateway.wechat.message_body import Fields, MalformedMessage, readings, without_blanks

#: Of the WeChat Store (manual V1.17, 6.1).
MERCHANT_ORDER: Final = "merchant_order"
#: Of partner stores, sent to old cooperation accounts and to newly linked ones.
PARTNER_ORDER: Final = frozenset({"cooperation_shop_order", "related_shop_order_submission"})

#: A partner order's id has 76 characters, apparently base64.
_ID: Final = re.compile(r"[A-Za-z0-9_.:*+/=-]{1,128}")
_WORD: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_NUMBER: Final = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent:
    """One event, which names its order; any other unreadable field is None."""

    kind: str
    order_id: str
    #: The platform's time, in unix seconds.
    at: int | None
    #: The buyer's open id.
    sender: str | None
    #: The app id of the store that sold it; None for a shop's own order.
    partner_app_id: str | None = None
    #: The platform's code, as received; None if not reported.
    status: str | None = None

    @property
    def identity(self) -> tuple[str, ...]:
        """Equal for deliveries of the same event; a repetition keeps its time.

        If the time is unreadable, other events about the order are equal too.
        """
        named = (self.partner_app_id or "", self.order_id, self.status or "")
        return (self.kind, *named, "" if self.at is None else str(self.at), self.sender or "")


def read_order_event(message: bytes) -> OrderEvent | None:
    """The event of a message; None if it is about something else.

    Raises:
        MalformedMessage: the message's subject or its order cannot be determined.
    """
    failure = MalformedMessage("neither XML nor JSON")
    for fields in readings(message):
        try:
            return order_event(fields)
        except MalformedMessage as unreadable:
            failure = unreadable
    raise failure


def order_event(fields: Fields) -> OrderEvent | None:
    """Like `read_order_event`, for one reading of the message."""
    if _word(fields, "MsgType") != "event":
        return None
    kind = _word(fields, "Event")
    if kind == MERCHANT_ORDER:
        return OrderEvent(
            kind=kind,
            order_id=_id(fields, "OrderId"),
            status=_optional(_NUMBER, fields, "OrderStatus"),
            at=_time(fields),
            sender=_optional(_ID, fields, "FromUserName"),
        )
    if kind in PARTNER_ORDER:
        data = _data(fields)
        return OrderEvent(
            kind=kind,
            order_id=_id(data, "order_id"),
            partner_app_id=_id(data, "shop_appid"),
            at=_time(fields),
            sender=_optional(_ID, fields, "FromUserName"),
        )
    return None


def _data(fields: Fields) -> Fields:
    # The platform's page calls it Data, a widely used client EventData.
    data = fields.get("Data", fields.get("EventData"))
    if not isinstance(data, dict):
        raise MalformedMessage("an event without its data")
    return data


def _word(fields: Fields, name: str) -> str:
    value = fields.get(name)
    word = without_blanks(value) if isinstance(value, str) else ""
    if not _WORD.fullmatch(word):
        # It may have been any event, an order event included.
        raise MalformedMessage(f"a message without {name}")
    return word


def _time(fields: Fields) -> int | None:
    number = _optional(_NUMBER, fields, "CreateTime")
    return None if number is None else int(number)


def _id(fields: Fields, name: str) -> str:
    value = _optional(_ID, fields, name)
    if value is None:
        raise MalformedMessage(f"an event without {name}")
    return value


def _optional(form: re.Pattern[str], fields: Fields, name: str) -> str | None:
    value = fields.get(name)
    # Platforms send a number here and its text there.
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    text = without_blanks(str(value))
    return text if form.fullmatch(text) else None
