"""Whatever events were lost: the index equals the platforms after one reconciliation."""

import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.concurrency.clock import Clock
from gateway.inbox.dead_letters import DeadLetterQueue
from gateway.inbox.event_processor import EventProcessor
from gateway.inbox.reconciler import Reconciler
from gateway.inbox.webhook_receiver import Receiver
from gateway.ports import MessageRequest
from gateway.runtime import RuntimeResources
from gateway.telemetry import Telemetry
from gateway.wechat.messages import MessagePush
from gateway.wechat.order_messages import OrderMessages
from tests.fixtures_sandbox import Sandbox
from tests.index.contents import (
    Shown,
    index_of,
    indexed,
    indexed_after_sales,
    indexed_products,
    platform_orders,
    platform_products,
)
from tests.index.test_backfill import backfill_of, finished
from tests.wechat.deliveries import TOKEN, merchant_order, plain

#: What can become of an order by the platform's codes: to be shipped, shipped, completed, disputed.
LIFE = {2: (3,), 3: (5, 8), 5: (8,), 8: (5,)}


def reconciler_of(parts: RuntimeResources) -> Reconciler:
    """A replica's reconciler, which is always due."""
    index = index_of(parts)
    shops = {"flagship": index.adapters["flagship"]}
    return Reconciler(
        parts.store, shops, parts.notifier.notify, Clock().wall, every=0.0, index=index.writer
    )


def processor_of(parts: RuntimeResources) -> EventProcessor:
    """A replica's event processor."""
    index, clock = index_of(parts), Clock()
    return EventProcessor(
        parts.store,
        index.adapters,
        DeadLetterQueue(parts.store, Telemetry()),
        parts.notifier.notify,
        clock.wall,
        clock.between,
        observer=Telemetry(),
        index=index.writer,
    )


def receiver_of(parts: RuntimeResources) -> Receiver:
    """What takes the messages of the WeChat Store."""
    dead_letters = DeadLetterQueue(parts.store, Telemetry())
    messages = OrderMessages(MessagePush(TOKEN))
    return Receiver("flagship", messages, parts.store, dead_letters, lambda: None)


#: What happens to an order: which one, which way it goes on, and how often the event of it comes;
#: 0: it is lost. Then the gateway gets round to its events, or not.
DAY = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 1), st.integers(0, 2), st.booleans()),
    min_size=5,
    max_size=12,
)


@given(day=DAY)
@settings(
    max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
async def test_after_a_random_day_the_index_equals_the_platform(
    day: list[tuple[int, int, int, bool]], opened: RuntimeResources, sandbox: Sandbox
) -> None:
    await finished(backfill_of(opened))
    processor, receiver = processor_of(opened), receiver_of(opened)
    late: list[MessageRequest] = []
    codes = {id_: one.raw["order_status"] for id_, one in (await there_now(opened)).items()}
    for which, way, times, at_once in day:
        new = str(sandbox.order()["order_id"]) if not which else None
        order = new or sorted(codes)[which % len(codes)]
        ways = LIFE[codes.get(order, 2)]
        codes[order] = ways[way % len(ways)]
        sandbox.set_order_status(order, codes[order])
        message = plain(merchant_order(order, codes[order], int(time.time())))
        late += [MessageRequest(*message)] * times
        if at_once:
            await happened(processor, receiver, late)
            late.clear()

    await reconciler_of(opened).work()
    assert await indexed(opened, "flagship") == await there_now(opened)
    await happened(processor, receiver, late)
    there = await there_now(opened)
    assert await indexed(opened, "flagship") == there
    assert await indexed_after_sales(opened, "flagship") == {
        id_ for id_, one in there.items() if one.status == "IN_DISPUTE"
    }


async def there_now(parts: RuntimeResources) -> dict[str, Shown]:
    """The orders of the WeChat Store."""
    return await platform_orders(parts, "flagship")


async def happened(
    processor: EventProcessor, receiver: Receiver, messages: list[MessageRequest]
) -> None:
    """Let events arrive, and be dealt with."""
    for one in messages:
        await receiver.take(one)
    while await processor.work():
        await processor.idle()


async def test_products_are_compared_and_those_that_are_gone_removed(
    opened: RuntimeResources,
) -> None:
    reconciler = reconciler_of(opened)
    await reconciler.work()
    there = await platform_products(opened, "flagship")
    assert await indexed_products(opened, "flagship") == there

    writes = index_of(opened).adapters["flagship"].writes_products
    assert writes is not None
    gone = min(there)
    await writes.delete(gone, None)
    await reconciler.work()

    assert await indexed_products(opened, "flagship") == await platform_products(opened, "flagship")
    assert gone not in await indexed_products(opened, "flagship")
    reach = (await opened.store.index_progress.of_shops("products", ["flagship"]))["flagship"]
    assert reach.done


async def test_an_event_puts_its_order_into_the_index(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    processor = processor_of(opened)
    order = str(sandbox.order()["order_id"])
    message = MessageRequest(*plain(merchant_order(order, 2, int(time.time()))))
    await happened(processor, receiver_of(opened), [message])

    found = await indexed(opened, "flagship")
    assert found == {order: (await platform_orders(opened, "flagship"))[order]}
