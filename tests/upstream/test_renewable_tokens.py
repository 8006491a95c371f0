"""Tokens of a shop whose credentials change while its calls go on."""

import pytest

from gateway.concurrency.clock import Clock
from gateway.errors import PlatformCredentials
from gateway.upstream.access_token import AccessTokenCache, TokenGrant, fingerprint
from gateway.upstream.renewable_tokens import RenewableTokens
from gateway.upstream.shared_store import open_store


class Issuer:
    """Issues tokens that are named after the secret; refuses an empty one."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    async def fetch(self, *, force: bool) -> TokenGrant:
        if not self.secret:
            raise PlatformCredentials("refused", endpoint="token", shop="swan")
        return TokenGrant(f"token of {self.secret}, {force}", 7_200.0)


async def test_other_credentials_have_tokens_of_their_own_at_once() -> None:
    clock = Clock()
    store = open_store("memory://", clock)

    def cache_of(issuer: Issuer) -> AccessTokenCache:
        name = fingerprint("app", issuer.secret)
        return AccessTokenCache("swan", issuer, store, credentials=name, clock=clock)

    refused, first, second = Issuer(""), Issuer("first"), Issuer("second")
    tokens = RenewableTokens(cache_of(refused), refused)
    with pytest.raises(PlatformCredentials):
        await tokens.get()
    assert (tokens.current(), tokens.token_expires_at, tokens.unresponsive) == (None, None, False)

    # What is remembered of the refusal is the former secret's.
    tokens.renew(cache_of(first), first)
    assert await tokens.get() == "token of first, False"
    assert tokens.token_expires_at is not None

    tokens.renew(cache_of(second), second)
    assert tokens.current() is None
    # A call that was under way, and whose token the platform no longer takes.
    assert await tokens.refresh("token of first, False") == "token of second, False"
    assert (tokens.current(), tokens.fetcher) == ("token of second, False", second)
    await store.aclose()
