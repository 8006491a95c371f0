"""Control routes by which buyers open after-sales, and go on with them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request

from gateway.platforms.weixin_store.sandbox.after_sales import (
    BuyersAct,
    Opened,
    act_as_buyer,
    open_after_sale,
)
from gateway.platforms.weixin_store.sandbox.state import WeixinStoreShop
from gateway.sandbox.part import AdminRoute, account_of
from gateway.sandbox.server_state import ServerState


@dataclass(frozen=True, slots=True)
class AfterSaleBuyers:
    """The buyers of the stores; `stores` returns those by app id."""

    stores: Callable[[ServerState], Mapping[str, WeixinStoreShop]]
    server: ServerState

    def routes(self) -> Sequence[AdminRoute]:
        """Return the admin calls."""
        return (
            AdminRoute("POST", "weixin/after-sales", self.open),
            AdminRoute("POST", "weixin/after-sales/{id}", self.act),
        )

    async def open(self, _request: Request, body: dict[str, Any]) -> Any:
        """Open an after-sale (fields of `Opened`)."""
        opened = msgspec.convert(body, Opened)
        now = int(self.server.clock.now())
        return {"after_sale": open_after_sale(self._store(opened.app_id), opened, now)}

    async def act(self, request: Request, body: dict[str, Any]) -> Any:
        """Do what the buyer does next (fields of `BuyersAct`)."""
        act = msgspec.convert(body, BuyersAct)
        now, own = int(self.server.clock.now()), request.path_params["id"]
        return {"after_sale": act_as_buyer(self._store(act.app_id), own, act, now)}

    def _store(self, app_id: str | None) -> WeixinStoreShop:
        _, store = account_of(self.stores(self.server), app_id, "Weixin Store")
        return store
