"""The one way of a call to a platform: cache, coalesce, limit, token, HTTP, error table, wire."""

from collections.abc import Mapping
from typing import Any

import httpx

from gateway.errors import GatewayError
from gateway.upstream.answer import Answer
from gateway.upstream.cache import AnswerCache
from gateway.upstream.clock import Clock
from gateway.upstream.endpoint import Endpoint, Req, Res
from gateway.upstream.error_table import ErrorTable
from gateway.upstream.health import ShopHealth
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.observer import Observer, Silence
from gateway.upstream.token import TokenKeeper


class PlatformClient:
    """Calls one shop's platform; made once per shop, closed with the gateway."""

    def __init__(  # noqa: PLR0913 - the parts of a call, each replaceable in tests
        self,
        shop: str,
        base_url: str,
        *,
        transport: httpx.AsyncBaseTransport,
        errors: ErrorTable[Any],
        cache: AnswerCache | None = None,
        tokens: TokenKeeper | None = None,
        limits: UpstreamLimits | None = None,
        lifetimes: Mapping[str, float] | None = None,
        health: ShopHealth | None = None,
        observer: Observer | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.shop = shop
        self.base_url = base_url
        self.clock = clock or Clock()
        self.limits = limits or UpstreamLimits()
        self.health = health or ShopHealth(shop, self.clock)
        self.observer = observer or Silence()
        self._parts = (transport, errors, cache, tokens, lifetimes)

    async def call(
        self,
        endpoint: Endpoint[Req, Res],
        request: Req,
        *,
        fresh: bool = False,
        deadline: float | None = None,
    ) -> Answer[Res]:
        """One logical call, with its repetitions.

        `fresh` passes the cache by and fills it anew. `deadline` is a time of the client's
        monotonic clock; the limits' total timeout holds besides.

        Raises:
            PlatformFailure: one of its kinds; `sent` tells whether the call may have arrived.
            Overloaded: too many calls of this shop are waiting already.
        """
        raise GatewayError(f"{endpoint.name}: the call path is not built yet")

    async def invalidate(self, *names: str) -> None:
        """Void this shop's cached answers of these endpoints or tags, on every replica."""

    async def aclose(self) -> None:
        """Stop the work in the background; the transport and cache are closed by who made them."""
