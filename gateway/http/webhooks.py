"""GET and POST /webhooks/{sender}/{shop}: what platforms post."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

from gateway.errors import GatewayError
from gateway.http.refusal import ClientGone, HttpRefusal
from gateway.http.request import RequestInfo, read_body
from gateway.ports import ForgedMessage, MessageRequest

_PATH: Final = "/webhooks/{sender}/{shop:path}"
#: A message of the platform has some hundred bytes, three times as many in compatible mode.
_MAX_BYTES: Final = 64 * 1024
#: Seconds; the platform disconnects after five, and sends the message again.
_KEEP_TIMEOUT: Final = 0.9
#: Seconds within which a message must arrive: its sender can be verified only at its end.
_ARRIVAL_TIMEOUT: Final = 5.0
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_MAX_ECHO: Final = 256
_MAX_QUERY_FIELDS: Final = 20
_OTHER_METHODS: Final = ["PUT", "PATCH", "DELETE", "OPTIONS"]
_SIGNED: Final = {
    "timestamp": "Unix seconds of the delivery.",
    "nonce": "A random string of the platform.",
    "signature": "SHA-1 of token, timestamp and nonce, sorted and joined, in hexadecimal.",
}
_DELIVERED: Final = {
    **_SIGNED,
    "encrypt_type": "`aes` in AES mode.",
    "msg_signature": "In AES mode: like `signature`, over the encrypted message besides.",
}
_CHECKED: Final = {**_SIGNED, "echostr": "What the platform wants back, at most 256 characters."}
_REFUSED: Final = {
    "description": "Not signed by the platform, of another app, or no such shop: one answer to all",
    "content": {"text/plain": {"example": "refused"}},
}
_UNAVAILABLE: Final = 503
_LATER: Final = {
    "description": "Not kept: the platform sends it again",
    "content": {"text/plain": {"example": "later"}},
}

_log = structlog.stdlib.get_logger(__name__)


class MessageReceiver(Protocol):
    """The inbox's receiver for one shop."""

    @property
    def sender(self) -> str:
        """Who posts, as in /webhooks/{sender}/{shop}."""

    @property
    def acknowledgement(self) -> str:
        """The body that acknowledges a message to the platform."""

    def check_url(self, query: Mapping[str, str]) -> str:
        """The body that the platform's GET of the address expects; raises ForgedMessage."""

    async def take(self, request: MessageRequest) -> str:
        """Store a delivery; returns its outcome; raises ForgedMessage or GatewayError."""


class _Outcome(NamedTuple):
    """The response to a delivery, and its outcome, for the metrics."""

    status: int
    text: str
    name: str

    def response(self) -> Response:
        headers = {**_HEADERS, "Retry-After": "5"} if self.status == _UNAVAILABLE else _HEADERS
        return PlainTextResponse(self.text, self.status, headers)


class Webhooks:
    """Acknowledges the messages of all shops once stored; all refusals are alike.

    `receiver_of` returns a shop's receiver, None if it takes no messages. `observe` is called for
    each message with the shop ("none" if there is no such shop) and the outcome.
    """

    def __init__(
        self,
        receiver_of: Callable[[str], MessageReceiver | None],
        observe: Callable[[str, str], None],
    ) -> None:
        self._receiver_of = receiver_of
        self._observe = observe
        self._keeping: set[asyncio.Task[str]] = set()

    async def answer(self, request: Request) -> Response:
        """Answer one HTTP request from the sender for the shop in its path."""
        sender = request.path_params["sender"]
        # Consoles keep the address as it was typed.
        shop = request.path_params["shop"].removesuffix("/")
        receiver = self._receiver_of(shop)
        if receiver is not None and receiver.sender != sender:
            receiver = None
        try:
            outcome = await self._outcome(receiver, request)
        except (ForgedMessage, HttpRefusal):
            # Do not reveal which shops there are, or what was wrong.
            _log.warning("http.webhook.refused", message="A platform message was refused")
            outcome = _Outcome(403, "refused", "refused")
        except ClientGone:
            return Response(status_code=400)
        except (GatewayError, TimeoutError) as failure:
            # Any other response makes the platform send it again.
            _log.warning(
                "http.webhook.not_kept",
                message="A platform message was not kept: the platform sends it again",
                failure=type(failure).__name__,
            )
            outcome = _Outcome(_UNAVAILABLE, "later", "later")
        # Invented shops must not create metrics.
        self._observe("none" if receiver is None else shop, outcome.name)
        return outcome.response()

    async def _outcome(self, receiver: MessageReceiver | None, request: Request) -> _Outcome:
        # The same wait for every shop: it must not tell which ones exist.
        async with asyncio.timeout(_ARRIVAL_TIMEOUT):
            body = await read_body(request.receive, RequestInfo.of(request.scope), _MAX_BYTES)
        if receiver is None or request.method not in {"GET", "POST"}:
            raise ForgedMessage
        query = _query(request.scope["query_string"])
        if request.method == "GET":
            return _Outcome(200, receiver.check_url(query)[:_MAX_ECHO], "checked")
        message = MessageRequest(query, body, request.headers)
        taken = await self._in_time(receiver.take(message))
        return _Outcome(200, receiver.acknowledgement, taken)

    async def _in_time(self, keeping: Coroutine[Any, Any, str]) -> str:
        """Wait no longer than the platform does; a late message may still be stored."""
        task = asyncio.create_task(keeping)
        self._keeping.add(task)
        task.add_done_callback(self._kept)
        async with asyncio.timeout(_KEEP_TIMEOUT):
            return await asyncio.shield(task)

    def _kept(self, task: asyncio.Task[str]) -> None:
        self._keeping.discard(task)
        if not task.cancelled():
            task.exception()  # retrieved, so that asyncio does not report it as never retrieved


def _parameters(described: Mapping[str, str]) -> list[dict[str, Any]]:
    # Not FastAPI's own parameters: their errors would differ from those of a forged message.
    text: dict[str, Any] = {"in": "path", "required": True, "schema": {"type": "string"}}
    return [
        {"name": "sender", **text, "description": "Who posts, such as `wechat`."},
        {"name": "shop", **text, "description": "The shop's key in the configuration."},
        *(
            {"name": name, "in": "query", "description": meaning, "schema": {"type": "string"}}
            for name, meaning in described.items()
        ),
    ]


_ROUTES: Final = APIRouter(tags=["Webhooks"])


def add_webhook_routes(api: FastAPI, webhooks: Webhooks) -> None:
    """Add the routes of the platforms' messages."""
    api.state.webhooks = webhooks
    api.include_router(_ROUTES)


@_ROUTES.get(
    _PATH,
    summary="The platform checks the address",
    response_class=PlainTextResponse,
    responses={200: {"description": "The `echostr` of the request"}, 403: _REFUSED},
    openapi_extra={"parameters": _parameters(_CHECKED)},
)
async def check_webhook(request: Request) -> Response:
    """The platform's console asks once, when the address is entered there."""
    return await _answer(request)


@_ROUTES.post(
    _PATH,
    summary="The platform delivers an event",
    response_class=PlainTextResponse,
    responses={
        200: {
            "description": "Kept, readable or not, or nothing new",
            "content": {"text/plain": {"example": "success"}},
        },
        403: _REFUSED,
        _UNAVAILABLE: _LATER,
    },
    openapi_extra={
        "parameters": _parameters(_DELIVERED),
        "requestBody": {
            "required": True,
            "description": "The message as XML or JSON, at most 64 KiB",
            "content": {
                "text/xml": {"schema": {"type": "string"}},
                "application/json": {"schema": {"type": "object"}},
            },
        },
    },
)
async def receive_webhook(request: Request) -> Response:
    """In plain mode, or encrypted in AES mode, as the shop's settings say."""
    return await _answer(request)


# Refused like any other request that is not the platform's.
@_ROUTES.api_route(_PATH, methods=_OTHER_METHODS, include_in_schema=False)
async def refuse_webhook(request: Request) -> Response:
    """Platforms only get and post."""
    return await _answer(request)


async def _answer(request: Request) -> Response:
    webhooks: Webhooks = request.app.state.webhooks
    return await webhooks.answer(request)


def _query(query_string: bytes) -> dict[str, str]:
    try:
        return dict(
            parse_qsl(
                query_string.decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MAX_QUERY_FIELDS,
            )
        )
    except ValueError:
        raise ForgedMessage from None
