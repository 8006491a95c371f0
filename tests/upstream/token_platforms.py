"""A platform that gives tokens, and a cache of them."""

import asyncio
from typing import Any

from gateway.concurrency.clock import Clock
from gateway.store.crypto import Vault
from gateway.upstream.access_token import AccessTokenCache, TokenGrant, TokenPolicy, fingerprint
from gateway.upstream.observer import UpstreamObserver
from gateway.upstream.shared_store import SharedStore

SECRET = "s3cr3t-of-the-shop-that-nobody-may-see"
CREDENTIALS = fingerprint("wx1", SECRET)


class Stable:
    """A platform that repeats its token until told otherwise, as stable_token does."""

    def __init__(self, *, expires_in: float = 7200.0, wait: float = 0.0) -> None:
        self.number = 1
        self.expires_in = expires_in
        self.wait = wait
        self.asked: list[bool] = []
        self.failures: list[Exception] = []
        #: Whether a forced refresh brings another token.
        self.yields = True

    async def fetch(self, *, force: bool) -> TokenGrant:
        self.asked.append(force)
        await asyncio.sleep(self.wait)
        if self.failures:
            raise self.failures.pop(0)
        if force and self.yields:
            self.number += 1
        return TokenGrant(f"token-{self.number}", self.expires_in)


def cache_of(
    fetcher: Any,
    store: SharedStore,
    clock: Clock,
    observer: UpstreamObserver | None = None,
    **policy: Any,
) -> AccessTokenCache:
    return AccessTokenCache(
        "flagship",
        fetcher,
        store,
        credentials=CREDENTIALS,
        sealer=Vault(bytes(32)),
        clock=clock,
        policy=TokenPolicy(**policy),
        observer=observer,
    )
