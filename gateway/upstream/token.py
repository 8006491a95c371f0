"""The access token of one shop: fetched once, shared, renewed ahead, never shown."""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeGuard

from gateway.concurrency.clock import Clock
from gateway.concurrency.single_flight import called_off
from gateway.errors import PlatformCredentials, PlatformFailure
from gateway.upstream.failures import again
from gateway.upstream.observer import NullObserver, UpstreamObserver
from gateway.upstream.shared_store import SharedStore
from gateway.upstream.token_vault import ForcedLimits, StoredToken, TokenVault

#: The name under which failures of the token layer itself stand in errors.
_ENDPOINT = "token"
#: Short lives (a test's, or the rest of an old token's) are renewed after half of them or more.
_AHEAD_SHARE = (0.25, 0.5)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_FIRST_POLL, _LONGEST_POLL = 0.05, 0.4


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


@dataclass(slots=True)
class _Held:
    token: str = field(repr=False)
    generation: int
    expires_at: float
    renew_at: float


@dataclass(frozen=True, slots=True)
class _Standing:
    """A failure that is told again until a time, without asking the platform."""

    failure: PlatformFailure
    until: float
    #: The refused token it is about; None: any.
    about: str | None = field(default=None, repr=False)


class TokenKeeper:
    """Keeps one shop's token; safe for any number of tasks, processes and hosts.

    One renewal at a time per process, and per store as long as it is within reach. While a
    token lives it is given out without waiting, whatever else is down.
    """

    def __init__(  # noqa: PLR0913 - the parts of a keeper, each replaceable in tests
        self,
        shop: str,
        fetcher: TokenFetcher,
        store: SharedStore,
        *,
        credentials: str,
        clock: Clock | None = None,
        policy: TokenPolicy | None = None,
        observer: UpstreamObserver | None = None,
    ) -> None:
        """`credentials` is a `fingerprint`: shops of one account share its token."""
        self.shop = shop
        self._fetcher = fetcher
        self._observer = observer or NullObserver()
        self._clock = clock or Clock()
        self._policy = policy or TokenPolicy()
        self._vault = TokenVault(
            store,
            credentials,
            self._clock,
            ForcedLimits(self._policy.forced_per_day, self._policy.forced_apart),
        )
        self._held: _Held | None = None
        self._renewal: asyncio.Task[_Held] | None = None
        self._standing: _Standing | None = None
        self._failures = 0

    @property
    def token_expires_at(self) -> datetime | None:
        """When the token in hand ends, aware, in UTC; None without one."""
        if self._held is None:
            return None
        left = self._held.expires_at - self._clock.monotonic()
        return self._clock.now() + timedelta(seconds=left)

    @property
    def generation(self) -> int:
        """How many tokens there have been, as far as this process knows; 0 before the first."""
        return 0 if self._held is None else self._held.generation

    def current(self) -> str | None:
        """The token in hand while it lives; starts its renewal when that is due. Never waits."""
        held = self._held
        if held is None:
            return None
        now = self._clock.monotonic()
        if now >= held.expires_at:
            return None
        if now >= held.renew_at and self._renewal is None:
            self._begin(None)
        return held.token

    async def token(self) -> str:
        """A token that should work; from memory without waiting while one lives.

        Raises:
            PlatformFailure: there is none, and the platform gives none.
        """
        return self.current() or (await self._renewed(None)).token

    async def report_bad(self, token: str) -> str:
        """The platform refused `token`: another one.

        Raises:
            PlatformCredentials: the platform gives no other, or may not be asked again yet.
            PlatformFailure: the platform cannot be asked.
        """
        now = self._clock.monotonic()
        held = self._held
        if held is not None and held.token != token and now < held.expires_at:
            return held.token
        held = await self._renewed(token)
        if held.token == token:
            # That renewal had begun for another reason.
            held = await self._renewed(token)
        return held.token

    async def aclose(self) -> None:
        """Stop the renewal in the background."""
        if self._renewal is not None:
            await called_off([self._renewal])

    # --- one renewal at a time

    async def _renewed(self, bad: str | None) -> _Held:
        standing = self._standing
        if standing is not None and standing.about in {None, bad}:
            left = standing.until - self._clock.monotonic()
            if left > 0:
                raise again(standing.failure, retry_after=left)
        # Whoever gives up waiting leaves the renewal to the others.
        return await asyncio.shield(self._renewal or self._begin(bad))

    def _begin(self, bad: str | None) -> "asyncio.Task[_Held]":
        self._renewal = asyncio.create_task(self._renew(bad))
        self._renewal.add_done_callback(self._ended)
        return self._renewal

    def _ended(self, task: "asyncio.Task[_Held]") -> None:
        self._renewal = None
        if not task.cancelled():
            # Told to those who wait; in the background the old token still serves.
            task.exception()

    async def _renew(self, bad: str | None) -> _Held:
        try:
            held = await self._newer(bad)
        except PlatformFailure as failure:
            self._note(failure, bad)
            raise
        self._held, self._standing, self._failures = held, None, 0
        left = held.expires_at - self._clock.monotonic()
        self._observer.token_taken(self.shop, self._clock.wall() + left)
        return held

    def _note(self, failure: PlatformFailure, bad: str | None) -> None:
        if isinstance(failure, PlatformCredentials):
            pause = self._policy.refusal_stands
            if bad is not None and failure.retry_after is not None:
                pause = min(pause, failure.retry_after)
        else:
            most = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**self._failures)
            pause = self._clock.between(0.0, most)
            self._failures = min(self._failures + 1, 10)
        until = self._clock.monotonic() + pause
        own = failure.endpoint == _ENDPOINT
        self._standing = _Standing(again(failure), until, bad if own else None)
        if self._held is not None:
            self._held.renew_at = max(self._held.renew_at, until)

    # --- with the other processes

    async def _newer(self, bad: str | None) -> _Held:
        stored = await self._vault.load()
        if self._useful(stored, bad):
            return self._adopted(stored)
        owner = secrets.token_bytes(12)
        stored = await self._locked(owner, bad)
        if stored is not None:
            return self._adopted(stored)
        try:
            seen = await self._vault.load()
            if self._useful(seen, bad):
                return self._adopted(seen)
            return await self._fetched(seen, bad)
        finally:
            await asyncio.shield(self._vault.unlock(owner))

    def _useful(self, stored: StoredToken | None, bad: str | None) -> TypeGuard[StoredToken]:
        """Whether the stored token is one that this process has not got, and not the bad one."""
        if stored is None or stored.remaining <= 0 or stored.token == bad:
            return False
        return self._held is None or stored.token != self._held.token

    async def _locked(self, owner: bytes, bad: str | None) -> StoredToken | None:
        """Wait for the lock, or for the token that its holder brings."""
        pause = _FIRST_POLL
        while not await self._vault.lock(owner, self._policy.lock_lease):
            await self._clock.sleep(self._clock.between(pause / 2, pause))
            pause = min(_LONGEST_POLL, pause * 2)
            stored = await self._vault.load()
            if self._useful(stored, bad):
                return stored
        return None

    async def _fetched(self, seen: StoredToken | None, bad: str | None) -> _Held:
        grant = await self._asked(force=False)
        if grant.token == bad:
            grant = await self._forced(grant.token)
        life = grant.expires_in
        if self._policy.longest_life is not None:
            life = min(life, self._policy.longest_life)
        before = max(self.generation, 0 if seen is None else seen.generation)
        same = seen is not None and seen.token == grant.token
        generation = before if same else before + 1
        if not await self._vault.save(seen, grant.token, generation, float(life)):
            stored = await self._vault.load()
            if stored is not None and stored.token != bad:
                # Somebody brought a newer one while this answer was on its way.
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

    async def _forced(self, bad: str) -> TokenGrant:
        wait = await self._vault.wait_to_force()
        if wait is None:
            grant = await self._asked(force=True)
            if grant.token != bad:
                return grant
        raise PlatformCredentials(
            "the platform refuses the access token, and gives the same one again",
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
