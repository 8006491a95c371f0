"""After-sales that a platform keeps beside its orders are in the index, by their own documents."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.auth import Viewer
from gateway.auth.viewer import ALL_SHOPS
from gateway.concurrency.clock import Clock
from gateway.index.reconciliation import IndexReconciliation, put_after_sales
from gateway.ports import AfterSaleQuery, ReadOptions
from gateway.registry import PLATFORMS
from gateway.runtime import RuntimeResources, open_resources
from gateway.services.cursor import PageArguments
from gateway.services.directory import Directory
from gateway.services.fan_out import FanOut
from gateway.services.indexed_after_sales import AfterSaleListing, IndexedAfterSaleService
from gateway.settings import Settings
from gateway.store.inbox import EventBody, NewEvent
from gateway.store.index_progress import IndexReach
from schema.after_sale import AfterSale, AfterSaleFilter, AfterSaleSortKey
from schema.key import Key
from schema.scope import Scope
from tests.e2e.test_weixin_store_after_sales import Store, weixin
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import configuration
from tests.index.contents import FRESH, index_of
from tests.index.test_reconciliation import processor_of

VIEWER = Viewer(name="test", scopes=frozenset(Scope), shops=ALL_SHOPS, key_id="")
OPEN = AfterSaleListing(chosen=AfterSaleFilter(open=True), sort_key=AfterSaleSortKey.ANSWER_BEFORE)


@pytest.fixture
async def opened(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[RuntimeResources]:
    """A gateway's parts over a Weixin Store; nothing is indexed yet."""
    given = configuration(sandbox, tmp_path, **weixin(sandbox))
    async with open_resources(Settings.from_dict(PLATFORMS, given), Clock()) as parts:
        yield parts


async def read(parts: RuntimeResources, id_: str) -> AfterSale:
    """The after-sale, read through the port whose reads are recorded."""
    key, port = Key.decode(id_), parts.adapters["weixin"].after_sales
    assert port is not None
    found = await port.get(key.platform_id, key.part, FRESH)
    assert found is not None
    return found


async def listed(parts: RuntimeResources, listing: AfterSaleListing = OPEN) -> list[AfterSale]:
    """A list that the index answers."""
    asked = PageArguments(size=20)
    page = await parts.services.after_sales.page(listing, asked, VIEWER, ReadOptions())
    assert {source.state.name for source in page.page.sources} == {"INDEXED"}
    return list(page.page.nodes)


def told(after_sale: AfterSale) -> tuple[Any, ...]:
    """What an after-sale tells, its document apart."""
    return (
        after_sale.key,
        after_sale.platform_status,
        after_sale.kind,
        after_sale.refund,
        after_sale.items,
        after_sale.created_at,
        after_sale.updated_at,
        after_sale.reason_given,
        after_sale.answer_before,
        after_sale.details,
        after_sale.open_id,
    )


async def test_what_was_read_is_listed_by_deadline_as_the_platform_told_it(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    store = Store(sandbox)
    first, second = [await read(opened, store.open()) for _ in range(2)]
    assert first.answer_before is not None
    assert await index_of(opened).recorder.flush() == 2

    found = await listed(opened)

    by_id = {one.platform_id: one for one in found}
    for one in (first, second):
        kept = by_id[one.platform_id]
        assert told(kept) == told(one)
        assert kept.raw_source is not None
        assert one.raw_source is not None
        assert kept.raw_source() == one.raw_source()
    soon = first.answer_before.timestamp() - 3_600
    none = AfterSaleFilter(answer_before=datetime.fromtimestamp(soon, UTC))
    assert await listed(opened, AfterSaleListing(chosen=none)) == []


async def test_nothing_that_a_buyer_wrote_is_kept_in_plain(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    store = Store(sandbox)
    port = opened.adapters["weixin"].index_after_sales
    assert port is not None

    kept = port.split(await read(opened, store.open(desc="call 13800000000")))

    assert kept.personal is not None
    assert b"13800000000" in kept.personal
    for personal in ("13800000000", "openid", "media_id_list", "reject_reason", "reason_text"):
        assert personal not in kept.document


async def test_the_reconciler_takes_in_what_changed(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    store, index = Store(sandbox), index_of(opened)
    id_ = store.open()
    reach = IndexReach(shop="weixin", kind="after_sales", in_step_at=time.time() - 200_000)
    async with opened.store.transaction() as transaction:
        await opened.store.index_progress.put(transaction, reach)
    reconciliation = IndexReconciliation(opened.store, index.writer, time.time)

    await reconciliation.reconcile(index.adapters["weixin"], int(time.time()))

    assert [one.key.encode() for one in await listed(opened)] == [id_]
    store.act(id_, "cancel")
    await reconciliation.reconcile(index.adapters["weixin"], int(time.time()))
    assert await listed(opened) == []


async def test_an_older_answer_and_the_order_change_nothing(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    store, index = Store(sandbox), index_of(opened)
    id_ = store.open()
    asked = await read(opened, id_)
    store.act(id_, "cancel")
    cancelled = await read(opened, id_)

    await put_after_sales(opened.store, index.writer, [cancelled], 2.0)
    await put_after_sales(opened.store, index.writer, [asked], 1.0)

    assert await listed(opened) == []
    closed = AfterSaleListing(chosen=AfterSaleFilter(open=False))
    assert [one.platform_status for one in await listed(opened, closed)] == ["USER_CANCELD"]


async def test_the_index_has_the_after_sales_of_orders_newest_first(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    store, adapter = Store(sandbox), opened.adapters["weixin"]
    order = store.order(count=2)
    ids = [store.open(order) for _ in range(2)]
    for id_ in ids:
        await read(opened, id_)
    await index_of(opened).recorder.flush()
    directory = Directory(opened.adapters)
    fan_out = FanOut(directory, Clock().monotonic)
    service = IndexedAfterSaleService(directory, fan_out, opened.store, time.time, on=True)
    with_some, without = Key("Order", "weixin", order["order_id"]), Key("Order", "weixin", "1")

    found = await service.of_orders(adapter, [with_some, without])

    assert {key: [one.key.encode() for one in some] for key, some in found.items()} == {
        with_some: ids[::-1],
        without: [],
    }
    assert await service.of_orders(adapter, []) == {}


async def test_an_event_has_the_after_sale_read_and_its_change_told(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    store = Store(sandbox)
    id_ = store.open()
    key = Key.decode(id_)

    async def event(number: str) -> None:
        new = NewEvent(
            shop="weixin",
            kind="channels_ec_aftersale_update",
            identity=(number,),
            trusted=True,
            event_at=None,
            body=EventBody(order_id=key.platform_id, after_sale_id=key.part),
        )
        async with opened.store.transaction() as transaction:
            await opened.store.inbox.receive(transaction, new)
        processor = processor_of(opened)
        assert await processor.work() == 1
        await processor.idle()

    await event("opened")
    assert [one.key for one in await listed(opened)] == [key]
    store.act(id_, "cancel")
    await event("cancelled")
    await event("cancelled again")

    assert await listed(opened) == []
    changes = [one.change for one in await opened.store.object_changes.after(0, limit=10)]
    assert [
        (one.kind, one.platform_id, one.order_id, one.previous_status, one.status)
        for one in changes
    ] == [
        ("AfterSale", key.part, key.platform_id, None, "APPLYING"),
        ("AfterSale", key.part, key.platform_id, "APPLYING", "CLOSED"),
    ]


async def test_the_platform_s_list_goes_back_as_far_as_it_is_asked_to(
    opened: RuntimeResources, sandbox: Sandbox
) -> None:
    store = Store(sandbox)
    ids = [store.open() for _ in range(12)]
    port = index_of(opened).adapters["weixin"].after_sales
    assert port is not None
    sandbox.clear_log()

    first = await port.page(AfterSaleQuery(), None, 10, ReadOptions())
    calls = sandbox.counts()["/channels/ec/aftersale/getaftersalelist"]

    # Two pages of ids of today, and seven days before it that are asked for at once.
    assert calls == 9
    assert [one.key.encode() for one in first.items] == ids[:1:-1]
    assert first.more
