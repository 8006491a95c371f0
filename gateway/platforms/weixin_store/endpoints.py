"""The Weixin Store's endpoints, by room; the path is a column, as calls move to `/shop/ec/`."""

from typing import Any, Final, TypeVar

import msgspec

from gateway.platforms.weixin_store.wire import order, shop
from gateway.platforms.weixin_store.wire.base import Nothing
from gateway.upstream.endpoint import BodyKind, Endpoint

Req = TypeVar("Req", bound=msgspec.Struct)
Res = TypeVar("Res", bound=msgspec.Struct)

# Cache tags that writes invalidate.
_ORDERS: Final = "orders"


def _get(
    path: str,
    section: str,
    summary: str,
    gets: type[Res],
    *tags: str,
    ttl: str | None = None,
) -> Endpoint[Nothing, Res]:
    """A read by GET without a body; any other call of these paths is refused with 43001."""
    return Endpoint(
        name=_name(path),
        method="GET",
        path=path,
        request=Nothing,
        response=gets,
        section=section,
        summary=summary,
        body=BodyKind.NONE,
        repeatable=True,
        ttl=ttl,
        tags=tags,
    )


def _read(
    path: str,
    section: str,
    summary: str,
    sends: type[Req],
    gets: type[Res],
    *tags: str,
    ttl: str | None = None,
) -> Endpoint[Req, Res]:
    """A read: POST with JSON."""
    return Endpoint(
        name=_name(path),
        method="POST",
        path=path,
        request=sends,
        response=gets,
        section=section,
        summary=summary,
        repeatable=True,
        ttl=ttl,
        tags=tags,
    )


def _name(path: str) -> str:
    """The name of a call: its path below `/channels/ec/` or `/shop/ec/`, with dots."""
    return path.split("/ec/", 1)[1].replace("/", ".")


# fmt: off
# Orders

GET_ORDERS = _read(
    "/channels/ec/order/list/get", "3.1", "Ids of orders by time of creation or change",
    order.OrderListRequest, order.OrderListResponse, _ORDERS, ttl="orders",
)
GET_ORDER = _read(
    "/channels/ec/order/get", "3.3", "One order",
    order.OrderRequest, order.OrderResponse, _ORDERS, ttl="orders",
)

# The shop

GET_SHOP_INFO = _get("/channels/ec/basics/info/get", "2", "The store itself", shop.ShopInfoResponse)
# fmt: on

#: Every row above; a test counts them.
ENDPOINTS: Final[tuple[Endpoint[Any, Any], ...]] = tuple(
    row for row in list(globals().values()) if isinstance(row, Endpoint)
)
