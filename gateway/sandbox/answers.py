"""Answers in the platforms' own forms."""

from collections.abc import Callable
from typing import Any

import orjson
from starlette.responses import Response

from gateway.sandbox.refusal import BaiduGatewayRefusal, OAuthRefusal, Refusal
from gateway.sandbox.state import Wire

WECHAT_TYPE = "application/json; encoding=utf-8"
BAIDU_TYPE = "application/json"


def wechat_answer(wire: Wire, message: str) -> Response:
    """Give a success of WeChat, with its `errcode` 0."""
    return _json({"errcode": 0, "errmsg": message, **wire}, WECHAT_TYPE)


def wechat_token(wire: Wire) -> Response:
    """Give a token; this answer alone carries no `errcode`."""
    return _json(wire, WECHAT_TYPE)


def wechat_refusal(refusal: Refusal, entropy: Callable[[int], bytes]) -> Response:
    """Give a refusal of WeChat: HTTP 200, `errcode`, and the call's id in the message."""
    message = f"{refusal.message} rid: {request_id(entropy)}"
    return _json({"errcode": refusal.code, "errmsg": message, **refusal.extra}, WECHAT_TYPE)


def baidu_answer(rows: list[Wire]) -> Response:
    """Give a success of the order centre."""
    return _json({"errno": 0, "msg": "success", "data": rows}, BAIDU_TYPE)


def baidu_token(wire: Wire) -> Response:
    """Give a token of Baidu."""
    return _json(wire, BAIDU_TYPE)


def baidu_refusal(refusal: Refusal) -> Response:
    """Give a refusal of the order centre."""
    return _json({"errno": refusal.code, "msg": refusal.message, "data": []}, BAIDU_TYPE)


def baidu_gateway_refusal(refusal: BaiduGatewayRefusal) -> Response:
    """Give a refusal of the gateway before the order centre."""
    return _json({"error_code": refusal.code, "error_msg": refusal.message}, BAIDU_TYPE)


def oauth_refusal(refusal: OAuthRefusal, status: int) -> Response:
    """Give a refusal of Baidu's token call."""
    body = {"error": refusal.error, "error_description": refusal.description}
    return _json(body, BAIDU_TYPE, status)


def request_id(entropy: Callable[[int], bytes]) -> str:
    """Make a call's id in the form of WeChat's `rid`."""
    text = entropy(12).hex()
    return f"{text[:8]}-{text[8:16]}-{text[16:]}"


def _json(body: Any, media_type: str, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type=media_type)
