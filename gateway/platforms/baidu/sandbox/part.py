"""Baidu's part of the sandbox: its paths, envelopes and account."""

from collections.abc import Callable
from typing import Any

import orjson
from starlette.responses import Response

from gateway.platforms.baidu.sandbox import orders
from gateway.platforms.baidu.sandbox.invented import Invented
from gateway.platforms.baidu.sandbox.sample import seeded_shop
from gateway.platforms.baidu.sandbox.state import SWAN, BaiduCall, BaiduShop
from gateway.platforms.baidu.sandbox.tokens import (
    GatewayRefusal,
    OAuthRefusal,
    issue_token,
    require_token,
)
from gateway.sandbox.part import Incoming, SandboxPart
from gateway.sandbox.request import Fields, Refusal, Wire, json_object
from gateway.sandbox.sample_shop import SampleShop
from gateway.sandbox.server_state import Account

NO_SUCH_API = 3
NO_PERMISSION = 6

_CENTRE = "/rest/2.0/smartapp/ordercenter/app"
ROUTES: dict[str, Callable[[BaiduCall], list[Wire]]] = {
    f"{_CENTRE}/add/main/info": orders.add_info,
    f"{_CENTRE}/add/main/logistics": orders.add_logistics,
    f"{_CENTRE}/update/main/info": orders.update_info,
    f"{_CENTRE}/update/main/status": orders.update_status,
    f"{_CENTRE}/append/sub/info": orders.append_subs,
    f"{_CENTRE}/update/sub/info": orders.update_subs,
    f"{_CENTRE}/update/sub/status": orders.update_sub_statuses,
    # As the manual prints it; later ones have it below the others.
    "/rest/2.0/smartapp/app/update/sub/status": orders.update_sub_statuses,
}


class BaiduSandbox(SandboxPart[BaiduShop, Invented]):
    """The order centre, the API gateway in front of it, and the token call."""

    name = "baidu"
    prefixes = ("/rest/", "/oauth/")
    accounts = (SWAN,)
    shop_type = BaiduShop

    def __init__(self, invented: Invented | None = None) -> None:
        self.invented = invented or Invented()

    def seeded_shop(self, sample: SampleShop, account: Account) -> BaiduShop:
        """Return an order centre with the sample orders."""
        return seeded_shop(sample, account.app_id)

    def refusal(self, kind: str, code: int) -> Wire:
        """Return the API gateway's envelope for errcode, the order centre's for errno."""
        message = "fault on request"
        return _centre(code, message) if kind == "errno" else _gateway(code, message)

    async def serve(self, incoming: Incoming) -> Response:
        """Answer one request."""
        try:
            if incoming.request.url.path == "/oauth/2.0/token":
                return _json(await self._token(incoming))
            return _json(_centre(0, "success", self._play(incoming)))
        except Refusal as refusal:
            return _json(_centre(refusal.code, refusal.message))
        except GatewayRefusal as refusal:
            return _json(_gateway(refusal.code, refusal.message))
        except OAuthRefusal as refusal:
            body = {"error": refusal.error, "error_description": refusal.description}
            return _json(body, self.invented.token_error_status)

    async def _token(self, incoming: Incoming) -> Wire:
        given = dict(incoming.request.query_params)
        if incoming.request.method == "POST":
            form = await incoming.request.form()
            given |= {name: value for name, value in form.items() if isinstance(value, str)}
        return issue_token(incoming.server, given, self.invented)

    def _play(self, incoming: Incoming) -> list[Wire]:
        route = ROUTES.get(incoming.request.url.path)
        if route is None or incoming.request.method != "POST":
            raise GatewayRefusal(NO_SUCH_API, "Unsupported openapi method")
        app_id = require_token(incoming.server.tokens, incoming.access_token, self.invented)
        if app_id not in self.shops(incoming.server):
            raise GatewayRefusal(NO_PERMISSION, "No permission to access data")
        body = json_object(incoming.raw)
        if body is None:
            raise Refusal(self.invented.bad_request, "the body is no JSON object")
        return route(self.call(incoming, app_id, Fields(body, self.invented.bad_request)))


def _centre(code: int, message: str, rows: list[Wire] | None = None) -> Wire:
    """Return the body of an order centre response."""
    return {"errno": code, "msg": message, "data": rows or []}


def _gateway(code: int, message: str) -> Wire:
    """Return the body of an API gateway error."""
    return {"error_code": code, "error_msg": message}


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
