"""/livez and /readyz: whether the process lives, and whether it can serve just now."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import orjson
import structlog
from starlette.types import Receive, Scope, Send

from gateway.http.answer import HttpResponse

_log = structlog.get_logger("gateway.http")

#: Seconds for which an outcome is told again: everybody may ask, as often as they like.
_KEPT: Final = 1.0
_HEADERS: Final = ((b"cache-control", b"no-store"),)

#: Raises where something that is needed does not work.
Check = Callable[[], Awaitable[object]]


def _answer(status: int, said: Mapping[str, object]) -> HttpResponse:
    return HttpResponse(status, b"application/json", orjson.dumps(said), _HEADERS)


class Liveness:
    """Answers as long as the process can answer at all."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Answer 200."""
        await _answer(200, {"status": "alive"}).send(send, with_body=scope["method"] != "HEAD")


class Readiness:
    """Answers 200 where every check passes, else 503 with the names of those that failed.

    Names tell the store, never a shop: a platform that is down does not make the gateway unready.
    """

    def __init__(
        self, checks: Mapping[str, Check], clock: Callable[[], float], *, patience: float = 2.0
    ) -> None:
        self._checks = checks
        #: Seconds that one check may take.
        self._patience = patience
        self._clock = clock
        self._lock = asyncio.Lock()
        self._failed: tuple[str, ...] = ()
        self._asked_at: float | None = None
        self._stopping = False

    def stop(self) -> None:
        """From now on nobody shall send requests here: the process is about to end."""
        self._stopping = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Answer 200 or 503."""
        answer = await self._look()
        await answer.send(send, with_body=scope["method"] != "HEAD")

    async def _look(self) -> HttpResponse:
        if self._stopping:
            return _answer(503, {"status": "stopping"})
        async with self._lock:
            now = self._clock()
            if self._asked_at is None or now - self._asked_at >= _KEPT:
                outcomes = await asyncio.gather(*(self._passes(name) for name in self._checks))
                names = zip(self._checks, outcomes, strict=True)
                self._failed = tuple(name for name, passed in names if not passed)
                self._asked_at = now
        if self._failed:
            return _answer(503, {"status": "unready", "failed": self._failed})
        return _answer(200, {"status": "ready"})

    async def _passes(self, name: str) -> bool:
        try:
            async with asyncio.timeout(self._patience):
                await self._checks[name]()
        except Exception as failure:  # noqa: BLE001 - whatever it was, the gateway is not ready
            _log.warning("not ready", check=name, failure=type(failure).__name__)
            return False
        return True
