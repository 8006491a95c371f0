"""Metrics of a process, for Prometheus: operations, platform calls, background tasks."""

import os
import platform
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal, NamedTuple

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

#: The folder where the processes of one gateway share metrics; set before the first one.
SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"

_OPERATION_SECONDS: Final = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    5,
    10,
    30,
)
_WAITING: Final = {
    "pushes_waiting": "Pushes that are accepted and not delivered, counted every 15 seconds.",
    "pushes_oldest_seconds": "Seconds since the oldest of them was queued.",
    "events_waiting": "Events of platforms that are kept and not done.",
    "events_oldest_seconds": "Seconds since the oldest of them came.",
}
#: Outcomes whose counters are 0 from the start: a rate sees no first increase of a new series.
_TOKEN_OUTCOMES: Final = ("ok", "refused", "failed")
_EVENT_OUTCOMES: Final = ("processed", "postponed", "given_up")
_MESSAGE_OUTCOMES: Final = ("kept", "refused", "later", "unreadable")
_KEY_OUTCOMES: Final = ("refused", "throttled")
_WEBHOOK_STATES: Final = ("DELIVERED", "PENDING", "DEAD")
_OFF_CAUSES: Final = ("key", "gone", "failing")
_INDEXED: Final = ("orders", "products", "after_sales")
#: How the values of several processes are combined.
_Together = Literal["livesum", "livemax", "livemin", "livemostrecent"]
_CALL_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 12, 30)


class Described(NamedTuple):
    """What the documentation says of a metric; `together`: how processes' values are combined."""

    name: str
    kind: str
    labels: Sequence[str]
    text: str
    together: str


class Telemetry:
    """Collects metrics, and writes them out for Prometheus.

    It is the observer of the GraphQL endpoint, of streams, webhooks, platform clients and
    background tasks.
    Labels are shops, endpoints, codes and tasks: few, and none of them set by a caller.
    """

    def __init__(self) -> None:
        # Of the library, for the whole process: each counter would have a second series.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._shared = os.environ.get(SHARED_FOLDER)
        self._registry = CollectorRegistry()
        #: All metrics but those of the process, in the order in which they are made.
        self.described: list[Described] = []
        ProcessCollector(registry=self._registry)
        self._begin_process()
        self._begin_edge()
        self._begin_upstream()
        self._begin_queues()
        self._begin_webhooks()
        self._begin_quotas()
        self._begin_tasks()
        # Looking up a label costs more than counting.
        self._counted = cache(self._operations.labels)
        self._timed = cache(self._operation_seconds.labels)

    def _begin_process(self) -> None:
        """The metrics of the process as a whole."""
        self._gauge(
            "build_info",
            "1, with the versions of the gateway and of Python as labels.",
            "livemax",
            ("version", "python"),
        ).labels(version("commerce-gateway"), platform.python_version()).set(1)
        self._ready = self._gauge(
            "ready",
            "1 if requests should be routed to the process, else 0: what /readyz answers.",
            "livemostrecent",
        )
        self._checks = self._gauge(
            "readiness_check_passed",
            "1 if a check of the readiness passes, else 0.",
            "livemostrecent",
            ("check",),
        )

    def _begin_edge(self) -> None:
        """The metrics of operations, subscriptions and keys."""
        self._operations = self._counter(
            "operations",
            "GraphQL operations answered, by kind and by the first error's code or OK.",
            ("kind", "code"),
        )
        self._operation_seconds = self._histogram(
            "operation_seconds",
            "Seconds from the first byte of a request to the last of its answer.",
            ("kind",),
            _OPERATION_SECONDS,
        )
        self._told = self._counter(
            "subscription_answers",
            "Answers given to subscriptions, by the first error's code or OK.",
            ("code",),
        )
        self._refused_keys = self._counter(
            "refused_keys",
            "API keys that were refused, by whether the client was told to slow down.",
            ("outcome",),
        )
        self._following = self._gauge("subscriptions", "Subscriptions that are open.", "livesum")

    def _begin_queues(self) -> None:
        """The metrics of pushes, of platforms' messages and of events."""
        self._pushes = self._counter(
            "push_attempts",
            "Attempts to deliver what was accepted, by the state that the push was left in.",
            ("shop", "operation", "state"),
        )
        self._events = self._counter(
            "event_attempts",
            "Attempts to confirm events of platforms, by what became of the event.",
            ("shop", "outcome"),
        )
        self._messages = self._counter(
            "webhook_messages",
            "Messages posted for shops: kept, nothing new (a repetition), ignored (not followed), "
            "unreadable, refused (forged), later (not kept now) or checked (the address alone).",
            ("shop", "outcome"),
        )
        self._dead_letters = self._counter(
            "dead_letters",
            "Events that were given up, and messages that could not be read, by kind.",
            ("shop", "kind"),
        )
        self._dead_letters_dropped = self._counter(
            "dead_letters_dropped",
            "Dead letters that gave way to newer ones of the same shop.",
            ("shop",),
        )
        self._waiting = {
            name: self._gauge(name, text, "livemostrecent", ("shop",))
            for name, text in _WAITING.items()
        }

    def _begin_webhooks(self) -> None:
        """The metrics of webhooks to integrators."""
        self._webhook_attempts = self._counter(
            "webhook_delivery_attempts",
            "Attempts to deliver a webhook, by the state that the delivery was left in.",
            ("topic", "state"),
        )
        # Of the store: each process knows the same.
        self._webhook_oldest = self._gauge(
            "webhook_deliveries_oldest_seconds",
            "Seconds since the oldest webhook that is still to be sent was recorded; 0: none is.",
            "livemostrecent",
        )
        self._webhooks_off = self._counter(
            "webhook_endpoints_turned_off",
            "Endpoints of webhooks that the gateway turned off, by cause.",
            ("cause",),
        )

    def _begin_upstream(self) -> None:
        """The metrics of platform calls, breakers and tokens."""
        self._calls = self._counter(
            "upstream_calls",
            "Calls to platforms, each attempt counted, by outcome.",
            ("shop", "endpoint", "outcome"),
        )
        self._call_seconds = self._histogram(
            "upstream_call_seconds",
            "Seconds of one attempt of a call to a platform.",
            ("shop", "endpoint"),
            _CALL_SECONDS,
        )
        # A breaker that is open in one process must show beside others; the value stays 0 or 1.
        self._alone = self._gauge(
            "upstream_breaker_open",
            "1 while calls of an endpoint are refused because it kept failing, else 0.",
            "livemax",
            ("shop", "endpoint"),
        )
        self._openings = self._counter(
            "upstream_breaker_openings",
            "Times that a breaker opened, so that calls of an endpoint were refused.",
            ("shop", "endpoint"),
        )
        self._refused = self._counter(
            "upstream_attempts_refused",
            "Attempts of calls to platforms that an open breaker refused.",
            ("shop", "endpoint"),
        )
        self._retries = self._counter(
            "upstream_retries",
            "Attempts of calls to platforms that were made because the one before had failed.",
            ("shop", "endpoint"),
        )
        self._tokens = self._counter(
            "token_fetches",
            "Requests for a token: ok, refused (needs a person) or failed (may pass).",
            ("shop", "outcome"),
        )
        # Processes share a shop's token: the latest is the one that all use next. A time, not the
        # seconds left: no process could count down in another's metrics.
        self._token_ends = self._gauge(
            "token_expires_timestamp_seconds",
            "When the token of a shop ends, in unix seconds.",
            "livemostrecent",
            ("shop",),
        )

    def _begin_quotas(self) -> None:
        """The metrics of what platforms allow."""
        self._quota = self._gauge(
            "upstream_quota_calls",
            "Calls that a platform takes of a shop in a minute or a day, by period.",
            "livemax",
            ("shop", "period"),
        )
        # Each process counts its own calls.
        self._quota_used = self._gauge(
            "upstream_quota_used_calls",
            "Calls of the period of the last call that count towards the quota.",
            "livesum",
            ("shop", "period"),
        )

    def _begin_tasks(self) -> None:
        """The metrics of background tasks, of retention and of the index among them."""
        self._begin_index()
        self._task_failures = self._counter(
            "background_task_failures",
            "Rounds of a background task that ended with an error.",
            ("task",),
        )
        # One process whose task has stopped must show beside others that work.
        self._task_succeeded = self._gauge(
            "background_task_last_success_timestamp_seconds",
            "When a background task last ended a round well, or started, in unix seconds.",
            "livemin",
            ("task",),
        )
        self._retained = self._counter(
            "retention_rows",
            "Rows past their time that were erased or deleted, by their kind.",
            ("kind",),
        )
        # Of the store: each process knows the same.
        self._retention_overdue = self._gauge(
            "retention_overdue_seconds",
            "For how long the oldest row that should be gone has been past its time.",
            "livemostrecent",
            ("kind",),
        )
        self._retention_done = self._gauge(
            "retention_last_success_timestamp_seconds",
            "When the last round of retention that was done began, in unix seconds.",
            "livemostrecent",
        )

    def _begin_index(self) -> None:
        """The metrics of the index."""
        self._index_recorded = self._counter(
            "index_recorded",
            "Orders and products that were read from a platform and taken into the index.",
            ("kind",),
        )
        self._index_dropped = self._counter(
            "index_dropped",
            "Those that were not, as too many waited; the reconciler brings what changed.",
            ("kind",),
        )
        # Of the store: each process knows the same.
        self._index_in_step = self._gauge(
            "index_in_step_timestamp_seconds",
            "When the index of a shop was last compared with its source, in unix seconds.",
            "livemostrecent",
            ("shop", "kind"),
        )
        self._index_complete = self._gauge(
            "index_backfill_complete",
            "1 once the past of a shop was read into the index, else 0.",
            "livemostrecent",
            ("shop", "kind"),
        )

    def _counter(self, name: str, text: str, labels: Sequence[str]) -> Counter:
        self._describe(f"{name}_total", "counter", labels, text, "sum")
        return Counter(f"gateway_{name}", text, labels, registry=self._registry)

    def _describe(
        self, name: str, kind: str, labels: Sequence[str], text: str, together: str
    ) -> None:
        self.described.append(Described(f"gateway_{name}", kind, labels, text, together))

    def _histogram(
        self, name: str, text: str, labels: Sequence[str], buckets: Sequence[float]
    ) -> Histogram:
        self._describe(name, "histogram", labels, text, "sum")
        return Histogram(f"gateway_{name}", text, labels, buckets=buckets, registry=self._registry)

    def _gauge(
        self,
        name: str,
        text: str,
        together: _Together,
        labels: Sequence[str] = (),
    ) -> Gauge:
        self._describe(name, "gauge", labels, text, together.removeprefix("live"))
        return Gauge(
            f"gateway_{name}", text, labels, registry=self._registry, multiprocess_mode=together
        )

    def expect_webhooks(self, topics: Iterable[str]) -> None:
        """Trouble of these topics' webhooks is counted from 0."""
        for topic in topics:
            for state in _WEBHOOK_STATES:
                self._webhook_attempts.labels(topic, state)
        for cause in _OFF_CAUSES:
            self._webhooks_off.labels(cause)

    def expect(self, shops: Iterable[str], receiving: Iterable[str]) -> None:
        """These shops are configured, some receive messages: their trouble is counted from 0."""
        for kind in ("query", "mutation"):
            self._counted(kind, "OK")
        self._told.labels("OK")
        for outcome in _KEY_OUTCOMES:
            self._refused_keys.labels(outcome)
        for kind in _INDEXED:
            self._index_recorded.labels(kind)
            self._index_dropped.labels(kind)
        for shop in receiving:
            for outcome in _MESSAGE_OUTCOMES:
                self._messages.labels(shop, outcome)
            self._dead_letters.labels(shop, "unreadable")
        for shop in shops:
            for outcome in _TOKEN_OUTCOMES:
                self._tokens.labels(shop, outcome)
            for outcome in _EVENT_OUTCOMES:
                self._events.labels(shop, outcome)
            self._dead_letters_dropped.labels(shop)

    def readiness(self, checks: Collection[str], failed: Collection[str], *, ready: bool) -> None:
        """What /readyz answers now, and which of its checks failed."""
        self._ready.set(ready)
        for check in checks:
            self._checks.labels(check).set(check not in failed)

    def pushed(self, shop: str, operation: str, state: str) -> None:
        """One attempt to deliver a push ended."""
        self._pushes.labels(shop, operation, state).inc()

    def webhook_attempted(self, topic: str, state: str) -> None:
        """One attempt to deliver a webhook ended."""
        self._webhook_attempts.labels(topic, state).inc()

    def webhooks_waiting(self, oldest: float) -> None:
        """Seconds since the oldest webhook was recorded that is to be sent; 0: none is."""
        self._webhook_oldest.set(oldest)

    def webhook_turned_off(self, cause: str) -> None:
        """The gateway turned an endpoint off: its key, its receiver, or five days of failures."""
        self._webhooks_off.labels(cause).inc()

    def event_attempted(self, shop: str, outcome: str) -> None:
        """One attempt to confirm an event ended."""
        self._events.labels(shop, outcome).inc()

    def operation(self, kind: str, code: str, seconds: float) -> None:
        """An operation was answered."""
        self._counted(kind, code).inc()
        self._timed(kind).observe(seconds)

    def pushes_waiting(self, shop: str, count: int, oldest: float) -> None:
        """So many pushes of a shop wait, the oldest for so many seconds."""
        self._waiting["pushes_waiting"].labels(shop).set(count)
        self._waiting["pushes_oldest_seconds"].labels(shop).set(oldest)

    def events_waiting(self, shop: str, count: int, oldest: float) -> None:
        """So many events of a shop wait, the oldest for so many seconds."""
        self._waiting["events_waiting"].labels(shop).set(count)
        self._waiting["events_oldest_seconds"].labels(shop).set(oldest)

    def following(self, more: int) -> None:
        """This many subscriptions began; ended if negative."""
        self._following.inc(more)

    def told(self, code: str) -> None:
        """A result was sent to a subscription."""
        self._told.labels(code).inc()

    def key_refused(self, outcome: str) -> None:
        """An API key was refused; "throttled": the client had sent too many of them."""
        self._refused_keys.labels(outcome).inc()

    def message(self, shop: str, outcome: str) -> None:
        """A message for a shop was answered; shop "none": there is no such shop."""
        self._messages.labels(shop, outcome).inc()

    def dead_letter(self, shop: str, kind: str) -> None:
        """An event of this kind was given up; "unreadable": a message could not be read."""
        self._dead_letters.labels(shop, kind).inc()

    def dead_letters_dropped(self, shop: str, count: int) -> None:
        """So many older dead letters of the shop gave way to newer ones."""
        self._dead_letters_dropped.labels(shop).inc(count)

    def called(self, shop: str, endpoint: str, outcome: str, seconds: float) -> None:
        """One attempt of a call to a platform ended."""
        self._calls.labels(shop, endpoint, outcome).inc()
        self._call_seconds.labels(shop, endpoint).observe(seconds)

    def left_alone(self, shop: str, endpoint: str, *, alone: bool) -> None:
        """The breaker of an endpoint opened or closed."""
        for counter in (self._openings, self._refused, self._retries):
            counter.labels(shop, endpoint)
        self._alone.labels(shop, endpoint).set(alone)

    def breaker_opened(self, shop: str, endpoint: str) -> None:
        """A breaker opened: calls of an endpoint are refused from now on."""
        self._openings.labels(shop, endpoint).inc()

    def refused(self, shop: str, endpoint: str) -> None:
        """An open breaker refused an attempt."""
        self._refused.labels(shop, endpoint).inc()

    def retried(self, shop: str, endpoint: str) -> None:
        """A call that failed is attempted again."""
        self._retries.labels(shop, endpoint).inc()

    def quota_used(self, shop: str, period: str, used: int, quota: int) -> None:
        """Of the quota of this minute or day so many calls are used."""
        self._quota.labels(shop, period).set(quota)
        self._quota_used.labels(shop, period).set(used)

    def token_fetched(self, shop: str, outcome: str) -> None:
        """A platform was asked for a token."""
        self._tokens.labels(shop, outcome).inc()

    def token_taken(self, shop: str, until: float) -> None:
        """A shop's token expires then, in unix seconds."""
        self._token_ends.labels(shop).set(until)

    def task_succeeded(self, task: str, at: float) -> None:
        """A background task started, or ended a round without an error, at this unix time."""
        self._task_failures.labels(task)
        self._task_succeeded.labels(task).set(at)

    def task_failed(self, task: str) -> None:
        """A round of a background task ended with an error."""
        self._task_failures.labels(task).inc()

    def retained(self, rule: str, rows: int) -> None:
        """So many rows past their time were erased or deleted."""
        self._retained.labels(rule).inc(rows)

    def retention_overdue(self, rule: str, seconds: float) -> None:
        """For how long the oldest row that should be gone has been past its time; 0: none is."""
        self._retention_overdue.labels(rule).set(seconds)

    def retention_done(self, at: float) -> None:
        """The last round of retention that was done, in any process, began at this unix time."""
        self._retention_done.set(at)

    def index_recorded(self, kind: str, count: int) -> None:
        """So many that were read were taken into the index."""
        self._index_recorded.labels(kind).inc(count)

    def index_dropped(self, kind: str, count: int) -> None:
        """So many were not, as too many waited."""
        self._index_dropped.labels(kind).inc(count)

    def index_reached(self, shop: str, kind: str, at: float | None, *, complete: bool) -> None:
        """The index of a shop was last compared then; None: never. Whether its past was read."""
        if at is not None:
            self._index_in_step.labels(shop, kind).set(at)
        self._index_complete.labels(shop, kind).set(complete)

    def exposition(self, accept: str | None) -> tuple[bytes, str]:
        """All metrics, and their media type: OpenMetrics if the client accepts it, else text.

        With several processes these are the metrics of all of them together.
        """
        registry = self._registry
        if self._shared is not None:
            _forget_the_dead(self._shared)
            registry = CollectorRegistry()
            MultiProcessCollector(registry, path=self._shared)  # type: ignore[no-untyped-call]
        encode, content_type = choose_encoder(accept or "")
        return encode(registry), content_type


def _forget_the_dead(folder: str) -> None:
    """Drop the live gauges of processes that were killed."""
    for file in Path(folder).glob("gauge_live*_*.db"):
        number = int(file.stem.rpartition("_")[2])
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            mark_process_dead(number, folder)  # type: ignore[no-untyped-call]
