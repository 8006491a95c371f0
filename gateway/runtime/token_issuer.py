"""The issuer of JSON Web Tokens: its keys, read as platforms are, and read again in time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from gateway.auth.json_web_tokens import TokenRules, TokenVerifier
from gateway.auth.jwks import REFRESH_EVERY, IssuerUnavailable, Jwks
from gateway.concurrency.background_task import BackgroundTask, Supervision
from gateway.concurrency.clock import Clock
from gateway.runtime.platform_clients import routes_of
from gateway.settings import Settings
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.transport import UpstreamTransport

_LIMITS: Final = UpstreamLimits(
    connect_timeout=3.0, read_timeout=5.0, max_connections=1, max_response_bytes=1_000_000
)


class TokenIssuer:
    """Reads the JWKS at `auth.jwks_url`, by the proxy and the authorities of `[upstream]`.

    Follows no redirect.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """`settings.auth` has the mode "jwt".

        Raises:
            ConfigurationError: HTTPS_PROXY or `upstream.ca_file` is of no use.
        """
        auth = settings.auth
        self._url = auth.jwks_url or ""
        route, _ = routes_of(settings)
        self._transport = UpstreamTransport(_LIMITS, route=route)
        self.jwks = Jwks(self._read, clock.monotonic)
        rules = TokenRules(
            issuer=auth.issuer or "",
            audience=auth.audience or "",
            scopes_claim=auth.scopes_claim,
            shops_claim=auth.shops_claim,
        )
        self.verifier = TokenVerifier(self.jwks, rules, clock.wall)

    @asynccontextmanager
    async def refreshing(self, supervision: Supervision) -> AsyncIterator[None]:
        """Reads the keys at once, and every ten minutes while the context lasts."""
        task = BackgroundTask(
            "jwks", self.jwks.refresh, interval=REFRESH_EVERY, supervision=supervision
        )
        task.start()
        try:
            yield
        finally:
            await task.stop()
            await self.aclose()

    async def aclose(self) -> None:
        """Ends a reading under way, and closes the connections."""
        await self.jwks.aclose()
        await self._transport.aclose()

    async def _read(self) -> bytes:
        request = httpx.Request("GET", self._url, headers={"Accept": "application/json"})
        try:
            answer = await self._transport.handle_async_request(request)
            content = await answer.aread()
        except httpx.TransportError as failure:
            raise IssuerUnavailable(f"auth.jwks_url: {failure}") from None
        if answer.status_code != httpx.codes.OK:
            raise IssuerUnavailable(f"auth.jwks_url: it answers {answer.status_code}")
        return content
