"""What becomes of events that cannot be made sure of."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.concurrency.clock import Clock
from gateway.errors import Overloaded
from gateway.inbox import webhook_receiver
from gateway.inbox.dead_letters import DeadLetterQueue, replay
from gateway.inbox.event_processor import MAX_AGE, EventProcessor
from gateway.inbox.webhook_receiver import Receiver
from gateway.platforms.mini_program.sandbox.sample_partner_orders import SAMPLE_ORDER_ID
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.ports import EventMessage, MessageRequest
from gateway.registry import PLATFORMS
from gateway.runtime import RuntimeResources, open_resources
from gateway.settings import Settings
from gateway.store.inbox import EventBody
from gateway.telemetry import Telemetry
from gateway.wechat.message_crypto import MessageCrypto
from gateway.wechat.messages import MessagePush
from gateway.wechat.order_messages import OrderMessages
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration
from tests.inbox.test_webhooks import alter, order_changes, rows
from tests.waiting import eventually
from tests.wechat.deliveries import AES_KEY, TOKEN, encrypted, merchant_order, plain

CLOCK = Clock()
SPOILED = (
    "inbox_events.body of shop flagship in the ledger cannot be decrypted:"
    " it was written with another key, or was tampered with"
)


@pytest.fixture
async def opened(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[RuntimeResources]:
    """Answer a gateway's parts over the sample shop, with nothing at work."""
    assert serve is not None
    settings = Settings.from_dict(PLATFORMS, configuration(sandbox, tmp_path))
    async with open_resources(settings, CLOCK) as parts:
        yield parts


def processor_of(parts: RuntimeResources) -> EventProcessor:
    """A event_processor who never waits between two tries."""
    return EventProcessor(
        parts.store,
        parts.adapters,
        DeadLetterQueue(parts.store, Telemetry()),
        parts.notifier.notify,
        CLOCK.wall,
        lambda *_: 0.0,
        observer=Telemetry(),
    )


def receiver_of(parts: RuntimeResources, shop: str, push: MessagePush) -> Receiver:
    dead_letters = DeadLetterQueue(parts.store, Telemetry())
    return Receiver(shop, OrderMessages(push), parts.store, dead_letters, lambda: None)


def partner_event(order_id: str, at: int = 1_700_000_000) -> str:
    """The platform's word of a partner store's order."""
    event = {"MsgType": "event", "Event": "cooperation_shop_order", "CreateTime": at}
    data = {"order_id": order_id, "shop_appid": "SHOP_APPID"}
    return json.dumps({**event, "FromUserName": "oBuyer", "Data": data})


async def test_a_hint_of_no_order_is_given_up(opened: RuntimeResources, tmp_path: Path) -> None:
    await receiver_of(opened, "flagship", MessagePush(TOKEN)).take(
        MessageRequest(*plain(merchant_order("9")))
    )
    event_processor = processor_of(opened)
    for _ in range(5):
        assert await event_processor.work() == 1

    assert await event_processor.work() == 0
    assert rows(tmp_path, "select state, attempts from inbox_events") == [("DEAD", 5)]
    assert order_changes(tmp_path) == []


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("update inbox_events set body = null", "its content was erased"),
        ("update inbox_events set body = x'00'", SPOILED),
    ],
)
async def test_an_event_that_tells_nothing_any_more_is_given_up_and_the_others_are_done(
    opened: RuntimeResources, sandbox: Sandbox, tmp_path: Path, spoil: str, reason: str
) -> None:
    receiver = receiver_of(opened, "flagship", MessagePush(TOKEN))
    await receiver.take(MessageRequest(*plain(merchant_order("9"))))
    rows(tmp_path, spoil)
    order = str(sandbox.order()["order_id"])
    await receiver.take(MessageRequest(*plain(merchant_order(order))))
    sandbox.clear_log()

    with capture_logs() as told:
        assert await processor_of(opened).work() == 2

    states = rows(tmp_path, "select state, attempts, reason from inbox_events order by state")
    assert states == [("DEAD", 1, reason), ("DONE", 1, None)]
    assert [change[0] for change in order_changes(tmp_path)] == [order]
    assert sandbox.counts()["/merchant/order/getbyid"] == 1
    assert told == [
        {
            "event": "inbox.event.given_up",
            "message": "An event was given up; it is kept as a dead letter.",
            "log_level": "warning",
            "shop": "flagship",
            "kind": "merchant_order",
            "reason": reason,
            "trusted": False,
            "attempts": 1,
        }
    ]


async def test_what_a_trusted_event_announces_exists_before_it_can_be_read(
    opened: RuntimeResources, sandbox: Sandbox, tmp_path: Path
) -> None:
    await alter(tmp_path, "delete from partner_orders")
    crypto = MessageCrypto(AES_KEY, MINI.app_id)
    receiver = receiver_of(opened, "mini", MessagePush(TOKEN, (crypto,)))
    message = partner_event(SAMPLE_ORDER_ID)
    sandbox.fault("http_status", 503, times=None, platform="mini_program")

    await receiver.take(MessageRequest(*encrypted(message, app_id=MINI.app_id)))
    await processor_of(opened).work()

    assert rows(tmp_path, "select order_id, event_at from partner_orders") == [
        (SAMPLE_ORDER_ID, 1_700_000_000)
    ]
    assert rows(tmp_path, "select state from inbox_events") == [("PENDING",)]


async def test_a_hint_of_a_partner_s_order_that_is_refused_is_given_up(
    opened: RuntimeResources, sandbox: Sandbox, tmp_path: Path
) -> None:
    hint = plain(partner_event("forged"))
    await receiver_of(opened, "mini", MessagePush(TOKEN)).take(MessageRequest(*hint))
    event_processor = processor_of(opened)
    for _ in range(5):
        assert await event_processor.work() == 1

    # Else a thousand of them would keep the true ones out for a day.
    assert rows(tmp_path, "select state, attempts from inbox_events") == [("DEAD", 5)]
    assert sandbox.counts()["/channels/ec/cooperation/order/get"] == 5
    assert rows(tmp_path, "select count(*) from partner_orders where order_id = 'forged'") == [(0,)]


async def test_a_hint_does_not_choose_its_order_s_place(
    opened: RuntimeResources, tmp_path: Path
) -> None:
    await alter(tmp_path, "delete from partner_orders")
    hint = plain(partner_event(SAMPLE_ORDER_ID, at=1))
    began = int(CLOCK.wall())
    await receiver_of(opened, "mini", MessagePush(TOKEN)).take(MessageRequest(*hint))
    await processor_of(opened).work()

    ((order, event_at),) = rows(tmp_path, "select order_id, event_at from partner_orders")
    assert order == SAMPLE_ORDER_ID
    assert event_at >= began


async def test_a_message_about_another_kind_of_shop_confirms_nothing(
    opened: RuntimeResources, tmp_path: Path
) -> None:
    ((order,),) = rows(tmp_path, "select platform_id from orders where shop = 'mini' limit 1")
    await receiver_of(opened, "mini", MessagePush(TOKEN)).take(
        MessageRequest(*plain(merchant_order(order)))
    )
    await processor_of(opened).work()

    assert order_changes(tmp_path) == []


async def test_a_replica_whose_clock_is_behind_does_not_ask_without_end(
    opened: RuntimeResources, sandbox: Sandbox, tmp_path: Path
) -> None:
    ahead = EventProcessor(
        opened.store,
        opened.adapters,
        DeadLetterQueue(opened.store, Telemetry()),
        opened.notifier.notify,
        lambda: CLOCK.wall() + 60,
        CLOCK.between,
        observer=Telemetry(),
    )
    here = EventProcessor(
        opened.store,
        opened.adapters,
        DeadLetterQueue(opened.store, Telemetry()),
        opened.notifier.notify,
        CLOCK.wall,
        CLOCK.between,
        observer=Telemetry(),
    )
    receiver = receiver_of(opened, "flagship", MessagePush(TOKEN))
    order = str(sandbox.order()["order_id"])
    await receiver.take(MessageRequest(*plain(merchant_order(order))))
    assert await ahead.work() == 1
    sandbox.clear_log()

    await receiver.take(MessageRequest(*plain(merchant_order(order, at=1398144193))))
    async with asyncio.timeout(60):
        while await here.work():
            pass

    assert sandbox.counts() == {"/merchant/order/getbyid": 1}
    assert rows(tmp_path, "select state from inbox_events order by attempts, state") == [
        ("DONE",),
        ("PENDING",),
    ]


async def test_an_event_does_not_wait_for_another_shop_s_platform(
    opened: RuntimeResources, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is under way at the end is called off soon.
    monkeypatch.setattr("gateway.inbox.event_processor._GRACE", 0.2)
    event_processor = processor_of(opened)
    sandbox.fault("latency", 8, times=None, platform="mini_program")
    await receiver_of(opened, "mini", MessagePush(TOKEN)).take(
        MessageRequest(*plain(partner_event("slow")))
    )
    assert await event_processor.work() == 1

    order = str(sandbox.order()["order_id"])
    await receiver_of(opened, "flagship", MessagePush(TOKEN)).take(
        MessageRequest(*plain(merchant_order(order)))
    )
    assert await event_processor.work() == 1
    changes = await eventually(lambda: order_changes(tmp_path))
    assert [change[0] for change in changes] == [order]
    # Meanwhile the other one still waits.
    leased = "select count(*) from inbox_events where lease_owner is not null"
    assert rows(tmp_path, leased) == [(1,)]

    sandbox.clear_faults()
    await event_processor.release()
    assert rows(tmp_path, leased) == [(0,)]


async def test_who_placed_an_order_is_not_kept_with_its_event(opened: RuntimeResources) -> None:
    crypto = MessageCrypto(AES_KEY, FLAGSHIP.app_id)
    receiver = receiver_of(opened, "flagship", MessagePush(TOKEN, (crypto,)))
    await receiver.take(MessageRequest(*encrypted(merchant_order("1"), app_id=FLAGSHIP.app_id)))

    async with opened.store.transaction() as transaction:
        (event,) = await opened.store.inbox.claim(transaction, "one", lease=60.0, limit=1)
    assert event.body == EventBody(order_id="1", status="2")


async def test_hints_do_not_fill_the_ledger(
    opened: RuntimeResources, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(webhook_receiver, "_MOST_HINTS", 2)
    receiver = receiver_of(opened, "flagship", MessagePush(TOKEN))
    for order in ("1", "2"):
        assert await receiver.take(MessageRequest(*plain(merchant_order(order))))
    with pytest.raises(Overloaded):
        await receiver.take(MessageRequest(*plain(merchant_order("3"))))

    assert rows(tmp_path, "select count(*) from inbox_events") == [(2,)]


async def replayed(parts: RuntimeResources, folder: Path) -> bool:
    """What becomes of the only dead letter."""
    ((key,),) = rows(folder, "select event_key from inbox_events where state = 'DEAD'")
    async with parts.store.transaction() as transaction:
        [letter] = await parts.store.dead_letters.find(transaction, key)
        readers = {"flagship": OrderMessages(MessagePush(TOKEN))}
        return await replay(parts.store, transaction, letter, readers)


class Attempts:
    """Keeps what observers are told."""

    def __init__(self) -> None:
        self.outcomes: list[tuple[str, str]] = []

    def event_attempted(self, shop: str, outcome: str) -> None:
        self.outcomes.append((shop, outcome))


async def test_an_outage_is_two_lines_however_often_events_are_tried(
    opened: RuntimeResources, sandbox: Sandbox, tmp_path: Path
) -> None:
    order = str(sandbox.order()["order_id"])
    await receiver_of(opened, "flagship", MessagePush(TOKEN)).take(
        MessageRequest(*plain(merchant_order(order)))
    )
    attempts = Attempts()
    event_processor = EventProcessor(
        opened.store,
        opened.adapters,
        DeadLetterQueue(opened.store, Telemetry()),
        opened.notifier.notify,
        CLOCK.wall,
        lambda *_: 0.0,
        observer=attempts,
    )
    sandbox.fault("http_status", 503, times=None, path="/merchant/order/getbyid")
    with capture_logs() as lines:
        for _ in range(3):
            await event_processor.work()
            await event_processor.idle()
        sandbox.clear_faults()
        await event_processor.work()
        await event_processor.idle()

    assert attempts.outcomes == [("flagship", "postponed")] * 3 + [("flagship", "processed")]
    assert rows(tmp_path, "select count(*) from inbox_events where state = 'PENDING'") == [(0,)]
    began, ended = [line for line in lines if line["event"].startswith("inbox.")]
    assert (began["event"], began["log_level"]) == ("inbox.event.postponed", "warning")
    assert (began["shop"], began["reason"]) == ("flagship", "PlatformUnavailable")
    assert (ended["event"], ended["log_level"]) == ("inbox.event.recovered", "info")
    assert (ended["shop"], ended["failures"]) == ("flagship", 3)


async def test_an_event_that_waited_too_long_is_given_up_and_replayed(
    opened: RuntimeResources, sandbox: Sandbox, tmp_path: Path
) -> None:
    order = str(sandbox.order()["order_id"])
    sandbox.fault("http_status", 503, times=None, path="/merchant/order/getbyid")
    await receiver_of(opened, "flagship", MessagePush(TOKEN)).take(
        MessageRequest(*plain(merchant_order(order)))
    )
    a_day_later = EventProcessor(
        opened.store,
        opened.adapters,
        DeadLetterQueue(opened.store, Telemetry()),
        opened.notifier.notify,
        lambda: CLOCK.wall() + MAX_AGE + 1,
        lambda *_: 0.0,
        observer=Telemetry(),
    )
    assert await a_day_later.work() == 1
    await a_day_later.idle()
    states = rows(tmp_path, "select state, attempts, reason from inbox_events")
    assert states == [("DEAD", 1, "PlatformUnavailable")]

    sandbox.clear_faults()
    assert await replayed(opened, tmp_path)
    assert await processor_of(opened).work() == 1
    changes = await eventually(lambda: order_changes(tmp_path))
    assert [change[0] for change in changes] == [order]
    states = rows(tmp_path, "select state, attempts, reason from inbox_events")
    assert states == [("DONE", 1, None)]


async def test_a_message_that_could_not_be_read_is_read_again(
    opened: RuntimeResources, sandbox: Sandbox, tmp_path: Path
) -> None:
    order = str(sandbox.order()["order_id"])
    message = merchant_order(order).encode()
    async with opened.store.transaction() as transaction:
        # As a version that could not read it left it.
        await opened.store.dead_letters.keep(
            transaction, "flagship", message, trusted=False, reason="neither XML nor JSON"
        )

    assert await replayed(opened, tmp_path)
    assert await processor_of(opened).work() == 1
    changes = await eventually(lambda: order_changes(tmp_path))
    assert [change[0] for change in changes] == [order]
    assert rows(tmp_path, "select kind, state from inbox_events") == [("merchant_order", "DONE")]


async def test_a_failure_of_the_reading_itself_loses_no_message(
    opened: RuntimeResources, tmp_path: Path
) -> None:
    class Faulty(OrderMessages):
        def read(self, content: bytes) -> EventMessage | None:
            raise RecursionError(content)

    dead_letters = DeadLetterQueue(opened.store, Telemetry())
    reader = Faulty(MessagePush(TOKEN))
    receiver = Receiver("flagship", reader, opened.store, dead_letters, lambda: None)
    with capture_logs() as told:
        assert await receiver.take(MessageRequest(*plain(merchant_order("1")))) == "unreadable"

    assert [event["event"] for event in told] == [
        "inbox.message.reading_failed",
        "inbox.message.unreadable",
    ]
    states = rows(tmp_path, "select state, reason from inbox_events")
    assert states == [("DEAD", "an internal failure")]


async def test_dead_letters_that_give_way_are_counted(
    opened: RuntimeResources, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("gateway.store.dead_letters.MOST_MESSAGES", 2)
    telemetry = Telemetry()
    dead_letters = DeadLetterQueue(opened.store, telemetry)
    reader = OrderMessages(MessagePush(TOKEN))
    receiver = Receiver("flagship", reader, opened.store, dead_letters, lambda: None)
    with capture_logs() as told:
        for junk in ("a", "b", "c"):
            assert await receiver.take(MessageRequest(*plain(junk))) == "unreadable"

    assert rows(tmp_path, "select count(*) from inbox_events") == [(2,)]
    figures = telemetry.exposition(None)[0].decode().splitlines()
    assert 'gateway_dead_letters_total{kind="unreadable",shop="flagship"} 3.0' in figures
    assert 'gateway_dead_letters_dropped_total{shop="flagship"} 1.0' in figures
    assert [event["event"] for event in told].count("inbox.dead_letters.dropped") == 1
