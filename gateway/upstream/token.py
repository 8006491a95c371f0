"""The access token of one shop: fetched once, shared, renewed ahead, never shown."""

import hashlib
from dataclasses import dataclass, field
from typing import Protocol


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
