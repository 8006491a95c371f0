"""Traces of what no request asks for: rounds of background tasks, and deliveries after them."""

import asyncio

from gateway.concurrency.background_task import BackgroundTask, Supervision
from gateway.concurrency.clock import Clock
from gateway.outbox.delivery_spans import DeliverySpans
from gateway.store.outbox import ClaimedPush
from gateway.tracing import CURRENT, Tracer, TracingConfiguration, entered, traced
from gateway.tracing.export import open_tracing
from tests.tracing.collector import CONSUMER, INTERNAL, Collector


async def awake(_: float) -> None:
    """Take no time."""
    await asyncio.sleep(0)


def supervision(tracer: Tracer | None) -> Supervision:
    return Supervision(clock=Clock(sleep=awake, random=lambda: 0.0), tracer=tracer)


async def test_a_round_that_did_something_or_failed_has_a_trace(
    collector: Collector,
) -> None:
    outcomes: list[int | Exception] = [RuntimeError("words"), 3, 0]
    ended = asyncio.Event()

    async def work() -> int:
        with traced("part"):
            pass
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        if not outcomes:
            ended.set()
        return outcome

    async with open_tracing(TracingConfiguration(collector.url)) as tracer:
        task = BackgroundTask("work/shop", work, interval=3_600, supervision=supervision(tracer))
        task.start()
        await ended.wait()
        await task.stop()

    failed, done = collector.named("background work")
    assert (failed.failed, failed.attributes) == (
        True,
        {"gateway.task": "work/shop", "error.type": "RuntimeError"},
    )
    assert (done.failed, done.attributes) == (False, {"gateway.task": "work/shop"})
    assert (failed.kind, failed.parent_id) == (INTERNAL, "")
    assert sorted(part.parent_id for part in collector.named("part")) == sorted(
        [failed.span_id, done.span_id]
    )


async def test_a_round_without_a_tracer_has_no_span() -> None:
    seen: list[object] = []
    ended = asyncio.Event()

    async def work() -> None:
        seen.append(CURRENT.get())
        ended.set()

    task = BackgroundTask("work", work, interval=3_600, supervision=supervision(None))
    task.start()
    await ended.wait()
    await task.stop()

    assert seen == [None]


def push(number: int) -> ClaimedPush:
    return ClaimedPush(
        id=number,
        shop="mini",
        operation="ORDER_IMPORT",
        state="PENDING",
        aggregate=f"order/{number}",
        order_id=None,
        version=1,
        payload="{}",
        personal=None,
        queued_at=0.0,
        attempt=1,
        last_error=None,
        lost=False,
    )


async def test_a_later_delivery_is_linked_to_the_request_that_queued_it(
    collector: Collector,
) -> None:
    async with open_tracing(TracingConfiguration(collector.url)) as tracer:
        spans = DeliverySpans(tracer)
        with entered(tracer.root("request")):
            spans.queued([push(1)])
        with spans.deliver("mini", [push(1), push(2)]), spans.settle():
            pass

    (request,), (delivered,) = map(collector.named, ("request", "deliver outbox"))
    assert (delivered.kind, delivered.parent_id) == (CONSUMER, "")
    assert delivered.trace_id != request.trace_id
    assert delivered.links == [(request.trace_id, request.span_id)]
    assert delivered.attributes["messaging.batch.message_count"] == 2
    (settled,) = collector.named("settle outbox")
    assert settled.parent_id == delivered.span_id
