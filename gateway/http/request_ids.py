"""Request ids: taken from `X-Request-Id` or generated, returned, bound to the log."""

import re
from collections.abc import Callable, Iterable
from random import Random, SystemRandom
from secrets import token_hex
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.logs import REQUEST_ID

_FORM: Final = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
#: The ASGI messages with the headers of a response.
_OPENING: Final = frozenset({"http.response.start", "websocket.accept"})


class RequestIds:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # An id must be unique, not secret: the system's randomness is read once.
        self._chance = Random(SystemRandom().getrandbits(256))  # noqa: S311

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with its id in the answer and in the log."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = self._id_of(scope["headers"])
        header = (b"x-request-id", request_id.encode("ascii"))

        async def send_with_id(message: Message) -> None:
            if message["type"] in _OPENING:
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        bound = REQUEST_ID.set(request_id)
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            REQUEST_ID.reset(bound)

    def _id_of(self, headers: Iterable[tuple[bytes, bytes]]) -> str:
        for name, value in headers:
            if name == b"x-request-id":
                return request_id_from(value.decode("latin-1"), self._unique)
        return self._unique()

    def _unique(self) -> str:
        return f"{self._chance.getrandbits(128):032x}"


def _unique() -> str:
    return token_hex(16)


def request_id_from(given: str | None, unique: Callable[[], str] = _unique) -> str:
    """The caller's own request id if it is 1 to 128 safe characters, else a new one."""
    if given is not None and _FORM.fullmatch(given):
        return given
    return unique()
