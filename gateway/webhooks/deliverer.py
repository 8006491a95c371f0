"""Deliverer of webhooks: claims what is due, sends it, and records what became of it."""

import asyncio
from collections.abc import Mapping, Sequence
from contextvars import Context
from functools import partial
from typing import Final, NamedTuple, Protocol

import structlog
from pydantic import SecretStr

from gateway.audit import AuditLog
from gateway.auth.viewer import Viewer
from gateway.concurrency.clock import DAY, Clock
from gateway.errors import GatewayError, LedgerUnreadable, StoreUnavailable
from gateway.outbox.retry_policy import full_jitter
from gateway.store.audit_events import AuditEntry
from gateway.store.engine import ReaderPool, Transaction, reading_from
from gateway.store.row_numbers import WEBHOOK_DELIVERIES, WEBHOOK_ENDPOINTS
from gateway.store.store import Store
from gateway.store.webhook_deliveries import ClaimedWebhookDelivery, WebhookSettlement
from gateway.store.webhook_endpoints import StoredWebhookEndpoint
from gateway.tracing import Attributes, SpanKind, Tracer, entered
from gateway.webhooks.rights import EndpointRights, refusal
from gateway.webhooks.sender import SendResult
from gateway.webhooks.signature import signed_headers
from schema.key import Key

#: Seconds between two looks for what is due when nothing wakes the task.
POLL: Final = 1.0
#: Calls of one endpoint at once, in one process.
AT_ONCE: Final = 8
#: Seconds of a claim: a call takes 15 at the most, the rest is to record its result.
LEASE: Final = 30.0
#: Seconds that calls in progress may take to end when the process stops.
GRACE: Final = 5.0
#: Seconds of retries after which a delivery is DEAD, a dead letter.
LIFETIME: Final = 3 * DAY
#: The longest backoff between two attempts, in seconds.
MAX_BACKOFF: Final = 4 * 3_600.0
#: Seconds without a success after which an endpoint is turned off.
LONGEST_FAILURE: Final = 5 * DAY
#: Seconds until results are recorded again that the store did not take.
_AGAIN_AFTER: Final = 1.0
_GONE: Final = 410
_UNSIGNED: Final = "the endpoint's secret cannot be decrypted"
_OWN_ERROR: Final = "an error in the gateway; see its log"
#: The actor of what the gateway does by itself; no key can have this name.
_ACTOR: Final = "(gateway)"
#: The shop in the ids of what belongs to none.
_NO_SHOP: Final = "*"

_log = structlog.stdlib.get_logger(__name__)


class SendsWebhooks(Protocol):
    """Calls an endpoint once; any failure is in the result."""

    async def send(self, url: str, headers: Mapping[str, str], body: bytes, /) -> SendResult:
        """POST `body` to an address that is checked."""


class WebhookObserver(Protocol):
    """Metrics of deliveries."""

    def webhook_attempted(self, topic: str, state: str) -> None:
        """An attempt was recorded; `state` is what the delivery was left in."""

    def webhook_turned_off(self, cause: str) -> None:
        """The gateway turned an endpoint off."""


class _TurnOff(NamedTuple):
    """Why an endpoint is turned off: for metrics, and for its owner."""

    cause: str
    reason: str


_KEY_INVALID: Final = _TurnOff("key", "The API key that made it was revoked, or has expired.")
_RECEIVER_GONE: Final = _TurnOff("gone", "The receiver answered 410 Gone.")
_NO_SUCCESS: Final = _TurnOff("failing", "Five days without a success.")


class _Target(NamedTuple):
    """An endpoint as it is called, and the deliveries that were claimed for it."""

    url: str
    viewer: Viewer
    #: Those that sign now; empty: they cannot be decrypted.
    secrets: Sequence[SecretStr]
    claimed: Sequence[ClaimedWebhookDelivery]


class _Result(NamedTuple):
    """What came of a delivery."""

    delivery: ClaimedWebhookDelivery
    settlement: WebhookSettlement
    #: Whether the endpoint took it; None: nothing was sent, which says nothing of the endpoint.
    succeeded: bool | None


class WebhookDeliverer:
    """One lease owner in one process; several processes share the deliveries.

    The deliveries of one subject go one after the other. Each endpoint has a task of its own while
    something is due for it, with at most AT_ONCE calls: a slow one delays no other.

    Args:
        store: the ledger.
        sender: calls the endpoints.
        rights: what the keys of the endpoints may see now.
        clock: the store's time, and the randomness of the backoff.
        owner: names this process in leases.
        observer: counts attempts.
        audit: records endpoints that are turned off; None: nothing is recorded.
        tracer: begins a trace for each call; None: nothing is traced.
    """

    def __init__(  # noqa: PLR0913 - what it reads, calls and tells
        self,
        store: Store,
        sender: SendsWebhooks,
        rights: EndpointRights,
        clock: Clock,
        *,
        owner: str,
        observer: WebhookObserver,
        audit: AuditLog | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self._store = store
        self._sender = sender
        self._rights = rights
        self._clock = clock
        self._owner = owner
        self._observer = observer
        self._audit = audit
        self._tracer = tracer
        #: By endpoint.
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._stopping = False

    async def once(self) -> None:
        """Begins with the endpoints that have something due; returns before it is sent.

        Raises:
            StoreUnavailable: the deliveries cannot be read.
            Exception: an error in the gateway ended the work of an endpoint; it begins again.
        """
        ended = [number for number, task in self._tasks.items() if task.done()]
        tasks = [self._tasks.pop(number) for number in ended]
        with reading_from(ReaderPool.DELIVERIES):
            due = await self._store.webhook_deliveries.due_endpoints(self._clock.wall())
        for number in due:
            if number not in self._tasks and not self._stopping:
                self._tasks[number] = asyncio.create_task(
                    self._drain(number), name=f"webhooks/{number}", context=Context()
                )
        for task in tasks:
            task.result()

    async def stop(self, grace: float = GRACE) -> None:
        """Claims no more; calls in progress may end within so many seconds, or are cancelled."""
        self._stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=grace)
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _drain(self, number: int) -> None:
        """Delivers what is due for an endpoint until nothing is."""
        calls: dict[asyncio.Task[_Result], ClaimedWebhookDelivery] = {}
        ended: list[_Result] = []
        try:
            while True:
                try:
                    target = await self._turn(number, ended, AT_ONCE - len(calls))
                except StoreUnavailable:
                    await self._clock.sleep(_AGAIN_AFTER)
                    continue
                if target is not None:
                    for one in target.claimed:
                        calls[asyncio.create_task(self._deliver(target, one))] = one
                if not calls:
                    return
                done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
                ended = [task.result() for task in done]
                for task in done:
                    del calls[task]
        finally:
            await self._cancel(calls)

    async def _cancel(
        self, calls: Mapping["asyncio.Task[_Result]", ClaimedWebhookDelivery]
    ) -> None:
        """Ends calls whose results nobody waits for; other processes may make them at once."""
        for task in calls:
            task.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        if not calls:
            return
        try:
            async with self._store.transaction() as transaction:
                for one in calls.values():
                    await self._store.webhook_deliveries.give_back(transaction, self._owner, one)
        except GatewayError as error:
            _log.warning(
                "webhooks.lease.release_failed",
                message="Leases could not be released; they last until they expire.",
                error=error.message,
            )

    async def _turn(self, number: int, ended: Sequence[_Result], room: int) -> _Target | None:
        """Records results and claims at most `room` deliveries; None: there is no endpoint."""
        async with self._store.transaction(bulk=True) as transaction:
            endpoint = await self._store.webhook_endpoints.lock(transaction, number)
            if endpoint is None:
                return None
            turn_off = await self._settle(transaction, endpoint, ended)
            viewer = self._rights.viewer(endpoint.key_id)
            if viewer is None:
                turn_off = _KEY_INVALID
            if turn_off is not None:
                await self._turn_off(transaction, endpoint, turn_off)
            if turn_off is not None or not endpoint.enabled or viewer is None or self._stopping:
                return None
            claimed = await self._store.webhook_deliveries.claim(
                transaction, self._owner, number, lease=LEASE, limit=room
            )
            secrets = await self._secrets(transaction, number) if claimed else ()
        return _Target(endpoint.url, viewer, secrets, claimed)

    async def _secrets(self, transaction: Transaction, number: int) -> Sequence[SecretStr]:
        try:
            found = await self._store.webhook_endpoints.secrets(number, within=transaction)
        except LedgerUnreadable as failure:
            _log.error(
                "webhooks.secret.unreadable",
                message="An endpoint cannot be called: its secret cannot be decrypted.",
                endpoint=self._id_of(number),
                reason=failure.message,
            )
            return ()
        return [SecretStr(one) for one in found]

    async def _deliver(self, target: _Target, delivery: ClaimedWebhookDelivery) -> _Result:
        reason = refusal(target.viewer, delivery.topic, delivery.shop)
        if reason is not None:
            return _Result(delivery, WebhookSettlement("DEAD", error=reason), None)
        if not target.secrets:
            return self._failed(delivery, SendResult(None, _UNSIGNED), succeeded=None)
        try:
            result = await self._traced_call(target, delivery)
        except Exception:  # noqa: BLE001 - one delivery must not keep the others from being sent
            _log.exception(
                "webhooks.delivery.crashed",
                message="A webhook could not be sent because of an error in the gateway.",
                delivery=self._message_id(delivery),
            )
            return self._failed(delivery, SendResult(None, _OWN_ERROR), succeeded=None)
        if result.succeeded:
            return _Result(delivery, WebhookSettlement("DELIVERED", result.status), succeeded=True)
        return self._failed(delivery, result, succeeded=False)

    async def _traced_call(self, target: _Target, delivery: ClaimedWebhookDelivery) -> SendResult:
        """The call in a trace of its own: no request waits for it."""
        span = None
        if self._tracer is not None:
            attributes: Attributes = {
                "http.request.method": "POST",
                "gateway.webhook.topic": delivery.topic,
            }
            if delivery.attempt > 1:
                attributes["http.request.resend_count"] = delivery.attempt - 1
            span = self._tracer.root("deliver webhook", SpanKind.CLIENT, attributes)
        with entered(span):
            result = await self._call(target, delivery)
            if span is not None and result.status is not None:
                span.attributes["http.response.status_code"] = result.status
            if span is not None and not result.succeeded:
                span.fail("no_response" if result.status is None else str(result.status))
        return result

    async def _call(self, target: _Target, delivery: ClaimedWebhookDelivery) -> SendResult:
        body = delivery.body.encode()
        headers = signed_headers(
            target.secrets, self._message_id(delivery), int(self._clock.wall()), body
        )
        return await self._sender.send(target.url, headers, body)

    def _failed(
        self, delivery: ClaimedWebhookDelivery, result: SendResult, *, succeeded: bool | None
    ) -> _Result:
        now = self._clock.wall()
        if now - delivery.queued_at >= LIFETIME or result.status == _GONE:
            return _Result(
                delivery, WebhookSettlement("DEAD", result.status, result.error), succeeded
            )
        pause = full_jitter(self._clock.between, delivery.attempt, MAX_BACKOFF)
        settlement = WebhookSettlement("PENDING", result.status, result.error, now + pause)
        return _Result(delivery, settlement, succeeded)

    async def _settle(
        self, transaction: Transaction, endpoint: StoredWebhookEndpoint, ended: Sequence[_Result]
    ) -> _TurnOff | None:
        """Records results; why the endpoint is to be turned off, None: it is not."""
        store, outcomes = self._store, set[bool | None]()
        gone = False
        for delivery, settlement, succeeded in ended:
            kept = await store.webhook_deliveries.settle(
                transaction, self._owner, delivery, settlement
            )
            if kept:
                outcomes.add(succeeded)
                gone = gone or settlement.status == _GONE
                transaction.on_commit.append(
                    partial(self._observer.webhook_attempted, delivery.topic, settlement.state)
                )
        if True in outcomes:
            await store.webhook_endpoints.note_success(transaction, endpoint.id)
        elif False in outcomes:
            since = await store.webhook_endpoints.note_failure(transaction, endpoint.id)
            if since is not None and transaction.now - since >= LONGEST_FAILURE:
                return _NO_SUCCESS
        return _RECEIVER_GONE if gone else None

    async def _turn_off(
        self, transaction: Transaction, endpoint: StoredWebhookEndpoint, why: _TurnOff
    ) -> None:
        if not await self._store.webhook_endpoints.turn_off(transaction, endpoint.id, why.reason):
            return
        subject = self._id_of(endpoint.id)
        if self._audit is not None:
            entry = AuditEntry(
                at=transaction.now,
                actor=_ACTOR,
                action="webhookEndpointTurnedOff",
                subject=subject,
                outcome=why.cause.upper(),
                request_id="",
            )
            await self._audit.append(transaction, [entry])
        transaction.on_commit.append(partial(self._observer.webhook_turned_off, why.cause))
        transaction.on_commit.append(
            partial(_log_turned_off, subject, endpoint.key_name, why.reason)
        )

    def _message_id(self, delivery: ClaimedWebhookDelivery) -> str:
        """The same for each attempt."""
        return f"msg_{self._store.row_numbers.conceal(WEBHOOK_DELIVERIES, delivery.id)}"

    def _id_of(self, number: int) -> str:
        concealed = self._store.row_numbers.conceal(WEBHOOK_ENDPOINTS, number)
        return Key("WebhookEndpoint", _NO_SHOP, concealed).encode()


def _log_turned_off(endpoint: str, key: str, reason: str) -> None:
    _log.warning(
        "webhooks.endpoint.turned_off",
        message="An endpoint of webhooks was turned off.",
        endpoint=endpoint,
        key=key,
        reason=reason,
    )
