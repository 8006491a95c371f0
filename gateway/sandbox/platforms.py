"""Serving a platform's request: method, token, body, then the function that plays the endpoint."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.sandbox import answers
from gateway.sandbox.baidu_tokens import require_baidu_token
from gateway.sandbox.call import Call
from gateway.sandbox.fields import Fields
from gateway.sandbox.refusal import BaiduGatewayRefusal, OAuthRefusal, Refusal
from gateway.sandbox.routes import (
    BAIDU_ROUTES,
    MINI_ROUTES,
    STORE_ROUTES,
    BaiduHandler,
    MiniHandler,
    StoreRoute,
)
from gateway.sandbox.state import BaiduShop, MiniShop, StoreShop, Wire
from gateway.sandbox.wechat_tokens import require_wechat_token
from gateway.sandbox.world import World

ShopT = TypeVar("ShopT", StoreShop, MiniShop, BaiduShop)

GET_NEEDED = 43001
POST_NEEDED = 43002
EMPTY_BODY = 44002
BAD_JSON = 47001
ESCAPED_CHARACTERS = 40033
NOT_AUTHORISED = 48001
NO_SUCH_API = 40066
BAIDU_NO_SUCH_API = 3
BAIDU_NO_PERMISSION = 6

# Escapes of control characters are needed; those of anything else are what 40033 is about.
UNICODE_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u(?!00[0-7])[0-9a-fA-F]{4}")


class Platforms:
    """The three platforms of one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def serve(self, request: Request) -> Response:
        """Answer one request as its platform would."""
        raw = await request.body()
        if request.url.path.startswith(("/rest/", "/oauth/")):
            return await self._baidu(request, raw)
        try:
            return self._wechat(request, raw)
        except Refusal as refusal:
            return answers.wechat_refusal(refusal, self._world.setting.entropy)

    def _wechat(self, request: Request, raw: bytes) -> Response:
        path = request.url.path
        if path == "/cgi-bin/token":
            return answers.wechat_token(self._plain_token(request))
        if path == "/cgi-bin/stable_token":
            _require_method(request, ("POST",))
            return answers.wechat_token(self._world.wechat_tokens.stable(_json_object(raw)))
        if store_route := STORE_ROUTES.get(path):
            return answers.wechat_answer(self._store(request, raw, store_route), "success")
        if handler := MINI_ROUTES.get(path):
            message = "ok" if path.startswith("/channels/") else "success"
            return answers.wechat_answer(self._mini(request, raw, handler), message)
        raise Refusal(NO_SUCH_API, "invalid url")

    def _plain_token(self, request: Request) -> Wire:
        _require_method(request, ("GET",))
        return self._world.wechat_tokens.plain(request.query_params)

    def _store(self, request: Request, raw: bytes, route: StoreRoute) -> Wire:
        app_id = self._wechat_app(request)
        shop = self._world.state.stores.get(app_id)
        if shop is None:
            raise Refusal(NOT_AUTHORISED, "api unauthorized")
        _require_method(request, route.methods)
        body = {} if route.raw or route.methods == ("GET",) else _json_object(raw)
        code = self._world.setting.invented.store.bad_request
        return route.handler(self._call(request, raw, (app_id, shop), Fields(body, code)))

    def _mini(self, request: Request, raw: bytes, handler: MiniHandler) -> Wire:
        app_id = self._wechat_app(request)
        shop = self._world.state.minis.get(app_id)
        if shop is None:
            raise Refusal(NOT_AUTHORISED, "api unauthorized")
        _require_method(request, ("POST",))
        body = Fields(_json_object(raw), BAD_JSON)
        return handler(self._call(request, raw, (app_id, shop), body))

    def _wechat_app(self, request: Request) -> str:
        value = request.query_params.get("access_token", "")
        return require_wechat_token(self._world.tokens, value)

    async def _baidu(self, request: Request, raw: bytes) -> Response:
        try:
            if request.url.path == "/oauth/2.0/token":
                return answers.baidu_token(await self._baidu_token(request))
            return answers.baidu_answer(self._baidu_order(request, raw))
        except Refusal as refusal:
            return answers.baidu_refusal(refusal)
        except BaiduGatewayRefusal as refusal:
            return answers.baidu_gateway_refusal(refusal)
        except OAuthRefusal as refusal:
            status = self._world.setting.invented.baidu.token_error_status
            return answers.oauth_refusal(refusal, status)

    async def _baidu_token(self, request: Request) -> Wire:
        given = dict(request.query_params)
        if request.method == "POST":
            form = await request.form()
            given |= {name: value for name, value in form.items() if isinstance(value, str)}
        return self._world.baidu_tokens.issue(given)

    def _baidu_order(self, request: Request, raw: bytes) -> list[Wire]:
        handler: BaiduHandler | None = BAIDU_ROUTES.get(request.url.path)
        if handler is None or request.method != "POST":
            raise BaiduGatewayRefusal(BAIDU_NO_SUCH_API, "Unsupported openapi method")
        choices = self._world.setting.invented.baidu
        value = request.query_params.get("access_token", "")
        app_id = require_baidu_token(self._world.tokens, value, choices)
        shop = self._world.state.swans.get(app_id)
        if shop is None:
            raise BaiduGatewayRefusal(BAIDU_NO_PERMISSION, "No permission to access data")
        body = _loaded(raw)
        if not isinstance(body, dict):
            raise Refusal(choices.bad_request, "the body is no JSON object")
        fields = Fields(body, choices.bad_request)
        return handler(self._call(request, raw, (app_id, shop), fields))

    def _call(
        self, request: Request, raw: bytes, owner: tuple[str, ShopT], body: Fields
    ) -> Call[ShopT]:
        world = self._world
        app_id, shop = owner
        return Call(
            shop=shop,
            app_id=app_id,
            body=body,
            query=request.query_params,
            raw=raw,
            now=int(world.clock.now()),
            invented=world.setting.invented,
            entropy=world.setting.entropy,
            foreign=_foreign(world, app_id),
        )


def _foreign(world: World, app_id: str) -> Callable[[str], bool]:
    return lambda open_id: world.foreign(app_id, open_id)


def _require_method(request: Request, methods: tuple[str, ...]) -> None:
    if request.method in methods:
        return
    if "POST" in methods:
        raise Refusal(POST_NEEDED, "require POST method")
    raise Refusal(GET_NEEDED, "require GET method")


def _json_object(raw: bytes) -> dict[str, Any]:
    if not raw:
        raise Refusal(EMPTY_BODY, "empty post data")
    if UNICODE_ESCAPE.search(raw):
        raise Refusal(ESCAPED_CHARACTERS, "invalid charset. please check your request")
    body = _loaded(raw)
    if not isinstance(body, dict):
        raise Refusal(BAD_JSON, "data format error")
    return body


def _loaded(raw: bytes) -> object:
    try:
        body: object = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return body
