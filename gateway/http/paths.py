"""Leads a request to what answers its path, before any framework looks at it."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class Paths:
    """An ASGI application of several: by whole path, by the folder above, or else one app.

    `sockets` answer WebSockets by whole path. Lifespans, and paths that are not named, go to
    `otherwise`.
    """

    def __init__(
        self,
        exact: Mapping[str, ASGIApp],
        below: Mapping[str, ASGIApp],
        otherwise: ASGIApp,
        *,
        sockets: Mapping[str, ASGIApp],
    ) -> None:
        self._exact = exact
        self._below = below
        self._otherwise = otherwise
        self._sockets = sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        await self._target(scope)(scope, receive, send)

    def _target(self, scope: Scope) -> ASGIApp:
        if scope["type"] == "websocket":
            return self._sockets.get(scope["path"], self._otherwise)
        if scope["type"] != "http":
            return self._otherwise
        path: str = scope["path"]
        found = self._exact.get(path)
        if found is not None:
            return found
        for folder, app in self._below.items():
            if path.startswith(folder):
                return app
        return self._otherwise
