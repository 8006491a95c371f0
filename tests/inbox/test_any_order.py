"""Events may come in any order, and more than once: the end is the same."""

import itertools
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.concurrency.clock import Clock
from gateway.inbox.dead_letters import DeadLetterQueue
from gateway.inbox.event_processor import EventProcessor
from gateway.inbox.webhook_receiver import Receiver
from gateway.ports import MessageRequest
from gateway.registry import PLATFORMS
from gateway.runtime import RuntimeResources, open_resources
from gateway.settings import Settings
from gateway.telemetry import Telemetry
from gateway.wechat.messages import MessagePush
from gateway.wechat.order_messages import OrderMessages
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration
from tests.inbox.test_webhooks import order_changes
from tests.wechat.deliveries import TOKEN, merchant_order, plain

#: Paid, sent, in dispute, received; by the platform's codes.
LIFE = (2, 3, 8, 5)


@pytest.fixture
async def opened(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[RuntimeResources]:
    """Answer a gateway's parts over the sample shop, with nothing at work."""
    assert serve is not None
    settings_ = Settings.from_dict(PLATFORMS, configuration(sandbox, tmp_path))
    async with open_resources(settings_, Clock()) as parts:
        yield parts


#: What happens: the order moves on (None), or an event of its life arrives.
HAPPENINGS = st.permutations([*LIFE, *LIFE, None, None, None])


@given(happenings=HAPPENINGS, busy=st.sets(st.integers(0, 10)))
@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
async def test_every_permutation_ends_alike(
    happenings: list[int | None],
    busy: set[int],
    opened: RuntimeResources,
    sandbox: Sandbox,
    tmp_path: Path,
) -> None:
    """`busy` are the moments at which the gateway gets round to its work."""
    clock = Clock()
    dead_letters = DeadLetterQueue(opened.store, Telemetry())
    event_processor = EventProcessor(
        opened.store,
        opened.adapters,
        dead_letters,
        opened.notifier.notify,
        clock.wall,
        clock.between,
        observer=Telemetry(),
    )
    receiver = Receiver(
        "flagship", OrderMessages(MessagePush(TOKEN)), opened.store, dead_letters, lambda: None
    )
    order, at = str(sandbox.order()["order_id"]), int(time.time())
    life = iter(LIFE[1:])
    for moment, happening in enumerate(happenings):
        if happening is None:
            sandbox.set_order_status(order, next(life))
        else:
            await receiver.take(
                MessageRequest(*plain(merchant_order(order, happening, at + happening)))
            )
        if moment in busy:
            await event_processor.work()
    # The last word of the platform is told again, as it is until it was acknowledged.
    await receiver.take(MessageRequest(*plain(merchant_order(order, LIFE[-1], at + 100))))
    while await event_processor.work():
        await event_processor.idle()

    told = [change[2:] for change in order_changes(tmp_path) if change[0] == order]
    assert told[0][0] is None
    assert told[-1][1] == "COMPLETED"
    assert all(before[1] == after[0] for before, after in itertools.pairwise(told))
    assert all(change[0] != change[1] for change in told)
