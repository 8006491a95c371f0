"""The Weixin Store's part of the sandbox: its paths, account and limits."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gateway.platforms.weixin_store.sandbox import (
    addresses,
    after_sales,
    categories,
    events,
    freight_templates,
    images,
    order_rules,
    orders,
    products,
    quotas,
    shop,
    stock,
    storefront,
)
from gateway.platforms.weixin_store.sandbox.after_sale_buyers import AfterSaleBuyers
from gateway.platforms.weixin_store.sandbox.invented import Invented
from gateway.platforms.weixin_store.sandbox.sample_orders import open_id, sample_orders
from gateway.platforms.weixin_store.sandbox.sample_products import sample_products
from gateway.platforms.weixin_store.sandbox.sample_storefront import sample_home_page
from gateway.platforms.weixin_store.sandbox.sample_templates import sample_templates
from gateway.platforms.weixin_store.sandbox.state import WEIXIN, WeixinCall, WeixinStoreShop
from gateway.sandbox import wechat
from gateway.sandbox.part import AdminRoute, Incoming, Paid, SandboxPart, StatusChange, account_of
from gateway.sandbox.request import Fields, Refusal, Wire
from gateway.sandbox.sample_shop import SampleShop
from gateway.sandbox.server_state import Account, ServerState
from gateway.sandbox.wechat_events import EVENT_AES_KEY, EVENT_TOKEN, EventPusher

#: The body is not as the page of the call says; the text names the field.
BAD_BODY = 40097

ROUTES: Mapping[str, wechat.Route[WeixinCall]] = {
    **shop.ROUTES,
    **after_sales.ROUTES,
    **addresses.ROUTES,
    **orders.ROUTES,
    **products.ROUTES,
    **stock.ROUTES,
    **categories.ROUTES,
    **images.ROUTES,
    **order_rules.ROUTES,
    **freight_templates.ROUTES,
    **storefront.ROUTES,
}


class WeixinStoreSandbox(SandboxPart[WeixinStoreShop, Invented]):
    """The store of today's 微信小店."""

    name = "weixin_store"
    prefixes = ("/channels/ec/", "/shop/ec/")
    accounts = (WEIXIN,)
    shop_type = WeixinStoreShop
    shared = (wechat.WECHAT_TOKENS,)
    event_settings = MappingProxyType({"event_token": EVENT_TOKEN, "event_aes_key": EVENT_AES_KEY})

    def __init__(self, invented: Invented | None = None) -> None:
        self.invented = invented or Invented()

    def seeded_shop(self, sample: SampleShop, _account: Account) -> WeixinStoreShop:
        """Return a store with the sample shop."""
        known = categories.sample_categories(sample.products)
        goods = sample_products(sample.products, known, sample.now)
        return WeixinStoreShop(
            buyers=set(map(open_id, sample.buyers)),
            orders=sample_orders(sample),
            addresses=addresses.seeded_addresses(sample.now),
            categories=known,
            products=goods,
            home_page=sample_home_page(sample.products, goods),
            templates=sample_templates(sample.now),
        )

    def refusal(self, _kind: str, code: int) -> Wire:
        """Return WeChat's only envelope."""
        return wechat.fault_body(code)

    async def serve(self, incoming: Incoming) -> Response:
        """Answer one request; a caller whose address is not listed gets a bare 403."""
        app_id = incoming.server.tokens.owner(incoming.access_token)
        known = self.shops(incoming.server).get(app_id or "")
        if known is not None and not known.admitted:
            return Response(status_code=403)
        return wechat.answer(incoming, lambda: self._play(incoming))

    def admin_routes(self, server: ServerState, paid: Paid) -> Sequence[AdminRoute]:
        """Return the admin calls: the store's limits and status, and what its buyers do."""
        calls = _Calls(self, server, paid)
        return (
            AdminRoute("POST", "weixin/shop", calls.change),
            AdminRoute("POST", "weixin/orders", calls.order),
            AdminRoute("POST", "weixin/orders/{order_id}", calls.status),
            AdminRoute("POST", "weixin/orders/{order_id}/address", calls.ask_for_address),
            *AfterSaleBuyers(self.shops, server).routes(),
        )

    def event_sender(self, url: str) -> EventPusher:
        """Return the sender of events to the URL of the console's message settings."""
        return EventPusher(url)

    def pending_events(self, server: ServerState) -> Sequence[tuple[str, str]]:
        """Return, and forget, the events of all stores still to be pushed."""
        return [
            (app_id, message)
            for app_id, shop in self.shops(server).items()
            for message in events.take_pending(shop)
        ]

    def _play(self, incoming: Incoming) -> Wire:
        route = ROUTES.get(incoming.request.url.path)
        if route is None:
            raise Refusal(wechat.NO_SUCH_API, "invalid url")
        server = incoming.server
        app_id = wechat.require_app(incoming, self.shops(server))
        quotas.count(self.shops(server)[app_id], app_id, server.tokens)
        wechat.require_method(incoming, route.methods)
        fields = Fields(route.body(incoming.raw), BAD_BODY)
        return wechat.success(route.handler(self.call(incoming, app_id, fields)), "ok")


@dataclass(frozen=True, slots=True)
class ShopChange:
    """What an admin call changes of the store of an app (None: the first one); None: nothing."""

    app_id: str | None = None
    status: str | None = None
    admitted: bool | None = None
    calls_per_minute: int | None = None
    calls_per_day: int | None = None
    drafts_per_hour: int | None = None
    drafts_per_day: int | None = None
    listing_banned: bool | None = None
    decodes_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class _Calls:
    """The admin calls of the store; `paid` is called for every paid order."""

    part: WeixinStoreSandbox
    server: ServerState
    paid: Paid

    async def change(self, _request: Request, body: dict[str, Any]) -> Any:
        """Change a store (fields of `ShopChange`)."""
        change = msgspec.convert(body, ShopChange)
        _, store = self._store(change.app_id)
        for name, value in asdict(change).items():
            if name != "app_id" and value is not None:
                setattr(store, name, value)
        return {}

    async def order(self, _request: Request, body: dict[str, Any]) -> Any:
        """Place an order (fields of `Purchase`, and `app_id`)."""
        app_id, store = self._store(body.pop("app_id", None))
        purchase = msgspec.convert(body, orders.Purchase)
        little, now = self.part.invented.little_stock, int(self.server.clock.now())
        order = orders.place_order(store, purchase, little, now)
        if purchase.paid:
            await self.paid(app_id, order)
        return {"order": order}

    async def status(self, request: Request, body: dict[str, Any]) -> Any:
        """Set an order's `status`; 20 is paid, which is announced."""
        change = msgspec.convert(body, StatusChange)
        app_id, store = self._store(change.app_id)
        now = int(self.server.clock.now())
        order = orders.set_status(store, request.path_params["order_id"], change.status, now)
        if change.status == orders.TO_SHIP:
            await self.paid(app_id, order)
        return {"order": order}

    async def ask_for_address(self, request: Request, body: dict[str, Any]) -> Any:
        """Let a buyer ask for another address, in the store of `app_id`."""
        _, store = self._store(body.get("app_id"))
        now = int(self.server.clock.now())
        return {"order": order_rules.ask_for_address(store, request.path_params["order_id"], now)}

    def _store(self, app_id: str | None) -> tuple[str, WeixinStoreShop]:
        return account_of(self.part.shops(self.server), app_id, "Weixin Store")
