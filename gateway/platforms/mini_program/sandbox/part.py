"""The Mini Program's part of the sandbox: its paths, account and partner orders."""

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gateway.platforms.mini_program.sandbox import orders, payment_events, shipping, shopping_list
from gateway.platforms.mini_program.sandbox.invented import Invented
from gateway.platforms.mini_program.sandbox.sample import seeded_shop
from gateway.platforms.mini_program.sandbox.state import MINI, MiniProgramCall, MiniProgramShop
from gateway.sandbox import wechat
from gateway.sandbox.part import AdminRoute, Incoming, Paid, SandboxPart, account_of
from gateway.sandbox.request import Fields, Refusal, Wire
from gateway.sandbox.sample_shop import SampleShop
from gateway.sandbox.server_state import Account, ServerState
from gateway.sandbox.wechat_events import EVENT_AES_KEY, EVENT_TOKEN, EventPusher


def partner_order(call: MiniProgramCall) -> Wire:
    """Answer `/channels/ec/cooperation/order/get` (获取合作店铺订单); both ids must match."""
    codes = call.invented.partner_orders
    body = Fields(call.body.data, codes.bad_request)
    shop_appid, order_id = body.text("shop_appid"), body.text("order_id")
    known = call.shop.partner_orders.get(order_id)
    if known is None or known.shop_appid != shop_appid:
        raise Refusal(codes.order_not_found, "order not exist")
    return {"order": known.order}


# Two of the seven share a path and differ in their `action`.
ROUTES: dict[str, Callable[[MiniProgramCall], Wire]] = {
    "/mall/importorder": orders.importorder,
    "/mall/deleteorder": orders.deleteorder,
    "/mall/addshoppinglist": shopping_list.addshoppinglist,
    "/mall/deleteshoppinglist": shopping_list.deleteshoppinglist,
    "/mall/queryshoppinglist": shopping_list.queryshoppinglist,
    "/mall/importproduct": shopping_list.importproduct,
    "/mall/brandmanage": shopping_list.brandmanage,
    "/channels/ec/cooperation/order/get": partner_order,
    "/wxa/sec/order/upload_shipping_info": shipping.upload_shipping_info,
    "/wxa/sec/order/get_order": shipping.get_order,
    "/wxa/sec/order/get_order_list": shipping.get_order_list,
    "/wxa/sec/order/is_trade_managed": shipping.is_trade_managed,
    "/wxa/sec/order/get_order_detail_path": shipping.get_order_detail_path,
    "/wxa/sec/order/update_order_detail_path": shipping.update_order_detail_path,
    shipping.CARRIERS_PATH: shipping.get_delivery_list,
}


class MiniProgramSandbox(SandboxPart[MiniProgramShop, Invented]):
    """The shopping list, the orders of partner stores, and the shipping management."""

    name = "mini_program"
    prefixes = (
        "/mall/",
        "/channels/ec/cooperation/",
        "/wxa/sec/order/",
        shipping.CARRIERS_PATH,
    )
    accounts = (MINI,)
    shop_type = MiniProgramShop
    shared = (wechat.WECHAT_TOKENS,)
    event_settings = MappingProxyType({"event_token": EVENT_TOKEN, "event_aes_key": EVENT_AES_KEY})

    def __init__(self, invented: Invented | None = None) -> None:
        self.invented = invented or Invented()

    def seeded_shop(self, sample: SampleShop, _account: Account) -> MiniProgramShop:
        """Return a Mini Program with the sample shopping list and partner orders."""
        return seeded_shop(sample)

    def admin_routes(self, server: ServerState, _paid: Paid) -> Sequence[AdminRoute]:
        """Return the admin call that changes a payment: fields of `PaymentChange`."""

        async def change(request: Request, body: dict[str, Any]) -> Wire:
            _, shop = account_of(self.shops(server), body.get("app_id"), "Mini Program")
            return payment_events.change(shop, request, body, int(server.clock.now()))

        return (AdminRoute("POST", "mini/payments/{transaction_id}", change),)

    def event_sender(self, url: str) -> EventPusher:
        """Return the sender of events to the URL of the console's message settings."""
        return EventPusher(url)

    def pending_events(self, server: ServerState) -> Sequence[tuple[str, str]]:
        """Return, and forget, the events of all Mini Programs still to be pushed."""
        return [
            (app_id, message)
            for app_id, shop in self.shops(server).items()
            for message in payment_events.take_pending(shop)
        ]

    def refusal(self, _kind: str, code: int) -> Wire:
        """Return WeChat's only envelope."""
        return wechat.fault_body(code)

    async def serve(self, incoming: Incoming) -> Response:
        """Answer one request."""
        return wechat.answer(incoming, lambda: self._play(incoming))

    def _play(self, incoming: Incoming) -> Wire:
        path = incoming.request.url.path
        route = ROUTES.get(path)
        if route is None:
            raise Refusal(wechat.NO_SUCH_API, "invalid url")
        app_id = wechat.require_app(incoming, self.shops(incoming.server))
        wechat.require_method(incoming, ("POST",))
        body = Fields(wechat.require_object(incoming.raw), wechat.BAD_JSON)
        message = "success" if path.startswith("/mall/") else "ok"
        return wechat.success(route(self.call(incoming, app_id, body)), message)
