"""One attempt of a call: one HTTP exchange, reported to circuit breaker and health."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog

from gateway.concurrency.bulkhead import Bulkhead
from gateway.concurrency.clock import Clock
from gateway.concurrency.lru_cache import LruCache
from gateway.concurrency.sliced_work import SlicedWork
from gateway.errors import (
    Overloaded,
    PlatformAnswerTooLarge,
    PlatformConnectTimeout,
    PlatformCredentials,
    PlatformFailure,
    PlatformHeadersTooLarge,
    PlatformMalformed,
    PlatformQuotaExceeded,
    PlatformRejected,
    PlatformTimeout,
    PlatformUnavailable,
    PlatformUnreadable,
)
from gateway.tracing import CURRENT, SpanKind, traced
from gateway.upstream.answer import Entry
from gateway.upstream.circuit_breaker import CircuitBreakers
from gateway.upstream.exchange_errors import AnswerTooLarge, ConnectionEnded, HeadersTooLarge
from gateway.upstream.health import HealthTracker
from gateway.upstream.lenient_answer import UnreadableEntry
from gateway.upstream.lenient_json import trimmed
from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.observer import UpstreamObserver, count_call
from gateway.upstream.prepared_endpoint import PreparedEndpoint
from gateway.upstream.reading import AnswerReader, TokenRefused
from gateway.upstream.received_answer import ReceivedAnswer
from gateway.upstream.transport import Whole

#: Raised before a byte of the request was sent.
_UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.LocalProtocolError,
    httpx.UnsupportedProtocol,
)

#: These say nothing about other calls of the endpoint: the platform answers.
_OF_THE_CALL = (
    PlatformQuotaExceeded,
    PlatformCredentials,
    PlatformAnswerTooLarge,
    PlatformUnreadable,
)

#: A timeout of a call that had less than this share of the read timeout is not counted.
_FAIR_SHARE = 0.25

_FINE = 200
#: A status from which an exchange has failed, as far as HTTP is concerned.
_REFUSED = 400
#: How many unreadable entries are remembered; an evicted one is logged again.
_MOST_LOGGED = 1_000

_log = structlog.get_logger("gateway.upstream")


@dataclass(slots=True, kw_only=True)
class Attempts:
    """Makes attempts for one shop, without retries.

    The caller calls `admit` first, and `failed` once if the call fails for good.
    """

    transport: httpx.AsyncBaseTransport
    reader: AnswerReader
    bulkhead: Bulkhead
    breakers: CircuitBreakers
    health: HealthTracker
    observer: UpstreamObserver
    limits: UpstreamLimits
    clock: Clock
    token_parameter: str
    #: For large answers.
    work: SlicedWork
    #: Entries that were logged as unreadable, by endpoint and digest.
    _logged: LruCache[tuple[str, str], bool] = field(
        default_factory=lambda: LruCache(max_entries=_MOST_LOGGED), init=False
    )

    async def make(
        self,
        row: PreparedEndpoint[Any],
        target: bytes,
        body: bytes,
        token: str | None,
        until: float,
        *,
        resent: int = 0,
    ) -> Entry:
        """The decoded answer; `resent` is how many attempts of the call were made before.

        Raises:
            TokenRefused, PlatformFailure, Overloaded.
        """
        endpoint = row.asked.endpoint
        started = self.clock.monotonic()
        outcome = "cancelled"
        try:
            with traced(row.span_name, SpanKind.CLIENT, row.span_attributes) as span:
                if span is not None:
                    # A round of a background task that calls a platform does something.
                    span.keep()
                    if resent:
                        span.attributes["http.request.resend_count"] = resent
                entry = await self._exchange(row, target, body, token, until)
        except TokenRefused:
            outcome = "token"
            self.breakers.succeeded(endpoint)
            raise
        except PlatformFailure as failure:
            outcome = _outcome(failure)
            raise
        except Overloaded:
            outcome = "overloaded"
            raise
        else:
            outcome = "ok"
            self.breakers.succeeded(endpoint)
            self.health.succeeded()
            return entry
        finally:
            if outcome in {"cancelled", "overloaded"}:
                self.breakers.undecided(endpoint)
            count_call()
            seconds = self.clock.monotonic() - started
            self.health.calls.add(outcome, seconds)
            self.observer.called(row.asked.shop, endpoint, outcome, seconds)

    def admit(self, row: PreparedEndpoint[Any]) -> None:
        """Admit a call; `make` must follow.

        Raises:
            PlatformUnavailable: the circuit is open; nothing was sent.
        """
        endpoint = row.asked.endpoint
        wait = self.breakers.refusal(endpoint)
        if wait is not None:
            self.observer.refused(row.asked.shop, endpoint)
            raise PlatformUnavailable(
                f"{endpoint}: the platform keeps failing and is left alone for a while",
                endpoint=endpoint,
                shop=row.asked.shop,
                retry_after=wait,
                sent=False,
            )

    def failed(self, row: PreparedEndpoint[Any], failure: PlatformFailure, given: float) -> None:
        """Count a failed call, by the seconds that its last attempt had."""
        endpoint = row.asked.endpoint
        if isinstance(failure, PlatformRejected):
            self.breakers.succeeded(endpoint)
            self.health.succeeded()
            return
        self.health.failed(failure)
        timed_out = isinstance(failure, PlatformTimeout | PlatformConnectTimeout)
        hurried = timed_out and given < _FAIR_SHARE * self.limits.read_timeout
        if isinstance(failure, _OF_THE_CALL):
            self.breakers.succeeded(endpoint)
        elif hurried or (isinstance(failure, PlatformTimeout) and not failure.sent):
            # The time was spent before the platform was asked.
            self.breakers.undecided(endpoint)
        elif failure.sent:
            self.breakers.failed(endpoint, timed_out=timed_out)
        else:
            self.breakers.unreached(endpoint, timed_out=timed_out)

    async def _exchange(
        self,
        row: PreparedEndpoint[Any],
        target: bytes,
        body: bytes,
        token: str | None,
        until: float,
    ) -> Entry:
        if not self.bulkhead.take():
            await self._wait_for_place(row, until)
        try:
            status, retry_after, content = await self._http(row, target, body, token, until)
        finally:
            self.bulkhead.give()
        received = ReceivedAnswer(
            row=row,
            reader=self.reader,
            status=status,
            content=content,
            retry_after=retry_after,
            token=token,
            at=self.clock.now(),
        )
        try:
            if len(content) < self.limits.large_answer:
                entry, unreadable = received.read()
            else:
                entry, unreadable = await self.work.run(received.read_in_steps())
        except PlatformFailure as failure:
            if token is not None:
                failure.answer = self.reader.without_secrets(content, token)
            raise
        self._log_unreadable(row, unreadable)
        return entry

    def _log_unreadable(
        self, row: PreparedEndpoint[Any], entries: Sequence[UnreadableEntry]
    ) -> None:
        """One log line per entry, however often it is read."""
        for entry in entries:
            seen = (row.asked.endpoint, entry.digest)
            if self._logged.get(seen) is None:
                self._logged.put(seen, True)
                _log.warning(
                    "upstream.list.entry_unreadable",
                    message="An entry of a platform's list cannot be read and is left out.",
                    shop=row.asked.shop,
                    endpoint=row.asked.endpoint,
                    entry=entry.platform_id,
                )

    async def _wait_for_place(self, row: PreparedEndpoint[Any], until: float) -> None:
        try:
            await self.bulkhead.wait(until - self.clock.monotonic())
        except TimeoutError:
            raise PlatformTimeout(
                f"{row.asked.endpoint}: all connections of the shop were busy until the deadline",
                endpoint=row.asked.endpoint,
                shop=row.asked.shop,
                sent=False,
            ) from None

    async def _http(
        self,
        row: PreparedEndpoint[Any],
        target: bytes,
        body: bytes,
        token: str | None,
        until: float,
    ) -> tuple[int, float | None, bytes]:
        left = until - self.clock.monotonic()
        if left <= 0:
            raise late(row, sent=False)
        endpoint = row.endpoint
        extensions: dict[str, Any] = {
            "target": target,
            "pool": row.asked.shop,
            "repeatable": endpoint.repeatable,
            "timeout": {"total": left},
        }
        if token is not None:
            extensions["token"] = (self.token_parameter, token)
        span = CURRENT.get()
        if span is not None:
            # Without `tracestate`: what the caller's vendors wrote there is for no platform.
            extensions["traceparent"] = span.traceparent
        request = httpx.Request(
            endpoint.method,
            row.url,
            headers=row.headers,
            stream=Whole(body),
            extensions=extensions,
        )
        try:
            response = await self.transport.handle_async_request(request)
            stream = response.stream
            content = stream.content if isinstance(stream, Whole) else await response.aread()
        except httpx.TransportError as error:
            # Without its cause, which might hold the requested URL.
            raise _failure(row, error, self.limits) from None
        status = response.status_code
        if span is not None:
            span.attributes["http.response.status_code"] = status
            if status >= _REFUSED:
                span.fail(str(status))
        retry_after = None if status == _FINE else _seconds(response.headers.get("retry-after"))
        return status, retry_after, trimmed(content)


def late(row: PreparedEndpoint[Any], *, sent: bool) -> PlatformTimeout:
    """The error for a call whose deadline passed."""
    return PlatformTimeout(
        f"{row.asked.endpoint}: no answer before the deadline",
        endpoint=row.asked.endpoint,
        shop=row.asked.shop,
        sent=sent,
    )


def _failure(
    row: PreparedEndpoint[Any], error: httpx.TransportError, limits: UpstreamLimits
) -> PlatformFailure:
    sent = not isinstance(error, _UNSENT)
    kind: type[PlatformFailure] = PlatformUnavailable
    words = str(error) or "the connection failed"
    if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
        return late(row, sent=sent)
    if isinstance(error, AnswerTooLarge):
        kind = PlatformAnswerTooLarge
        words = f"the answer passed {limits.max_response_bytes} bytes; ask for less at once"
    elif isinstance(error, httpx.ConnectTimeout):
        kind = PlatformConnectTimeout
    elif isinstance(error, ConnectionEnded) and not error.answered:
        words = "the platform closed the connection without an answer"
    elif isinstance(error, HeadersTooLarge):
        kind = PlatformHeadersTooLarge
    elif isinstance(error, httpx.RemoteProtocolError):
        kind = PlatformMalformed
    return kind(
        f"{row.asked.endpoint}: {words}",
        endpoint=row.asked.endpoint,
        shop=row.asked.shop,
        sent=sent,
    )


def _outcome(failure: PlatformFailure) -> str:
    if isinstance(failure, PlatformUnavailable) and failure.platform_code is not None:
        return "busy"
    names: tuple[tuple[type[PlatformFailure], str], ...] = (
        (PlatformAnswerTooLarge, "too_large"),
        (PlatformMalformed, "malformed"),
        (PlatformTimeout, "timeout"),
        (PlatformRejected, "rejected"),
        (PlatformQuotaExceeded, "quota"),
        (PlatformCredentials, "credentials"),
    )
    return next((name for kind, name in names if isinstance(failure, kind)), "unavailable")


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isdigit() else None
