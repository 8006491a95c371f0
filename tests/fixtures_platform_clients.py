"""The parts of a platform's client, over real connections, for tests of adapters."""

from collections.abc import AsyncIterator

import pytest

from gateway.platform_kit.connection import PlatformClients
from gateway.upstream.cache import AnswerCache
from gateway.upstream.shared_store import open_store
from gateway.upstream.token import TokenKeeper
from gateway.upstream.transport import UpstreamTransport

#: Seconds; none but "orders" is read by the platforms tested with it.
LIFETIMES = {"products": 60.0, "orders": 5.0, "catalogue": 3600.0}


@pytest.fixture
async def clients() -> AsyncIterator[PlatformClients]:
    """Answer a clients of its own tokens and cache; it closes the clients made with it."""
    transport, store = UpstreamTransport(), open_store("memory://")
    made = PlatformClients(
        transport=transport,
        keeper=lambda shop, fetcher, name: TokenKeeper(shop, fetcher, store, credentials=name),
        cache=AnswerCache(),
        lifetimes=LIFETIMES,
    )
    yield made
    await made.aclose()
    await transport.aclose()
    await store.aclose()
