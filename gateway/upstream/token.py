"""The access token of one shop: fetched once, shared, renewed ahead, never shown."""

import hashlib
from dataclasses import dataclass, field
from typing import Protocol

from gateway.errors import GatewayError


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """A platform's answer to "give me a token"."""

    token: str = field(repr=False)
    #: Seconds from now.
    expires_in: float


class TokenFetcher(Protocol):
    """Asks a platform for a token; one per platform, in its own folder.

    Raises PlatformCredentials for a failure that only a person can mend (it is not repeated),
    any other PlatformFailure for one that may pass.
    """

    async def fetch(self, *, force: bool) -> TokenGrant:
        """A token; `force` asks for a new one where the platform would repeat the old one."""


def fingerprint(*credentials: str) -> str:
    """A short name for a set of credentials that does not tell them."""
    return hashlib.sha256("\0".join(credentials).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPolicy:
    """Seconds, unless a name says otherwise."""

    #: A renewal starts in the background between these before the end.
    ahead_least: float = 300.0
    ahead_most: float = 600.0
    #: No token is believed to live longer than this, whatever the platform says.
    longest_life: float | None = None
    forced_per_day: int = 20
    forced_apart: float = 30.0
    #: How long a permanent refusal stands before the platform is asked again.
    refusal_stands: float = 30.0
    lock_lease: float = 10.0


class TokenKeeper:
    """Keeps one shop's token; safe for any number of tasks, processes and hosts."""

    def __init__(self, shop: str, fetcher: TokenFetcher) -> None:
        self.shop = shop
        self.fetcher = fetcher

    async def token(self) -> str:
        """A token that should work; from memory without waiting while one lives."""
        raise GatewayError("the token keeper is not built yet")

    async def report_bad(self, token: str) -> str:
        """The platform refused `token`: another one, or PlatformCredentials."""
        raise GatewayError("the token keeper is not built yet")

    async def aclose(self) -> None:
        """Stop the renewal in the background."""
