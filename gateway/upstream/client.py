"""Client of a platform: cache, coalescing, limits, token, HTTP, error table, wire model."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any
from weakref import finalize

import httpx

from gateway.cache_control import note
from gateway.concurrency.bulkhead import Bulkhead
from gateway.concurrency.clock import Clock
from gateway.concurrency.single_flight import SingleFlight, called_off
from gateway.concurrency.sliced_work import SlicedWork, Steps
from gateway.errors import (
    GatewayError,
    PlatformCredentials,
    PlatformFailure,
    PlatformQuotaExceeded,
    PlatformTimeout,
    PlatformUnavailable,
    WritesOff,
)
from gateway.logs.redaction import Redactor
from gateway.platform_calls import check_platform_call
from gateway.stale_reads import StaleRead
from gateway.stale_reads import note as note_stale
from gateway.tracing import traced
from gateway.upstream.access_token import AccessTokenCache
from gateway.upstream.answer import AnswerState, Entry, PlatformAnswer
from gateway.upstream.attempt import Attempts, late
from gateway.upstream.cache import AnswerCache, AnswerKey
from gateway.upstream.cache_tags import values_of
from gateway.upstream.call_quota import CallQuota
from gateway.upstream.circuit_breaker import CircuitBreakers
from gateway.upstream.endpoint import BodyKind, Endpoint, Req, Res
from gateway.upstream.error_redaction import fit
from gateway.upstream.error_table import ErrorTable
from gateway.upstream.failures import without_token
from gateway.upstream.health import HealthTracker
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.observer import NullObserver, UpstreamObserver
from gateway.upstream.prepared_endpoint import PreparedEndpoint
from gateway.upstream.reading import AnswerReader, TokenRefused
from gateway.upstream.renewable_tokens import RenewableTokens
from gateway.upstream.retry import RetryBudget

#: Temporary failures, in place of which an older answer may be returned.
_STALE_FOR = (PlatformUnavailable, PlatformTimeout, PlatformQuotaExceeded)

#: Characters of a body that an error of a write that is not sent has at most.
_MOST_TOLD = 10_000

_Prepare = Callable[[PlatformAnswer[Any]], Steps[None]]


class PlatformClient:
    """Calls one shop's platform; created once per shop, closed with the gateway.

    `lifetimes` has the seconds of each lifetime class that the rows name; 0 disables caching.
    Without `tokens` calls go out without a token, as the token calls themselves do. `work` reads
    large answers, for all shops. `secrets` are the shop's, which no message of the platform may
    show. Without `writes` only reads are sent.
    """

    def __init__(  # noqa: PLR0913 - the parts of a call, each replaceable in tests
        self,
        shop: str,
        base_url: str,
        *,
        transport: httpx.AsyncBaseTransport,
        errors: ErrorTable[Any],
        cache: AnswerCache | None = None,
        tokens: AccessTokenCache | RenewableTokens | None = None,
        token_parameter: str = "access_token",  # noqa: S107 - the parameter's name
        limits: UpstreamLimits | None = None,
        lifetimes: Mapping[str, float] | None = None,
        health: HealthTracker | None = None,
        observer: UpstreamObserver | None = None,
        work: SlicedWork | None = None,
        clock: Clock | None = None,
        secrets: Redactor | None = None,
        writes: bool = True,
        quota: CallQuota | None = None,
    ) -> None:
        self.shop = shop
        self.errors = errors
        self.clock = clock or Clock()
        self.limits = limits or UpstreamLimits()
        self.health = health or HealthTracker(shop, self.clock)
        self.tokens = tokens
        self._secrets = secrets or Redactor()
        self._writes = writes
        self._base = httpx.URL(base_url)
        self._cache = cache or AnswerCache(clock=self.clock)
        self._lifetimes = lifetimes or {}
        self._quota = quota
        self._budget = RetryBudget(self.clock)
        self._rows: dict[Endpoint[Any, Any], PreparedEndpoint[Any]] = {}
        self._flights: SingleFlight[Entry] = SingleFlight()
        self._background: set[asyncio.Task[None]] = set()
        self._observer = observer = observer or NullObserver()
        self._work = work or SlicedWork()
        self._attempts = Attempts(
            transport=transport,
            reader=AnswerReader(errors, self._secrets),
            bulkhead=Bulkhead(self.limits.max_connections),
            breakers=CircuitBreakers(shop, self.clock, observer),
            health=self.health,
            observer=observer,
            limits=self.limits,
            clock=self.clock,
            token_parameter=token_parameter,
            work=self._work,
        )

    def words(self, text: str) -> str:
        """A platform's words about a part of a call, without secrets, fit for an error."""
        return fit(text, self._secrets)

    async def call(  # noqa: PLR0913 - each option changes one thing of a call
        self,
        endpoint: Endpoint[Req, Res],
        request: Req,
        *,
        fresh: bool = False,
        strict: bool = False,
        deadline: float | None = None,
        probe_seconds: float | None = None,
        prepare: Callable[[PlatformAnswer[Res]], Steps[None]] | None = None,
    ) -> PlatformAnswer[Res]:
        """One logical call, with its retries.

        `fresh` bypasses the cache and refills it; with `strict` no older answer replaces a failure.
        `deadline` is a time of the client's monotonic clock; the limits' total timeout applies too.
        `probe_seconds` is how long a read waits for a platform that stopped answering, which goes
        on being probed without it; None: as long as for any other.
        `prepare` derives, from a large new answer, what callers will need; in a worker thread, once
        for all concurrent callers.

        Raises:
            WritesOff: it is a write, and the shop takes none.
            PlatformFailure: one of its kinds; `sent`: whether the call may have arrived.
            Overloaded: too many calls of this shop are already waiting.
            PlatformCallRefused: the work under way must not call a platform.
        """
        check_platform_call(endpoint.name)
        row = self._row(endpoint)
        target, body = row.encode(request)
        if not endpoint.shareable:
            self._check_writes(row, target, body)
            return await self._write(row, target, body, self._until(deadline))
        if not self._cache.tags.local and row.ttl is not None:
            await self._cache.tags.refresh(row.tags)
        key = AnswerKey(self.shop, endpoint.name, target, body)
        if row.ttl is not None and not fresh:
            entry = await self._kept(row, key, prepare)
            if entry is not None:
                note(entry.fresh_until - self.clock.monotonic())
                return PlatformAnswer(entry, AnswerState.CACHED)
        try:
            entry = await self._read(
                row, key, self._until(deadline), prepare, fresh=fresh, probe_seconds=probe_seconds
            )
        except _STALE_FOR as failure:
            note(0.0)
            old = None if strict else self._stand_in(row, key, failure)
            if old is None:
                raise
            return old
        except GatewayError:
            note(0.0)
            raise
        # What is not cached here must not be cached elsewhere.
        note(entry.fresh_until - self.clock.monotonic() if row.ttl is not None else 0.0)
        return PlatformAnswer(entry, AnswerState.LIVE)

    def stand_in(
        self, endpoint: Endpoint[Req, Res], request: Req, failure: PlatformFailure
    ) -> PlatformAnswer[Res] | None:
        """This process's answer that replaces a failure, STALE; None without one.

        For a call that is skipped because a wider call to the same platform failed.
        """
        row = self._row(endpoint)
        target, body = row.encode(request)
        return self._stand_in(row, AnswerKey(self.shop, endpoint.name, target, body), failure)

    def kept(
        self, endpoint: Endpoint[Req, Res], request: Req, seconds: float
    ) -> PlatformAnswer[Res] | None:
        """This process's answer of the last so many seconds, even if it is fresh no more.

        For a list that is read page by page, of which one answer has more than one page needs.
        """
        row = self._row(endpoint)
        target, body = row.encode(request)
        entry = self._cache.peek(AnswerKey(self.shop, endpoint.name, target, body), row.tags)
        if entry is None or entry.asked_at is None:
            return None
        if entry.asked_at < self.clock.wall() - seconds:
            return None
        return PlatformAnswer(entry, AnswerState.CACHED)

    async def invalidate(self, *names: str) -> None:
        """Invalidate this shop's cached answers of these endpoints or tags, on every replica."""
        await self._cache.invalidate(self._cache.tags.of(self.shop, names))

    def tags(self, *names: str) -> Callable[[], tuple[bytes, ...]]:
        """A stamp that changes with every write that invalidates these endpoints or tags.

        A call of one of them that may be cached brings it up to date with the other replicas.
        """
        tags = self._cache.tags.of(self.shop, names)
        return lambda: values_of(tags)

    async def aclose(self) -> None:
        """Stop the background work; the creators of the transport and cache close them."""
        await called_off(list(self._background))
        await self._flights.aclose()

    def _row(self, endpoint: Endpoint[Any, Res]) -> PreparedEndpoint[Res]:
        row = self._rows.get(endpoint)
        if row is None:
            row = self._rows[endpoint] = PreparedEndpoint(
                endpoint, self.shop, self._base, self._cache.tags, self._lifetimes
            )
        return row

    def _until(self, deadline: float | None) -> float:
        most = self.clock.monotonic() + self.limits.total_timeout
        return most if deadline is None else min(deadline, most)

    # --- reads

    def _stand_in(
        self, row: PreparedEndpoint[Res], key: AnswerKey, failure: PlatformFailure
    ) -> PlatformAnswer[Res] | None:
        old = None if row.ttl is None else self._cache.peek(key, row.tags)
        if old is None:
            return None
        note_stale(StaleRead(self.shop, old.fetched_at, failure))
        return PlatformAnswer(old, AnswerState.STALE, failure)

    async def _kept(
        self, row: PreparedEndpoint[Any], key: AnswerKey, prepare: _Prepare | None
    ) -> Entry | None:
        """A cached answer that is fresh, or just expired and being refreshed."""
        entry = self._cache.peek(key, row.tags)
        if entry is None:
            entry = await self._cache.fetch(key, row.tags, partial(self._decoded, row))
            if entry is None:
                return None
            await self._prepared(row, entry, prepare)
        now = self.clock.monotonic()
        if now < entry.fresh_until:
            return entry
        if now >= entry.revalidate_until:
            return None
        if not entry.refreshing:
            entry.refreshing = True
            self._in_background(self._read_anew(row, key, entry, prepare))
        return entry

    async def _decoded(self, row: PreparedEndpoint[Any], body: bytes) -> object:
        if len(body) < self.limits.large_answer:
            return row.answers.decode(body)
        return await self._work.run(row.answers.decode_in_steps(body))

    async def _prepared(
        self, row: PreparedEndpoint[Any], entry: Entry, prepare: _Prepare | None
    ) -> None:
        """Prepare a large answer, and see that it will be freed in steps."""
        if len(entry.body) < self.limits.large_answer:
            return
        if row.answers.attribute is not None:
            entries = list(getattr(entry.value, row.answers.attribute) or ())
            finalize(entry, self._work.discard, entries).atexit = False
        if prepare is not None:
            await self._work.run(prepare(PlatformAnswer(entry, AnswerState.LIVE)))

    async def _read_anew(
        self,
        row: PreparedEndpoint[Any],
        key: AnswerKey,
        entry: Entry,
        prepare: _Prepare | None,
    ) -> None:
        try:
            await self._read(row, key, self._until(None), prepare, fresh=False)
        except PlatformFailure:
            # Already reported to health and observer; the next read past the window tries again.
            return
        finally:
            entry.refreshing = False

    async def _read(
        self,
        row: PreparedEndpoint[Any],
        key: AnswerKey,
        until: float,
        prepare: _Prepare | None,
        *,
        fresh: bool,
        probe_seconds: float | None = None,
    ) -> Entry:
        # A call that began before a write must not answer a read that came after it: so the
        # tags are part of what makes calls identical. A fresh read trusts no call in flight.
        generations = values_of(row.tags)
        if fresh:
            with traced(row.call_name, attributes=row.call_attributes):
                return await self._fill(row, key, until, generations, prepare, probe_seconds)
        if probe_seconds is not None and self._stopped_answering(row):
            until = min(until, self.clock.monotonic() + probe_seconds)
        now = self.clock.monotonic()
        try:
            with traced(row.call_name, attributes=row.call_attributes):
                return await self._flights.run(
                    (key, generations),
                    lambda: self._fill(row, key, self._until(None), generations, prepare),
                    until - now,
                )
        except TimeoutError:
            raise late(row, sent=True) from None

    async def _fill(
        self,
        row: PreparedEndpoint[Any],
        key: AnswerKey,
        until: float,
        generations: tuple[bytes, ...],
        prepare: _Prepare | None,
        probe_seconds: float | None = None,
    ) -> Entry:
        if self._quota is not None:
            before = self.clock.monotonic()
            await self._quota.admit(row.asked.endpoint)
            until += self.clock.monotonic() - before
        asked_at = self.clock.wall()
        entry = await self._insist(row, key.target, key.body, until, probe_seconds)
        entry.asked_at = asked_at
        await self._prepared(row, entry, prepare)
        # An answer from before a write must not evict a newer one.
        if row.ttl is not None and generations == values_of(row.tags):
            await self._cache.keep(key, entry, row.ttl, generations)
        return entry

    # --- writes

    def _check_writes(self, row: PreparedEndpoint[Any], target: bytes, body: bytes) -> None:
        if self._writes:
            return
        endpoint = row.endpoint
        if endpoint.body is BodyKind.BYTES:
            sent = f"{len(body)} bytes"
        else:
            sent = body.decode(errors="replace")
            if len(sent) > _MOST_TOLD:
                sent = f"{sent[:_MOST_TOLD]}…"
        raise WritesOff(
            f"{endpoint.method} {target.decode(errors='replace')}",
            sent,
            endpoint=endpoint.name,
            shop=self.shop,
        )

    async def _write(
        self, row: PreparedEndpoint[Res], target: bytes, body: bytes, until: float
    ) -> PlatformAnswer[Res]:
        sent = True
        try:
            with traced(row.call_name, attributes=row.call_attributes):
                entry = await self._insist(row, target, body, until)
        except PlatformFailure as failure:
            sent = failure.sent
            raise
        finally:
            if sent and row.invalidated_tags:
                # Even a failed or abandoned write may have changed something.
                self._cache.tags.invalidate(row.invalidated_tags)
                await asyncio.shield(self._in_background(self._cache.tags.publish()))
        return PlatformAnswer(entry, AnswerState.LIVE)

    # --- attempts

    async def _insist(
        self,
        row: PreparedEndpoint[Any],
        target: bytes,
        body: bytes,
        until: float,
        probe_seconds: float | None = None,
    ) -> Entry:
        """Attempts until one succeeds or none is left; plus one with a new token."""
        self._budget.earned()
        token = await self._token(row, until, probe_seconds)
        if probe_seconds is None or not self._attempts.breakers.is_open(row.asked.endpoint):
            return await self._attempted(row, target, body, token, until, probe_seconds)
        try:
            # Shared with no other read, but not ended by the timeout of this one.
            return await self._flights.run(
                object(),
                lambda: self._attempted(row, target, body, token, self._until(None)),
                probe_seconds,
            )
        except TimeoutError:
            raise late(row, sent=True) from None

    def _stopped_answering(self, row: PreparedEndpoint[Any]) -> bool:
        """Whether a call can only be a probe, or would wait for a token that may not come."""
        if self._attempts.breakers.is_open(row.asked.endpoint):
            return True
        return (
            self.tokens is not None and self.tokens.current() is None and self.tokens.unresponsive
        )

    async def _attempted(
        self,
        row: PreparedEndpoint[Any],
        target: bytes,
        body: bytes,
        token: str | None,
        until: float,
        probe_seconds: float | None = None,
    ) -> Entry:
        attempt, renewed = 0, False
        self._attempts.admit(row)
        while True:
            given = until - self.clock.monotonic()
            if self._quota is not None:
                self._quota.count(row.asked.endpoint)
            try:
                return await self._attempts.make(
                    row, target, body, token, until, resent=attempt + renewed
                )
            except TokenRefused as refusal:
                if token is None or self.tokens is None or renewed:
                    raise self._refused(row, refusal) from None
                renewed, bad = True, token
            except PlatformFailure as failure:
                if not await self._waited_to_retry(row, failure, attempt, until):
                    self._attempts.failed(row, failure, given)
                    raise
                attempt += 1
                continue
            token = await self._other_token(row, bad, until, probe_seconds)
            self._attempts.admit(row)

    async def _waited_to_retry(
        self, row: PreparedEndpoint[Any], failure: PlatformFailure, attempt: int, until: float
    ) -> bool:
        """Whether a call may be attempted again, now that the pause before it is over."""
        if not row.endpoint.repeatable or attempt >= self.limits.retries:
            return False
        # The probe that an open breaker admitted decides at once.
        if self._attempts.breakers.is_open(row.asked.endpoint):
            return False
        delay = self._budget.delay(failure, attempt)
        if delay is None or self.clock.monotonic() + delay >= until:
            return False
        await self.clock.sleep(delay)
        # Other calls may have opened it meanwhile.
        if self._attempts.breakers.is_open(row.asked.endpoint):
            return False
        self._observer.retried(self.shop, row.endpoint.name)
        return True

    async def _token(
        self, row: PreparedEndpoint[Any], until: float, probe_seconds: float | None
    ) -> str | None:
        if self.tokens is None:
            return None
        token = self.tokens.current()
        if token is not None:
            return token
        return await self._in_time(row, self.tokens.get(), until, probe_seconds)

    async def _other_token(
        self, row: PreparedEndpoint[Any], bad: str, until: float, probe_seconds: float | None
    ) -> str:
        assert self.tokens is not None  # noqa: S101 - a token was refused, so there is a cache of them
        return await self._in_time(row, self.tokens.refresh(bad), until, probe_seconds)

    async def _in_time(
        self,
        row: PreparedEndpoint[Any],
        asking: Coroutine[Any, Any, str],
        until: float,
        probe_seconds: float | None,
    ) -> str:
        left = max(0.0, until - self.clock.monotonic())
        if probe_seconds is not None and self.tokens is not None and self.tokens.unresponsive:
            left = min(left, probe_seconds)
        try:
            async with asyncio.timeout(left):
                return await asking
        except TimeoutError:
            raise late(row, sent=False) from None
        except PlatformFailure as failure:
            raise without_token(failure) from None

    def _refused(self, row: PreparedEndpoint[Any], refusal: TokenRefused) -> PlatformCredentials:
        failure = PlatformCredentials(
            f"{row.asked.endpoint}: the platform refuses the access token, a new one as well"
            if self.tokens is not None
            else f"{row.asked.endpoint}: the platform refuses the credentials",
            endpoint=row.asked.endpoint,
            shop=self.shop,
            platform_code=refusal.code,
            http_status=refusal.http_status,
            request_id=refusal.request_id,
        )
        self.health.failed(failure)
        return failure

    def _in_background(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task
