"""A client of a played platform, with what tests want to differ."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from gateway.concurrency.clock import Clock
from gateway.upstream.client import PlatformClient
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.transport import UpstreamTransport
from tests.upstream.rows import ERRORS, LIFETIMES
from tests.upstream.server import Platform, Script, platform

#: For platforms that answer: nothing ends by time, however busy the machine is.
PATIENT = UpstreamLimits(
    connect_timeout=60.0, read_timeout=60.0, retries=2, max_response_bytes=10_000
)
#: For platforms that fall silent: an answer is soon given up.
QUICK = UpstreamLimits(connect_timeout=60.0, read_timeout=0.3, retries=2, max_response_bytes=10_000)


@asynccontextmanager
async def client_of(
    url: str, *, limits: UpstreamLimits = PATIENT, shop: str = "flagship", **parts: Any
) -> AsyncIterator[PlatformClient]:
    """A client and its transport, closed at the end."""
    transport = UpstreamTransport(limits)
    client = PlatformClient(
        shop,
        url,
        transport=transport,
        limits=limits,
        lifetimes=LIFETIMES,
        **{"errors": ERRORS, **parts},
    )
    yield client
    await client.aclose()
    await transport.aclose()


@asynccontextmanager
async def playing(script: Script, **parts: Any) -> AsyncIterator[tuple[PlatformClient, Platform]]:
    """A client and the platform it calls."""
    async with platform(script) as played:
        async with client_of(played.url, **parts) as client:
            yield client, played
        # No connection outlives the transport.
        await played.closed(0)


def no_delay() -> dict[str, Any]:
    """A clock whose sleeps take no time, and that has no chance in it."""

    async def awake(_: float) -> None:
        await asyncio.sleep(0)

    return {"clock": Clock(sleep=awake, random=lambda: 0.0)}
