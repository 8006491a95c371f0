"""The whole gateway as a server runs it, and how it is told that its end is near."""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class Application:
    """An ASGI application; `stop` ends the answers that would otherwise go on for ever."""

    def __init__(self, app: ASGIApp, stop: Callable[[], None]) -> None:
        self._app = app
        self.stop = stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        await self._app(scope, receive, send)
