"""Connections to platforms, from which a platform's folder builds the adapters of its shops."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import httpx

from gateway.concurrency.clock import Clock
from gateway.concurrency.sliced_work import SlicedWork
from gateway.logs.redaction import Redactor
from gateway.ports import HealthNow
from gateway.store.store import Store
from gateway.upstream.access_token import AccessTokenCache, TokenFetcher
from gateway.upstream.cache import AnswerCache
from gateway.upstream.call_quota import CallQuota
from gateway.upstream.client import PlatformClient
from gateway.upstream.error_table import ErrorTable
from gateway.upstream.health import HealthTracker, TokenHealth
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.observer import NullObserver, UpstreamObserver
from gateway.upstream.renewable_tokens import RenewableTokens
from gateway.upstream.token_source import TokenSource
from schema.platform import Availability
from schema.shop import Shop, ShopCalls

Settings = TypeVar("Settings")

#: Creates the cache of one shop's token from the shop's key, the platform's fetcher, and the
#: fingerprint of the credentials: shops of one account share a token.
AccessTokenCacheFactory = Callable[[str, TokenFetcher, str], AccessTokenCache]


@dataclass(frozen=True, slots=True)
class ShopConnection:
    """One shop's connection to its platform; fills the Adapter's `check` and `health`."""

    client: PlatformClient
    tokens: RenewableTokens

    async def credentials(self) -> None:
        """Asks the platform for a token, bypassing the cache; raises PlatformFailure if refused."""
        await self.tokens.fetcher.fetch(force=False)

    def health(self) -> HealthNow:
        """Recent health of the shop's calls."""
        report = self.client.health.report
        return HealthNow(
            availability=Availability[report.availability.name],
            checked_at=report.checked_at,
            last_success_at=report.last_success_at,
            last_error=report.last_error,
            token_expires_at=self.tokens.token_expires_at,
        )


@dataclass(frozen=True, slots=True)
class _Renewable:
    """What a change of a shop's credentials needs: its tokens, its platform, its secrets."""

    tokens: RenewableTokens
    base_url: str
    secrets: Redactor


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformClients:
    """What all shops share to reach their platforms; owns only the clients that it created."""

    transport: httpx.AsyncBaseTransport
    access_tokens: AccessTokenCacheFactory
    cache: AnswerCache | None = None
    limits: UpstreamLimits = field(default_factory=UpstreamLimits)
    #: Seconds for each lifetime class that endpoint rows name: "products", "orders", "catalogue".
    lifetimes: Mapping[str, float] = field(default_factory=dict)
    observer: UpstreamObserver = field(default_factory=NullObserver)
    #: One for all shops: it reads their large answers.
    work: SlicedWork = field(default_factory=SlicedWork)
    clock: Clock = field(default_factory=Clock)
    #: The shops on whose platforms nothing may be changed.
    writes_off: frozenset[str] = frozenset()
    _made: list[PlatformClient | AccessTokenCache] = field(
        default_factory=list, init=False, repr=False
    )
    #: By shop: those whose credentials can change.
    _renewable: dict[str, "_Renewable"] = field(default_factory=dict, init=False, repr=False)
    #: By shop: both clients of a shop report its health.
    _healths: dict[str, HealthTracker] = field(default_factory=dict, init=False, repr=False)

    def bare(
        self, shop: str, base_url: str, errors: ErrorTable[Any], secrets: Redactor | None = None
    ) -> PlatformClient:
        """A client that sends no token and caches nothing: for token calls."""
        health = TokenHealth(self._health(shop))
        return self._client(shop, base_url, errors, health, secrets=secrets)

    def connect(
        self,
        shop: str,
        base_url: str,
        errors: ErrorTable[Any],
        source: TokenSource,
        *,
        quota: tuple[int, int] | None = None,
    ) -> ShopConnection:
        """A client that sends the tokens of `source`, and reads refusals by `errors`.

        `quota`: how many calls the platform takes of the shop a minute, and a day; None: any.
        """
        secrets = Redactor(source.secrets)
        tokens = RenewableTokens(*self._fetched(shop, base_url, source, secrets))
        self._renewable[shop] = _Renewable(tokens, base_url, secrets)
        health = self._health(shop)
        client = self._client(
            shop,
            base_url,
            errors,
            health,
            cache=self.cache,
            tokens=tokens,
            secrets=secrets,
            quota=None if quota is None else CallQuota(shop, *quota, self.clock, self.observer),
        )
        return ShopConnection(client, tokens)

    def renew(self, shop: str, source: TokenSource) -> None:
        """Fetch the tokens of a shop that is connected from another source from now on."""
        known = self._renewable[shop]
        for secret in source.secrets:
            known.secrets.add(secret)
        known.tokens.renew(*self._fetched(shop, known.base_url, source, known.secrets))

    def _fetched(
        self, shop: str, base_url: str, source: TokenSource, secrets: Redactor
    ) -> tuple[AccessTokenCache, TokenFetcher]:
        fetcher = source.fetcher(self.bare(shop, base_url, source.errors, secrets))
        cache = self.access_tokens(shop, fetcher, source.credentials)
        self._made.append(cache)
        return cache, fetcher

    def calls_of(self, shop: str) -> list[ShopCalls]:
        """The calls to a shop's platform in each minute of the last hour, the oldest first."""
        return [
            ShopCalls(
                at=minute.at,
                calls=minute.calls,
                failed=minute.failed,
                p50_ms=minute.median_ms,
                p95_ms=minute.p95_ms,
            )
            for minute in self._health(shop).calls.last_hour()
        ]

    async def aclose(self) -> None:
        """Close the clients that it created, the last first, and the thread of large answers."""
        while self._made:
            await self._made.pop().aclose()
        self.work.close()

    def _health(self, shop: str) -> HealthTracker:
        return self._healths.setdefault(shop, HealthTracker(shop, self.clock))

    def _client(  # noqa: PLR0913 - what differs between the two clients of a shop
        self,
        shop: str,
        base_url: str,
        errors: ErrorTable[Any],
        health: HealthTracker,
        *,
        cache: AnswerCache | None = None,
        tokens: RenewableTokens | None = None,
        secrets: Redactor | None = None,
        quota: CallQuota | None = None,
    ) -> PlatformClient:
        client = PlatformClient(
            shop,
            base_url,
            transport=self.transport,
            errors=errors,
            cache=cache,
            tokens=tokens,
            limits=self.limits,
            lifetimes=self.lifetimes,
            health=health,
            observer=self.observer,
            work=self.work,
            clock=self.clock,
            secrets=secrets,
            writes=shop not in self.writes_off,
            quota=quota,
        )
        self._made.append(client)
        return client


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildContext(Generic[Settings]):
    """The parts of one shop's adapter.

    `settings` is the shop's own section of the configuration, `shop` what the public schema
    shows of it (its capabilities are filled in after the adapter is built), `store` the ledger,
    `now` returns seconds since the epoch.
    """

    settings: Settings
    shop: Shop
    clients: PlatformClients
    store: Store
    now: Callable[[], float]

    def moment(self) -> datetime:
        """The time now, aware, in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)
