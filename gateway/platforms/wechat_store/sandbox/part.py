"""The WeChat Store's part of the sandbox: its paths, account, buyers and events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gateway.platforms.wechat_store.sandbox import (
    delivery_templates,
    groups,
    images,
    orders,
    products,
    shelves,
)
from gateway.platforms.wechat_store.sandbox.invented import Invented
from gateway.platforms.wechat_store.sandbox.orders import (
    TO_SHIP,
    Purchase,
    merchant_order,
    place_order,
    set_status,
)
from gateway.platforms.wechat_store.sandbox.sample import seeded_shop
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP, StoreCall, WechatStoreShop
from gateway.sandbox import wechat
from gateway.sandbox.part import (
    AdminRoute,
    Incoming,
    NotInTheSandboxError,
    Paid,
    SandboxPart,
    StatusChange,
    account_of,
)
from gateway.sandbox.request import Fields, Refusal, Wire
from gateway.sandbox.sample_shop import SampleShop
from gateway.sandbox.server_state import Account, ServerState
from gateway.sandbox.wechat import GET, Route
from gateway.sandbox.wechat_events import EVENT_AES_KEY, EVENT_TOKEN, EventPusher

# The manual shows GET with a JSON body; only POST is known to work.
GET_OR_POST = ("GET", "POST")


ROUTES: Mapping[str, Route[StoreCall]] = {
    "/merchant/create": Route(products.create),
    "/merchant/del": Route(products.delete),
    "/merchant/update": Route(products.update),
    "/merchant/get": Route(products.get, GET_OR_POST),
    "/merchant/getbystatus": Route(products.getbystatus),
    "/merchant/modproductstatus": Route(products.modproductstatus),
    "/merchant/category/getsub": Route(products.getsub),
    "/merchant/category/getsku": Route(products.getsku),
    "/merchant/category/getproperty": Route(products.getproperty),
    "/merchant/stock/add": Route(products.stock_add),
    "/merchant/stock/reduce": Route(products.stock_reduce),
    "/merchant/express/add": Route(delivery_templates.add),
    "/merchant/express/del": Route(delivery_templates.delete),
    "/merchant/express/update": Route(delivery_templates.update),
    "/merchant/express/getbyid": Route(delivery_templates.getbyid),
    "/merchant/express/getall": Route(delivery_templates.getall, GET),
    "/merchant/group/add": Route(groups.add),
    "/merchant/group/del": Route(groups.delete),
    "/merchant/group/propertymod": Route(groups.propertymod),
    "/merchant/group/productmod": Route(groups.productmod),
    "/merchant/group/getall": Route(groups.getall, GET),
    "/merchant/group/getbyid": Route(groups.getbyid),
    "/merchant/shelf/add": Route(shelves.add),
    "/merchant/shelf/del": Route(shelves.delete),
    "/merchant/shelf/mod": Route(shelves.mod),
    "/merchant/shelf/getall": Route(shelves.getall, GET),
    "/merchant/shelf/getbyid": Route(shelves.getbyid),
    "/merchant/order/getbyid": Route(orders.getbyid),
    "/merchant/order/getbyfilter": Route(orders.getbyfilter, GET_OR_POST),
    "/merchant/order/setdelivery": Route(orders.setdelivery),
    "/merchant/order/close": Route(orders.close),
    "/merchant/common/upload_img": Route(images.upload_img, raw=True),
}


class WechatStoreSandbox(SandboxPart[WechatStoreShop, Invented]):
    """The store: catalogue, shelves, orders, buyers, and the events of paid orders."""

    name = "wechat_store"
    prefixes = ("/merchant/",)
    accounts = (FLAGSHIP,)
    shop_type = WechatStoreShop
    shared = (wechat.WECHAT_TOKENS,)
    event_settings = MappingProxyType({"event_token": EVENT_TOKEN, "event_aes_key": EVENT_AES_KEY})

    def __init__(self, invented: Invented | None = None) -> None:
        self.invented = invented or Invented()

    def seeded_shop(self, sample: SampleShop, _account: Account) -> WechatStoreShop:
        """Return a store with the sample shop and the manual's product and orders."""
        return seeded_shop(sample)

    def refusal(self, _kind: str, code: int) -> Wire:
        """Return WeChat's only envelope."""
        return wechat.fault_body(code)

    async def serve(self, incoming: Incoming) -> Response:
        """Answer one request."""
        return wechat.answer(incoming, lambda: self._play(incoming))

    def admin_routes(self, server: ServerState, paid: Paid) -> Sequence[AdminRoute]:
        """Return the admin calls that place an order and change its status."""
        calls = _Buyers(self, server, paid)
        return (
            AdminRoute("POST", "orders", calls.order),
            AdminRoute("POST", "orders/{order_id}", calls.status),
        )

    def demo_orders(self, server: ServerState) -> Sequence[tuple[str, Wire]]:
        """Place a paid order in each store that is not sold out."""
        now, statuses = int(server.clock.now()), self.invented.statuses
        placed = []
        for app_id, shop in self.shops(server).items():
            try:
                placed.append((app_id, place_order(shop, Purchase(), statuses, now)))
            except NotInTheSandboxError:
                # Everything is sold out.
                continue
        return placed

    def event_sender(self, url: str) -> EventPusher:
        """Return the sender of `merchant_order` to the URL of the console's message settings."""
        return EventPusher(url, merchant_order)

    def _play(self, incoming: Incoming) -> Wire:
        route = ROUTES.get(incoming.request.url.path)
        if route is None:
            raise Refusal(wechat.NO_SUCH_API, "invalid url")
        app_id = wechat.require_app(incoming, self.shops(incoming.server))
        wechat.require_method(incoming, route.methods)
        fields = Fields(route.body(incoming.raw), self.invented.codes.bad_request)
        return wechat.success(route.handler(self.call(incoming, app_id, fields)))


@dataclass(frozen=True, slots=True)
class _Buyers:
    """The admin calls of the store; `paid` is called for every paid order."""

    part: WechatStoreSandbox
    server: ServerState
    paid: Paid

    async def order(self, _request: Request, body: dict[str, Any]) -> Any:
        """Place an order (fields of `Purchase`, and `app_id`)."""
        app_id, shop = self._store(body.pop("app_id", None))
        purchase = msgspec.convert(body, Purchase)
        now = int(self.server.clock.now())
        order = place_order(shop, purchase, self.part.invented.statuses, now)
        if purchase.paid:
            await self.paid(app_id, order)
        return {"order": order}

    async def status(self, request: Request, body: dict[str, Any]) -> Any:
        """Set an order's `status`; 2 is paid, which is announced."""
        change = msgspec.convert(body, StatusChange)
        app_id, shop = self._store(change.app_id)
        order = set_status(shop, request.path_params["order_id"], change.status)
        if change.status == TO_SHIP:
            await self.paid(app_id, order)
        return {"order": order}

    def _store(self, app_id: str | None) -> tuple[str, WechatStoreShop]:
        return account_of(self.part.shops(self.server), app_id, "WeChat Store")
