"""Access tokens of a shop whose credentials can change while its calls go on."""

from datetime import datetime

from gateway.upstream.access_token import AccessTokenCache, TokenFetcher


class RenewableTokens:
    """The token cache of a shop's present credentials, and what fetches its tokens.

    A call that is under way when the credentials change keeps the token that it has; if the
    platform refuses that one, it gets one of the new credentials.
    """

    def __init__(self, cache: AccessTokenCache, fetcher: TokenFetcher) -> None:
        self._cache = cache
        self.fetcher = fetcher

    def renew(self, cache: AccessTokenCache, fetcher: TokenFetcher) -> None:
        """Use those of other credentials from now on."""
        self._cache, self.fetcher = cache, fetcher

    @property
    def unresponsive(self) -> bool:
        """Whether the last token calls timed out, or the refresh under way takes long."""
        return self._cache.unresponsive

    @property
    def token_expires_at(self) -> datetime | None:
        """When the current token expires, in UTC; None without one."""
        return self._cache.token_expires_at

    def current(self) -> str | None:
        """The token while it is valid, else None; starts a refresh when one is due. Never waits."""
        return self._cache.current()

    async def get(self) -> str:
        """A valid token; without waiting while there is one.

        Raises:
            PlatformFailure: there is none, and the platform does not issue one.
        """
        return await self._cache.get()

    async def refresh(self, rejected: str) -> str:
        """Another token in place of one that the platform rejected.

        Raises:
            PlatformCredentials: the platform issues no other, or may not be asked again yet.
            PlatformFailure: the platform cannot be asked.
        """
        return await self._cache.refresh(rejected)
