"""The store's events: what a call or a buyer changes is pushed (reference, section 8).

Whoever changes something in the sandbox's store calls one of the functions below.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import orjson

from gateway.platforms.weixin_store.sandbox.state import WeixinStoreShop
from gateway.sandbox.request import Wire
from gateway.sandbox.wechat_events import TO_USER

#: The object of an event's own fields, by the event; those of orders have `order_info`.
BODIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "channels_ec_aftersale_update": "finder_shop_aftersale_status_update",
        "product_spu_audit": "ProductSpuAudit",
        "product_spu_listing": "ProductSpuListing",
        "product_spu_update": "ProductSpuUpdate",
        "channels_ec_stock_no_enough": "channels_ec_stock_no_enough",
    }
)
#: Who sends events about products.
PLATFORM_OPEN_ID: Final = "oFixedSenderOfTheSandbox0000"
#: The platform repeats events for some hours, and then gives them up.
MOST_PENDING: Final = 1_000

# `order.status`, of which there are events.
TO_SHIP, PARTLY_SHIPPED, SHIPPED, DONE = 20, 21, 30, 100
#: `cancel_type` by status: all was refunded, or it was not paid in time.
CANCELLED: Final = MappingProxyType({200: 3, 250: 2})

# What `order_changed` tells of an order without a status of its own, by `type`.
PRICE_CHANGED: Final = 12
NOTE_CHANGED: Final = 3
ADDRESS_CHANGED: Final = 2
ADDRESS_REQUESTED: Final = 4


def order_event(shop: WeixinStoreShop, name: str, order: Wire, now: int, **codes: object) -> None:
    """Tell of an order, such as `order_event(shop, "pay", order, now, pay_time=now)`.

    `name` is the event's name behind `channels_ec_order_`. The id of a new order is sent as a
    number, of others as text: the platform's own pages do both.
    """
    order_id: str = order["order_id"]
    named = int(order_id) if name == "new" else order_id
    body = {"order_id": named, **codes}
    _tell(shop, f"channels_ec_order_{name}", "order_info", body, order["openid"], now)


def status_event(shop: WeixinStoreShop, order: Wire, now: int) -> None:
    """Tell the status that an order came to, by the events that the platform has for it."""
    status: int = order["status"]
    if status == TO_SHIP:
        order_event(shop, "pay", order, now, pay_time=str(now))
        order_event(shop, "wait_shipping", order, now)
    elif status in (PARTLY_SHIPPED, SHIPPED):
        order_event(shop, "deliver", order, now, finish_delivery=int(status == SHIPPED))
    elif status == DONE:
        order_event(shop, "confirm", order, now, confirm_type=1)
    elif status in CANCELLED:
        order_event(shop, "cancel", order, now, cancel_type=CANCELLED[status])


def order_changed(shop: WeixinStoreShop, order: Wire, kind: int, now: int) -> None:
    """Tell that something else of an order changed: its price, its note, its address."""
    order_event(shop, "ext_info_update", order, now, type=kind)


def after_sale_event(shop: WeixinStoreShop, after_sale: Wire, now: int) -> None:
    """Tell the status of an after-sale."""
    name = "channels_ec_aftersale_update"
    body = {key: after_sale[key] for key in ("status", "after_sale_order_id", "order_id")}
    _tell(shop, name, BODIES[name], body, after_sale["openid"], now)


def product_event(
    shop: WeixinStoreShop, name: str, product_id: str, now: int, **fields: object
) -> None:
    """Tell of a product, such as `product_event(shop, "audit", id, now, status=2, reason="…")`.

    `name` is the event's name behind `product_spu_`: audit, listing or update.
    """
    body = {"product_id": product_id, **fields}
    event = f"product_spu_{name}"
    _tell(shop, event, BODIES[event], body, PLATFORM_OPEN_ID, now)


def stock_event(shop: WeixinStoreShop, product_id: str, sku_id: str, left: int, now: int) -> None:
    """Tell that little of a SKU is left."""
    name = "channels_ec_stock_no_enough"
    body = {
        "product_id": product_id,
        "sku_id": sku_id,
        "remaining_stock_amount": left,
        "remaining_code_amount": 0,
    }
    _tell(shop, name, BODIES[name], body, PLATFORM_OPEN_ID, now)


def take_pending(shop: WeixinStoreShop) -> list[str]:
    """Return the messages of the pending events, oldest first, and forget them."""
    messages = [orjson.dumps(event).decode() for event in shop.events]
    shop.events.clear()
    return messages


def as_xml(event: Mapping[str, Any]) -> str:
    """Return the message of an event as XML: the same names as nested elements."""
    return f"<xml>{_elements(event)}</xml>"


def _elements(fields: Mapping[str, Any]) -> str:
    return "".join(
        f"<{name}>{_elements(value)}</{name}>"
        if isinstance(value, dict)
        else f"<{name}><![CDATA[{value}]]></{name}>"
        for name, value in fields.items()
    )


def _tell(
    shop: WeixinStoreShop, name: str, container: str, body: Wire, sender: str, now: int
) -> None:
    event = {
        "ToUserName": TO_USER,
        "FromUserName": sender,
        "CreateTime": now,
        "MsgType": "event",
        "Event": name,
        container: body,
    }
    shop.events.append(event)
    del shop.events[:-MOST_PENDING]
