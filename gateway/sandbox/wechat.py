"""Common to WeChat's platforms: the envelope, the request checks and the two token calls.

The token calls are independent (接口调用凭据, getAccessToken): `GET /cgi-bin/token` voids the
previous token after five minutes; `POST /cgi-bin/stable_token` returns the same one until five
minutes before it expires.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson
from starlette.responses import Response

from gateway.sandbox.part import Incoming, Service
from gateway.sandbox.request import Refusal, Wire, json_object
from gateway.sandbox.server_state import Account, ServerState
from gateway.sandbox.tokens import Tokens, TokenState

CallT = TypeVar("CallT")

#: Issuer of WeChat's accounts.
WECHAT = "wechat"

MEDIA_TYPE = "application/json; encoding=utf-8"

GET, POST = ("GET",), ("POST",)

BAD_GRANT = 40002
BAD_APP_ID = 40013
ESCAPED_CHARACTERS = 40033
NO_SUCH_API = 40066
BAD_SECRET = 40125
NO_APP_ID = 41002
NO_SECRET = 41004
GET_NEEDED = 43001
POST_NEEDED = 43002
EMPTY_BODY = 44002
DAILY_QUOTA = 45009
MINUTE_QUOTA = 45011
BAD_JSON = 47001
NOT_AUTHORISED = 48001

# The documented numbers: seconds, and calls per day or minute.
TOKEN_LIFETIME = 7200
OVERLAP = 300
FORCED_GAP = 30
PLAIN_PER_DAY = 2000
STABLE_PER_MINUTE = 10_000
STABLE_PER_DAY = 500_000
FORCED_PER_DAY = 20

# Control characters must be escaped; escaping anything else is refused with 40033.
UNICODE_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u(?!00[0-7])[0-9a-fA-F]{4}")


@dataclass(frozen=True, slots=True)
class Route(Generic[CallT]):
    """An endpoint of a store; `raw` if the body is not JSON."""

    handler: Callable[[CallT], Wire]
    methods: tuple[str, ...] = POST
    raw: bool = False

    def body(self, raw: bytes) -> dict[str, Any]:
        """Parse the body as `require_object` does; empty if there is to be none, or no JSON."""
        return {} if self.raw or self.methods == GET else require_object(raw)


def answer(incoming: Incoming, play: Callable[[], Wire]) -> Response:
    """Respond with the result of `play`, or, if it refuses, HTTP 200, `errcode` and the call's id.

    Only a token response has no `errcode`: `play` returns the whole body.
    """
    try:
        return _json(play())
    except Refusal as refusal:
        message = f"{refusal.message} rid: {_request_id(incoming.server.entropy)}"
        return _json({"errcode": refusal.code, "errmsg": message, **refusal.extra})


def success(wire: Wire, message: str = "success") -> Wire:
    """Return the body of a success, with its `errcode` 0."""
    return {"errcode": 0, "errmsg": message, **wire}


def fault_body(code: int) -> Wire:
    """Return the body of an injected refusal."""
    return {"errcode": code, "errmsg": "fault on request rid: 00000000-00000000-00000000"}


def require_method(incoming: Incoming, methods: tuple[str, ...]) -> None:
    """Refuse any other method, with 43001 or 43002."""
    if incoming.request.method in methods:
        return
    if "POST" in methods:
        raise Refusal(POST_NEEDED, "require POST method")
    raise Refusal(GET_NEEDED, "require GET method")


def require_object(raw: bytes) -> dict[str, Any]:
    """Parse a body; refuse with 44002, 40033 or 47001 unless it is an unescaped JSON object."""
    if not raw:
        raise Refusal(EMPTY_BODY, "empty post data")
    if UNICODE_ESCAPE.search(raw):
        raise Refusal(ESCAPED_CHARACTERS, "invalid charset. please check your request")
    body = json_object(raw)
    if body is None:
        raise Refusal(BAD_JSON, "data format error")
    return body


def require_app(incoming: Incoming, shops: Mapping[str, object]) -> str:
    """Return the app id of a valid token that may call a platform with these shops.

    Refuses with 41001, 40014, 40001 or 42001 for the token, with 48001 for another app's.
    """
    tokens, value = incoming.server.tokens, incoming.access_token
    if not value:
        raise Refusal(41001, "access_token missing")
    state = tokens.check(value)
    if state is TokenState.UNKNOWN:
        raise Refusal(40014, "invalid access_token")
    if state is TokenState.VOID:
        raise Refusal(40001, "invalid credential, access_token is invalid or not latest")
    if state is TokenState.EXPIRED:
        raise Refusal(42001, "access_token expired")
    app_id = tokens.book.tokens[value].app_id
    if app_id not in shops:
        raise Refusal(NOT_AUTHORISED, "api unauthorized")
    return app_id


class WechatTokens(Service):
    """The token calls of every WeChat account."""

    name = "wechat_tokens"
    prefixes = ("/cgi-bin/",)

    async def serve(self, incoming: Incoming) -> Response:
        """Answer `/cgi-bin/token` or `/cgi-bin/stable_token`."""
        return answer(incoming, lambda: self._token(incoming))

    def refusal(self, _kind: str, code: int) -> Wire:
        """Return WeChat's only envelope."""
        return fault_body(code)

    def _token(self, incoming: Incoming) -> Wire:
        path = incoming.request.url.path
        if path == "/cgi-bin/token":
            require_method(incoming, ("GET",))
            return _plain(incoming.server, incoming.request.query_params)
        if path == "/cgi-bin/stable_token":
            require_method(incoming, ("POST",))
            return _stable(incoming.server, require_object(incoming.raw))
        raise Refusal(NO_SUCH_API, "invalid url")


WECHAT_TOKENS = WechatTokens()


def _plain(server: ServerState, query: Mapping[str, Any]) -> Wire:
    """Always a new token; the previous one is valid for five more minutes."""
    app_id = _identify(server, query).app_id
    tokens = server.tokens
    if tokens.count_today("plain", app_id) > PLAIN_PER_DAY:
        raise Refusal(DAILY_QUOTA, "reach max api daily quota limit")
    tokens.replace(app_id, "plain", OVERLAP)
    value = tokens.issue(app_id, "plain", TOKEN_LIFETIME)
    return {"access_token": value, "expires_in": TOKEN_LIFETIME}


def _stable(server: ServerState, body: Mapping[str, Any]) -> Wire:
    """`expires_in` is the remaining lifetime."""
    app_id = _identify(server, body).app_id
    tokens = server.tokens
    if tokens.count_this_minute("stable", app_id) > STABLE_PER_MINUTE:
        raise Refusal(MINUTE_QUOTA, "api minute-quota reach limit, must slower")
    if tokens.count_today("stable", app_id) > STABLE_PER_DAY:
        raise Refusal(DAILY_QUOTA, "reach max api daily quota limit")
    if body.get("force_refresh") is True and _may_force(server, app_id):
        return _forced(server, app_id)
    return _current_or_next(server, app_id)


def _may_force(server: ServerState, app_id: str) -> bool:
    last = server.tokens.book.forced_at.get(app_id)
    return last is None or server.clock.now() - last >= FORCED_GAP


def _forced(server: ServerState, app_id: str) -> Wire:
    if server.tokens.count_today("forced", app_id) > FORCED_PER_DAY:
        raise Refusal(DAILY_QUOTA, "reach max force_refresh daily quota limit")
    server.tokens.book.forced_at[app_id] = server.clock.now()
    server.tokens.replace(app_id, "stable", 0)
    return _issue_stable(server.tokens, app_id)


def _current_or_next(server: ServerState, app_id: str) -> Wire:
    current = server.tokens.current(app_id, "stable")
    if current is None:
        return _issue_stable(server.tokens, app_id)
    value, token = current
    remaining = server.tokens.remaining(token)
    if remaining > OVERLAP:
        return {"access_token": value, "expires_in": remaining}
    # In its last five minutes a token is replaced, and both then work for five more.
    token.expires_at = server.clock.now() + OVERLAP
    return _issue_stable(server.tokens, app_id)


def _issue_stable(tokens: Tokens, app_id: str) -> Wire:
    value = tokens.issue(app_id, "stable", TOKEN_LIFETIME)
    return {"access_token": value, "expires_in": TOKEN_LIFETIME}


def _identify(server: ServerState, given: Mapping[str, Any]) -> Account:
    if given.get("grant_type") != "client_credential":
        raise Refusal(BAD_GRANT, "invalid grant_type")
    if not given.get("appid"):
        raise Refusal(NO_APP_ID, "appid missing")
    if not given.get("secret"):
        raise Refusal(NO_SECRET, "appsecret missing")
    account = server.accounts.get(str(given["appid"]))
    if account is None or account.issuer != WECHAT:
        raise Refusal(BAD_APP_ID, "invalid appid")
    if given["secret"] != account.secret:
        raise Refusal(BAD_SECRET, "invalid appsecret")
    return account


def _request_id(entropy: Callable[[int], bytes]) -> str:
    """Make a call's id in the form of WeChat's `rid`."""
    text = entropy(12).hex()
    return f"{text[:8]}-{text[8:16]}-{text[16:]}"


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body), media_type=MEDIA_TYPE)
