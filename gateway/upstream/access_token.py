"""Cache of one shop's access token: fetched once, shared, refreshed ahead of its expiry."""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Final, Protocol, TypeGuard

import msgspec
import structlog

from gateway.concurrency.clock import DAY, Clock
from gateway.concurrency.single_flight import called_off
from gateway.errors import (
    PlatformConnectTimeout,
    PlatformCredentials,
    PlatformFailure,
    PlatformTimeout,
)
from gateway.upstream.failures import again
from gateway.upstream.observer import NullObserver, UpstreamObserver
from gateway.upstream.sealing import SealedStore, Sealer
from gateway.upstream.shared_access_token import ForcedRefreshLimits, SharedAccessToken, StoredToken
from gateway.upstream.shared_store import SharedStore

#: The endpoint that errors of the cache itself name.
_ENDPOINT = "token"
#: Short-lived tokens: a refresh starts this share of the life ahead of the expiry.
_AHEAD_SHARE = (0.25, 0.5)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_FIRST_POLL, _LONGEST_POLL = 0.05, 0.4
#: Seconds after which a refresh counts as slow: a platform that works issues a token in less.
_SLOW: Final = 3.0
#: Seconds for which a token is used if the platform does not report its lifetime.
_UNSTATED_LIFE: Final = 600.0
#: Seconds; a longer reported lifetime is capped to this.
_LONGEST_LIFE: Final = 366 * DAY
_SECONDS_AS_TEXT: Final = r"^\s*0*[1-9][0-9]*(\.[0-9]*)?\s*$"

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """A platform's answer to a token request."""

    token: str = field(repr=False)
    #: Seconds from now.
    expires_in: float


class TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A platform's answer that grants a token.

    `expires_in` is in seconds, a number or text; missing or null if not reported.
    """

    access_token: Annotated[str, msgspec.Meta(pattern="[!-~]")]
    expires_in: (
        Annotated[int, msgspec.Meta(gt=0)]
        | Annotated[float, msgspec.Meta(gt=0)]
        | Annotated[str, msgspec.Meta(pattern=_SECONDS_AS_TEXT)]
        | None
    ) = None

    def grant(self) -> TokenGrant:
        """The token and its lifetime, 10 minutes if not reported."""
        life = _UNSTATED_LIFE if self.expires_in is None else float(self.expires_in)
        return TokenGrant(self.access_token.strip(), min(life, _LONGEST_LIFE))

    def __repr__(self) -> str:
        return f"TokenAnswer(expires_in={self.expires_in})"


class TokenFetcher(Protocol):
    """Asks a platform for a token; one per platform, in its own folder.

    Raises PlatformCredentials for a failure that only a person can fix (it is not retried), any
    other PlatformFailure for one that may be temporary.
    """

    async def fetch(self, *, force: bool) -> TokenGrant:
        """A token; `force` asks for a new one even if the current one is still valid."""


def fingerprint(*credentials: str) -> str:
    """A short name for a set of credentials, which does not reveal them."""
    return hashlib.sha256("\0".join(credentials).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPolicy:
    """Seconds, unless a name says otherwise."""

    #: A refresh starts in the background at a random time between these before the expiry.
    ahead_least: float = 300.0
    ahead_most: float = 600.0
    #: No token is used for longer than this, whatever the platform says; None: no limit.
    longest_life: float | None = None
    forced_per_day: int = 20
    forced_apart: float = 30.0
    #: How long refused credentials are reported without asking the platform again.
    refusal_lasts: float = 30.0
    lock_lease: float = 10.0


@dataclass(slots=True)
class _Held:
    token: str = field(repr=False)
    generation: int
    expires_at: float
    refresh_at: float


@dataclass(frozen=True, slots=True)
class _RecentFailure:
    """A failure that is raised again until a time, without asking the platform."""

    failure: PlatformFailure
    until: float
    #: The rejected token it is about; None: any.
    about: str | None = field(default=None, repr=False)


class AccessTokenCache:
    """Caches one shop's token; safe for any number of tasks, processes and hosts.

    One refresh runs at a time per process, and per shared store while that can be reached. A
    valid token is returned without waiting, whatever else is down.
    """

    def __init__(  # noqa: PLR0913 - each can be replaced in tests
        self,
        shop: str,
        fetcher: TokenFetcher,
        store: SharedStore,
        *,
        credentials: str,
        sealer: Sealer | None = None,
        clock: Clock | None = None,
        policy: TokenPolicy | None = None,
        observer: UpstreamObserver | None = None,
    ) -> None:
        """`credentials` is a `fingerprint`; shops of one account share a token.

        A `store` that other processes see needs a sealer.
        """
        self.shop = shop
        self._fetcher = fetcher
        self._observer = observer or NullObserver()
        self._clock = clock or Clock()
        self._policy = policy or TokenPolicy()
        self._shared = SharedAccessToken(
            SealedStore(store, sealer),
            credentials,
            self._clock,
            ForcedRefreshLimits(self._policy.forced_per_day, self._policy.forced_apart),
        )
        self._held: _Held | None = None
        self._refreshing: asyncio.Task[_Held] | None = None
        self._recent_failure: _RecentFailure | None = None
        self._failures = 0
        #: When the refresh under way began, in monotonic seconds.
        self._began = 0.0
        self._timed_out = False

    @property
    def unresponsive(self) -> bool:
        """Whether the last token calls timed out, or the refresh under way takes long."""
        if self._timed_out:
            return True
        return self._refreshing is not None and self._clock.monotonic() - self._began >= _SLOW

    @property
    def token_expires_at(self) -> datetime | None:
        """When the current token expires, in UTC; None without one."""
        if self._held is None:
            return None
        left = self._held.expires_at - self._clock.monotonic()
        return self._clock.now() + timedelta(seconds=left)

    @property
    def generation(self) -> int:
        """How many tokens this process has seen; 0 before the first."""
        return 0 if self._held is None else self._held.generation

    def current(self) -> str | None:
        """The token while it is valid, else None; starts a refresh when one is due. Never waits."""
        held = self._held
        if held is None:
            return None
        now = self._clock.monotonic()
        if now >= held.expires_at:
            return None
        if now >= held.refresh_at and self._refreshing is None:
            self._begin(None)
        return held.token

    async def get(self) -> str:
        """A valid token; without waiting while there is one.

        Raises:
            PlatformFailure: there is none, and the platform does not issue one.
        """
        return self.current() or (await self._refreshed(None)).token

    async def refresh(self, rejected: str) -> str:
        """Another token in place of one that the platform rejected.

        Raises:
            PlatformCredentials: the platform issues no other, or may not be asked again yet.
            PlatformFailure: the platform cannot be asked.
        """
        now = self._clock.monotonic()
        held = self._held
        if held is not None and held.token != rejected and now < held.expires_at:
            return held.token
        held = await self._refreshed(rejected)
        if held.token == rejected:
            # That refresh started for another reason.
            held = await self._refreshed(rejected)
        return held.token

    async def aclose(self) -> None:
        """Stop the refresh under way."""
        if self._refreshing is not None:
            await called_off([self._refreshing])

    # --- one refresh at a time

    async def _refreshed(self, rejected: str | None) -> _Held:
        recent = self._recent_failure
        if recent is not None and recent.about in {None, rejected}:
            left = recent.until - self._clock.monotonic()
            if left > 0:
                raise again(recent.failure, retry_after=left)
        # A caller that is cancelled leaves the refresh to the others.
        return await asyncio.shield(self._refreshing or self._begin(rejected))

    def _begin(self, rejected: str | None) -> "asyncio.Task[_Held]":
        self._began = self._clock.monotonic()
        self._refreshing = asyncio.create_task(self._refresh(rejected))
        self._refreshing.add_done_callback(self._ended)
        return self._refreshing

    def _ended(self, task: "asyncio.Task[_Held]") -> None:
        self._refreshing = None
        error = None if task.cancelled() else task.exception()
        # Callers that wait get the error; others still have the old token.
        if error is not None and not isinstance(error, PlatformFailure):
            _log.error(
                "access_token.refresh.failed",
                message="The access token could not be refreshed.",
                shop=self.shop,
                exc_info=error,
            )

    async def _refresh(self, rejected: str | None) -> _Held:
        try:
            held = await self._newer(rejected)
        except PlatformFailure as failure:
            self._remember(failure, rejected)
            raise
        except Exception:
            self._pause_refreshes(self._clock.monotonic() + _LONGEST_PAUSE)
            raise
        self._held, self._recent_failure, self._failures = held, None, 0
        self._timed_out = False
        left = held.expires_at - self._clock.monotonic()
        self._observer.token_taken(self.shop, self._clock.wall() + left)
        return held

    def _remember(self, failure: PlatformFailure, rejected: str | None) -> None:
        if isinstance(failure, PlatformTimeout | PlatformConnectTimeout):
            self._timed_out = True
        if isinstance(failure, PlatformCredentials):
            pause = self._policy.refusal_lasts
            if rejected is not None and failure.retry_after is not None:
                pause = min(pause, failure.retry_after)
        else:
            most = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**self._failures)
            pause = self._clock.between(0.0, most)
            self._failures = min(self._failures + 1, 10)
        until = self._clock.monotonic() + pause
        own = failure.endpoint == _ENDPOINT
        self._recent_failure = _RecentFailure(again(failure), until, rejected if own else None)
        self._pause_refreshes(until)

    def _pause_refreshes(self, until: float) -> None:
        """Start no refresh ahead of the expiry before this time."""
        if self._held is not None:
            self._held.refresh_at = max(self._held.refresh_at, until)

    # --- with the other processes

    async def _newer(self, rejected: str | None) -> _Held:
        stored = await self._shared.load()
        if self._useful(stored, rejected):
            return self._adopted(stored)
        owner = secrets.token_bytes(12)
        stored = await self._locked(owner, rejected)
        if stored is not None:
            return self._adopted(stored)
        try:
            seen = await self._shared.load()
            if self._useful(seen, rejected):
                return self._adopted(seen)
            return await self._fetched(seen, rejected)
        finally:
            await asyncio.shield(self._shared.unlock(owner))

    def _useful(self, stored: StoredToken | None, rejected: str | None) -> TypeGuard[StoredToken]:
        """Whether the stored token is new to this process, and not the rejected one."""
        if stored is None or stored.remaining <= 0 or stored.token == rejected:
            return False
        return self._held is None or stored.token != self._held.token

    async def _locked(self, owner: bytes, rejected: str | None) -> StoredToken | None:
        """Wait for the lock, or for the token that its holder saves."""
        pause = _FIRST_POLL
        while not await self._shared.lock(owner, self._policy.lock_lease):
            await self._clock.sleep(self._clock.between(pause / 2, pause))
            pause = min(_LONGEST_POLL, pause * 2)
            stored = await self._shared.load()
            if self._useful(stored, rejected):
                return stored
        return None

    async def _fetched(self, seen: StoredToken | None, rejected: str | None) -> _Held:
        grant = await self._asked(force=False)
        if grant.token == rejected:
            grant = await self._forced(grant.token)
        life = grant.expires_in
        if self._policy.longest_life is not None:
            life = min(life, self._policy.longest_life)
        before = max(self.generation, 0 if seen is None else seen.generation)
        same = seen is not None and seen.token == grant.token
        generation = before if same else before + 1
        if not await self._shared.save(seen, grant.token, generation, float(life)):
            stored = await self._shared.load()
            if stored is not None and stored.token != rejected:
                # Another process saved a newer one while this answer was on its way.
                return self._adopted(stored)
        return self._made(grant.token, generation, life)

    async def _asked(self, *, force: bool) -> TokenGrant:
        try:
            grant = await self._fetcher.fetch(force=force)
        except PlatformCredentials:
            self._observer.token_fetched(self.shop, "refused")
            raise
        except Exception:
            self._observer.token_fetched(self.shop, "failed")
            raise
        self._observer.token_fetched(self.shop, "ok")
        return grant

    async def _forced(self, rejected: str) -> TokenGrant:
        wait = await self._shared.wait_to_force()
        if wait is None:
            grant = await self._asked(force=True)
            if grant.token != rejected:
                return grant
        raise PlatformCredentials(
            "the platform rejects the access token, and gives the same one again",
            endpoint=_ENDPOINT,
            shop=self.shop,
            retry_after=self._policy.forced_apart if wait is None else wait,
        )

    def _adopted(self, stored: StoredToken) -> _Held:
        return self._made(stored.token, stored.generation, stored.remaining)

    def _made(self, token: str, generation: int, life: float) -> _Held:
        now = self._clock.monotonic()
        ahead = min(
            self._clock.between(self._policy.ahead_least, self._policy.ahead_most),
            life * self._clock.between(*_AHEAD_SHARE),
        )
        return _Held(token, generation, now + life, now + life - ahead)
