"""GET and POST /webhooks/wechat/{shop}: the message push of the platform."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

import structlog
from starlette.types import Receive, Scope, Send

from gateway.errors import GatewayError
from gateway.http.answer import HttpResponse
from gateway.http.body import read_body
from gateway.http.refusal import ClientGone, HttpRefusal
from gateway.http.request import RequestInfo
from gateway.wechat.messages import ForgedMessage

PREFIX: Final = "/webhooks/wechat/"
#: A message of the platform has some hundred bytes, thrice as many in compatible mode.
_MOST_BYTES: Final = 64 * 1024
#: Seconds; the platform hangs up after five, and sends the message again.
_PATIENCE: Final = 0.9
#: Seconds in which a message has to be here: who sends it is not known before its end.
_ARRIVAL: Final = 5.0
_TEXT: Final = b"text/plain; charset=utf-8"
_HEADERS: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
_MOST_ECHO: Final = 256
_MOST_QUERY_FIELDS: Final = 20

_log = structlog.stdlib.get_logger(__name__)


class MessageReceiver(Protocol):
    """The inbox's receiver for one shop."""

    def check_url(self, query: Mapping[str, str]) -> str:
        """What the console's check of the address wants back; raises ForgedMessage."""

    async def take(self, query: Mapping[str, str], body: bytes) -> bool:
        """Keep the event of a delivery; raises ForgedMessage or GatewayError."""


class Webhooks:
    """Answers `success` once a message is kept, and the same to every one that is refused.

    `receiver_of` gives a shop's receiver, None where it takes no messages. `heard` is told, of
    each message, the shop ("none" where there is no such) and what became of it.
    """

    def __init__(
        self,
        receiver_of: Callable[[str], MessageReceiver | None],
        heard: Callable[[str, str], None],
    ) -> None:
        self._receiver_of = receiver_of
        self._heard = heard
        self._keeping: set[asyncio.Task[bool]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        shop = scope["path"].removeprefix(PREFIX)
        request = RequestInfo.of(scope)
        receiver = self._receiver_of(shop)
        try:
            answer, outcome = await self._answer(receiver, request, scope["query_string"], receive)
        except (ForgedMessage, HttpRefusal):
            # Which shops there are, and what was wrong, is nobody's business.
            answer, outcome = _said(403, "refused"), "refused"
            _log.warning("a message is refused")
        except ClientGone:
            return
        except (GatewayError, TimeoutError) as failure:
            # Anything but `success` makes the platform send it again.
            _log.warning("a message is not kept", failure=type(failure).__name__)
            answer, outcome = _said(503, "later"), "later"
        # Whoever invents shops must not make figures of them.
        self._heard("none" if receiver is None else shop, outcome)
        await answer.send(send, with_body=request.method != "HEAD")

    async def _answer(
        self,
        receiver: MessageReceiver | None,
        request: RequestInfo,
        query_string: bytes,
        receive: Receive,
    ) -> tuple[HttpResponse, str]:
        if receiver is None or request.method not in {"GET", "POST"}:
            raise ForgedMessage
        query = _query(query_string)
        if request.method == "GET":
            return _said(200, receiver.check_url(query)[:_MOST_ECHO]), "checked"
        async with asyncio.timeout(_ARRIVAL):
            body = await read_body(receive, request, _MOST_BYTES)
        is_new = await self._in_time(receiver.take(query, body))
        return _said(200, "success"), "kept" if is_new else "nothing new"

    async def _in_time(self, keeping: Coroutine[Any, Any, bool]) -> bool:
        """Wait no longer than the platform does; what is late may still be kept, which is fine."""
        task = asyncio.create_task(keeping)
        self._keeping.add(task)
        task.add_done_callback(self._kept)
        async with asyncio.timeout(_PATIENCE):
            return await asyncio.shield(task)

    def _kept(self, task: asyncio.Task[bool]) -> None:
        self._keeping.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not complain of a late one


def _query(query_string: bytes) -> dict[str, str]:
    try:
        return dict(
            parse_qsl(
                query_string.decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MOST_QUERY_FIELDS,
            )
        )
    except ValueError:
        raise ForgedMessage from None


def _said(status: int, text: str) -> HttpResponse:
    return HttpResponse(status, _TEXT, text.encode(), _HEADERS)
