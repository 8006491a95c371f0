"""Events of WeChat's platforms about orders, after-sales and products; their deduplication."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.ports import PaymentName
from gateway.wechat.message_body import Fields, MalformedMessage, readings, without_blanks

#: Of the WeChat Store (manual V1.17, 6.1).
MERCHANT_ORDER: Final = "merchant_order"
#: Of partner stores, sent to old cooperation accounts and to newly linked ones.
PARTNER_ORDER: Final = frozenset({"cooperation_shop_order", "related_shop_order_submission"})

#: A partner order's id has 76 characters, apparently base64.
_ID: Final = re.compile(r"[A-Za-z0-9_.:*+/=-]{1,128}")
_WORD: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_NUMBER: Final = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class _Body:
    """The object of an event's own fields: its name, the ids in it, and its sub-type if any.

    `certain` is False where only SDKs tell its fields (weixin-store.md 8, mark C): then one without
    the first id is another event, not a damaged one.
    """

    container: str
    ids: tuple[str, ...] = ("order_id",)
    codes: tuple[str, ...] = ()
    certain: bool = True
    #: The code of a refused draft, whose reason the event tells; None: it tells none.
    refused: str | None = None


#: Of payments under a Mini Program's trade management (weixin-store.md 9.2): the fields of each are
#: at the top level, and among them are moments that tell one event from another.
_PAYMENT_EVENTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "trade_manage_remind_shipping": (),
        "trade_manage_order_settlement": (
            "settlement_time",
            "confirm_receive_time",
            "shipped_time",
        ),
    }
)
_ORDER_INFO: Final = "order_info"
#: `status` of an audit's event.
_AUDIT_REFUSED: Final = "2"
#: Characters of a reason that are kept.
_LONGEST_REASON: Final = 2_000
_AFTER_SALE_IDS: Final = ("order_id", "after_sale_order_id")
#: Of a Weixin Store (weixin-store.md 8); events of the store that name none of these are ignored.
_STORE_EVENTS: Final[Mapping[str, _Body]] = MappingProxyType(
    {
        "channels_ec_order_new": _Body(_ORDER_INFO),
        "channels_ec_order_cancel": _Body(_ORDER_INFO, codes=("cancel_type",)),
        "channels_ec_order_pay": _Body(_ORDER_INFO),
        "channels_ec_order_wait_shipping": _Body(_ORDER_INFO),
        "channels_ec_order_deliver": _Body(_ORDER_INFO, codes=("finish_delivery",)),
        "channels_ec_order_confirm": _Body(_ORDER_INFO, codes=("confirm_type",)),
        "channels_ec_order_settle": _Body(_ORDER_INFO),
        "channels_ec_order_ext_info_update": _Body(_ORDER_INFO, codes=("type",)),
        "channels_ec_aftersale_update": _Body(
            "finder_shop_aftersale_status_update", _AFTER_SALE_IDS, ("status",)
        ),
        "channels_ec_present_aftersale_update": _Body(
            "finder_shop_present_aftersale_status_update",
            _AFTER_SALE_IDS,
            ("status",),
            certain=False,
        ),
        "channels_ec_guarantee_update": _Body(
            "finder_shop_guarantee_status_update", codes=("status",), certain=False
        ),
        # One SDK calls its code `complaint_status`, the other `status`.
        "channels_ec_complaint_update": _Body(
            "finder_shop_complaint",
            _AFTER_SALE_IDS,
            ("complaint_status", "status"),
            certain=False,
        ),
        "product_spu_audit": _Body(
            "ProductSpuAudit", ("product_id",), ("status",), refused=_AUDIT_REFUSED
        ),
        "product_spu_listing": _Body("ProductSpuListing", ("product_id",), ("status",)),
        "product_spu_update": _Body("ProductSpuUpdate", ("product_id",), ("status",)),
        "channels_ec_stock_no_enough": _Body(
            "channels_ec_stock_no_enough", ("product_id",), ("sku_id",)
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEvent:
    """One event, which names an order, an after-sale, a product or a payment.

    What is unreadable is None. An after-sale's event names its order too.
    """

    kind: str
    order_id: str | None = None
    after_sale_id: str | None = None
    product_id: str | None = None
    payment: PaymentName | None = None
    #: The platform's time, in unix seconds.
    at: int | None
    #: The buyer's open id, or that of the platform in events about products.
    sender: str | None
    #: The app id of the store that sold it; None for a shop's own order.
    partner_app_id: str | None = None
    #: The platform's code of the order's status, as received; None if not reported.
    status: str | None = None
    #: What the event says of its object, such as the kind of change; empty if nothing.
    code: str = ""
    #: Why the audit refused the draft of a product; None if it did not, or gives no reason.
    draft_refusal: str | None = None

    @property
    def identity(self) -> tuple[str, ...]:
        """Equal for deliveries of the same event; a repetition keeps its time.

        If the time is unreadable, other events about the object are equal too.
        """
        named = (self.partner_app_id or "", self.order_id or "", self.status or "")
        at = "" if self.at is None else str(self.at)
        # What only a Weixin Store's events have comes last: an event of the others keeps the
        # identity under which earlier versions stored it.
        payment = () if self.payment is None else tuple(name or "" for name in self.payment)
        object_ids = (self.after_sale_id or "", self.product_id or "", self.code, *payment)
        more = object_ids if any(object_ids) else ()
        return (self.kind, *named, at, self.sender or "", *more)


def read_event(message: bytes) -> ObjectEvent | None:
    """The event of a message; None if it is about something else.

    Raises:
        MalformedMessage: the message's subject, or the id of its object, cannot be determined.
    """
    failure = MalformedMessage("neither XML nor JSON")
    for fields in readings(message):
        try:
            return object_event(fields)
        except MalformedMessage as unreadable:
            failure = unreadable
    raise failure


def object_event(fields: Fields) -> ObjectEvent | None:
    """Like `read_event`, for one reading of the message."""
    if _word(fields, "MsgType") != "event":
        return None
    kind = _word(fields, "Event")
    body = _STORE_EVENTS.get(kind)
    if body is not None:
        return _store_event(kind, body, fields)
    if kind in _PAYMENT_EVENTS:
        return _payment_event(kind, fields)
    if kind == MERCHANT_ORDER:
        return ObjectEvent(
            kind=kind,
            order_id=_id(fields, "OrderId"),
            status=_optional(_NUMBER, fields, "OrderStatus"),
            at=_time(fields),
            sender=_optional(_ID, fields, "FromUserName"),
        )
    if kind in PARTNER_ORDER:
        # The platform's page calls it Data, a widely used client EventData.
        data = _inner(fields, "Data", "EventData")
        return ObjectEvent(
            kind=kind,
            order_id=_id(data, "order_id"),
            partner_app_id=_id(data, "shop_appid"),
            at=_time(fields),
            sender=_optional(_ID, fields, "FromUserName"),
        )
    return None


def _store_event(kind: str, body: _Body, fields: Fields) -> ObjectEvent | None:
    inner = _inner(fields, body.container)
    required = _id if body.certain else _optional_id
    ids = {name: required(inner, name) for name in body.ids}
    if ids[body.ids[0]] is None:
        return None
    codes = (_optional(_ID, inner, name) for name in body.codes)
    code = next((code for code in codes if code is not None), "")
    return ObjectEvent(
        kind=kind,
        order_id=ids.get("order_id"),
        after_sale_id=ids.get("after_sale_order_id"),
        product_id=ids.get("product_id"),
        at=_time(fields),
        sender=_optional(_ID, fields, "FromUserName"),
        code=code,
        draft_refusal=_reason(inner) if code and code == body.refused else None,
    )


def _payment_event(kind: str, fields: Fields) -> ObjectEvent:
    payment = PaymentName(
        transaction_id=_optional_id(fields, "transaction_id"),
        merchant_id=_optional_id(fields, "merchant_id"),
        trade_number=_optional_id(fields, "merchant_trade_no"),
    )
    if not payment.is_known:
        raise MalformedMessage("an event without transaction_id, or merchant_id and trade number")
    moments = [(name, _optional(_NUMBER, fields, name)) for name in _PAYMENT_EVENTS[kind]]
    return ObjectEvent(
        kind=kind,
        payment=payment,
        at=_time(fields),
        sender=_optional(_ID, fields, "FromUserName"),
        # Several may be of the same second.
        code=next((f"{name} {moment}" for name, moment in moments if moment is not None), ""),
    )


def _reason(inner: Fields) -> str | None:
    reason = inner.get("reason")
    return reason.strip()[:_LONGEST_REASON] or None if isinstance(reason, str) else None


def _inner(fields: Fields, *names: str) -> Fields:
    """The event's own fields, below the first of the names that it has; a scan has no levels."""
    inner = next((fields[name] for name in names if name in fields), None)
    return inner if isinstance(inner, dict) else fields


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


def _optional_id(fields: Fields, name: str) -> str | None:
    return _optional(_ID, fields, name)


def _id(fields: Fields, name: str) -> str:
    value = _optional_id(fields, name)
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
