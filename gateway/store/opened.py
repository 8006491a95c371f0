"""The configured store, open as long as a context lasts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.settings import StoreSettings
from gateway.store.engine import Clock
from gateway.store.store import Store


@asynccontextmanager
async def open_store_of(kept: StoreSettings, clock: Clock) -> AsyncIterator[Store]:
    """Opens it; `clock` gives seconds since the epoch.

    Raises:
        ConfigurationError: the URL or the key is wrong, or the store of another version.
        StoreUnavailable: the store cannot be reached.
    """
    store = await Store.open(
        kept.url.get_secret_value(),
        encryption_key=kept.encryption_key.get_secret_value(),
        clock=clock,
    )
    try:
        yield store
    finally:
        await store.close()
