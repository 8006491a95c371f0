"""The parts of a platform's client, over real connections, for tests of adapters."""

from collections.abc import AsyncIterator

import pytest

from gateway.platform_kit.connection import PlatformClients
from gateway.upstream.access_token import AccessTokenCache
from gateway.upstream.cache import AnswerCache
from gateway.upstream.shared_store import open_store
from gateway.upstream.transport import UpstreamTransport

#: Seconds; none but "orders" is read by the platforms tested with it.
LIFETIMES = {"products": 60.0, "orders": 5.0, "catalogue": 3600.0}


@pytest.fixture
async def clients() -> AsyncIterator[PlatformClients]:
    """Answer a clients of its own tokens and cache; it closes the clients made with it."""
    transport, store = UpstreamTransport(), open_store("memory://")
    made = PlatformClients(
        transport=transport,
        access_tokens=lambda shop, fetcher, name: AccessTokenCache(
            shop, fetcher, store, credentials=name
        ),
        cache=AnswerCache(),
        lifetimes=LIFETIMES,
    )
    yield made
    await made.aclose()
    await transport.aclose()
    await store.aclose()
