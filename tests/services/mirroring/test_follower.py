"""Copies follow their orders, whatever becomes of another shop's platform."""

from pathlib import Path

from structlog.testing import capture_logs

from gateway.concurrency.clock import Clock
from gateway.inbox.reconciler import Reconciler
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.ports import ReadOptions
from gateway.registry import PLATFORMS
from gateway.runtime import RuntimeResources, open_resources
from gateway.services.mirroring.follower import MirrorFollower
from gateway.services.writing.record_change import OrderChangeRecorder
from gateway.settings import Settings
from gateway.store.documents import MirrorDocument
from gateway.store.mirrors import Mirror
from gateway.store.order_changes import NewOrderChange
from tests.e2e.test_mirrors import PAGES, shops, swan_order
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration


def change(shop: str, order: str) -> NewOrderChange:
    return NewOrderChange(
        shop=shop, platform_id=order, status="SHIPPED", previous_status=None, cause="POLL"
    )


async def test_a_platform_that_is_down_holds_up_no_other_shop_s_copies(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    assert serve is not None
    nobody = "http://127.0.0.1:9"
    down = {"key": "down", "platform": "wechat_store", "name": "down", "base_url": nobody}
    secret = {"app_id": FLAGSHIP.app_id, "app_secret": FLAGSHIP.secret}
    mirrors = [{"from": source, "to": "mini", **PAGES} for source in ("down", "flagship")]
    usual = shops(sandbox, tmp_path)
    sections = configuration(sandbox, tmp_path, shops=[down | secret, *usual], mirrors=mirrors)
    clock = Clock()
    async with open_resources(Settings.from_dict(PLATFORMS, sections), clock) as opened:
        store = opened.store
        keeper = opened.services.mirror_synchroniser
        follower = MirrorFollower(store, keeper, ["down", "flagship"], clock.wall)
        await follower.work()
        began = (await store.order_changes.kept()).newest
        async with store.transaction() as transaction:
            changes = [change("down", "1"), change("flagship", "2")]
            await store.order_changes.append(transaction, changes)

        with capture_logs() as lines:
            assert await follower.work() == 2
            assert await follower.work() == 0
        (line,) = [line for line in lines if line["event"].startswith("mirroring.follow.")]
        assert (line["event"], line["shop"]) == ("mirroring.follow.failed", "down")
        assert await store.mirrors.followed("flagship") == began + 2
        assert await store.mirrors.followed("down") == began


async def test_an_outage_is_two_lines_however_often_the_shop_is_tried(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    assert serve is not None
    mirrors = [{"from": "flagship", "to": "mini", **PAGES}]
    sections = configuration(sandbox, tmp_path, shops=shops(sandbox, tmp_path), mirrors=mirrors)
    clock = Clock()
    async with open_resources(Settings.from_dict(PLATFORMS, sections), clock) as opened:
        store = opened.store
        keeper = opened.services.mirror_synchroniser
        follower = MirrorFollower(store, keeper, ["flagship"], clock.wall)
        await follower.work()
        async with store.transaction() as transaction:
            await store.order_changes.append(transaction, [change("flagship", "2")])
        sandbox.fault("http_status", 503, times=None, platform="wechat_store")
        with capture_logs() as lines:
            for _ in range(3):
                assert await follower.work() == 0
            sandbox.clear_faults()
            assert await follower.work() == 1

    began, ended = [line for line in lines if line["event"].startswith("mirroring.follow.")]
    assert (began["event"], began["failure"]) == ("mirroring.follow.failed", "PlatformUnavailable")
    assert (ended["event"], ended["failures"]) == ("mirroring.follow.recovered", 3)
    assert began["shop"] == ended["shop"] == "flagship"


async def test_another_replica_goes_on_at_once_with_what_a_killed_one_followed(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    assert serve is not None
    mirrors = [{"from": "flagship", "to": "mini", **PAGES}]
    sections = configuration(sandbox, tmp_path, shops=shops(sandbox, tmp_path), mirrors=mirrors)
    clock = Clock()
    async with open_resources(Settings.from_dict(PLATFORMS, sections), clock) as opened:
        keeper = opened.services.mirror_synchroniser
        killed, other = (
            MirrorFollower(opened.store, keeper, ["flagship"], clock.wall) for _ in range(2)
        )
        for follower in (killed, killed, other):
            async with opened.store.transaction() as transaction:
                await opened.store.order_changes.append(transaction, [change("flagship", "2")])
            done = await follower.work()

        assert done == 1


async def copied(opened: RuntimeResources, sandbox: Sandbox) -> str:
    """Answer an order that was copied to Baidu, as by orderMirror."""
    name = str(sandbox.order(open_id="oStoreBuyer1")["order_id"])
    port = opened.adapters["flagship"].orders
    assert port is not None
    mirror = Mirror(
        shop="flagship",
        platform_id=name,
        to_shop="swan",
        to_platform_id=name,
        settings=MirrorDocument(kind="PHYSICAL", title="订单"),
        to_open_id="swan-buyer",
    )
    read_at = opened.supervision.clock.wall()
    order = (await port.get_many([name], ReadOptions()))[name]
    done = await opened.services.mirror_synchroniser.mirror(mirror, order, read_at)
    assert done.push_id is not None
    return name


async def test_a_change_that_only_the_first_reconciliation_finds_reaches_the_copy(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    assert serve is not None
    sections = configuration(sandbox, tmp_path, shops=shops(sandbox, tmp_path))
    clock = Clock()
    async with open_resources(Settings.from_dict(PLATFORMS, sections), clock) as opened:
        keeper = opened.services.mirror_synchroniser
        follower = MirrorFollower(opened.store, keeper, ["flagship"], clock.wall)
        await follower.work()
        name = await copied(opened, sandbox)
        sandbox.set_order_status(name, 5)

        sources = {"flagship": opened.adapters["flagship"]}
        await Reconciler(opened.store, sources, opened.notifier.notify, clock.wall).work()
        await follower.work()

    assert swan_order(sandbox, name)["main"]["Status"] == 200


async def test_an_order_that_changes_while_it_is_copied_is_read_again(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    assert serve is not None
    sections = configuration(sandbox, tmp_path, shops=shops(sandbox, tmp_path))
    async with open_resources(Settings.from_dict(PLATFORMS, sections), Clock()) as opened:
        name = await copied(opened, sandbox)
        (mirror,) = await opened.store.mirrors.of_orders("flagship", [name])
        port = opened.adapters["flagship"].orders
        assert port is not None
        read_at = opened.supervision.clock.wall()
        order = (await port.get_many([name], ReadOptions(fresh=True)))[name]
        sandbox.set_order_status(name, 5)
        later = (await port.get_many([name], ReadOptions(fresh=True)))[name]
        recorder = OrderChangeRecorder(opened.store, opened.notifier.notify)
        await recorder.record(later, opened.supervision.clock.wall())

        await opened.services.mirror_synchroniser.mirror(mirror, order, read_at)

    assert swan_order(sandbox, name)["main"]["Status"] == 200


async def test_an_order_that_cannot_be_read_holds_up_no_other(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    assert serve is not None
    sections = configuration(sandbox, tmp_path, shops=shops(sandbox, tmp_path))
    clock = Clock()
    async with open_resources(Settings.from_dict(PLATFORMS, sections), clock) as opened:
        keeper = opened.services.mirror_synchroniser
        follower = MirrorFollower(opened.store, keeper, ["flagship"], clock.wall)
        await follower.work()
        orders = [await copied(opened, sandbox) for _ in range(2)]
        for order in orders:
            sandbox.set_order_status(order, 5)
        async with opened.store.transaction() as transaction:
            changes = [change("flagship", order) for order in orders]
            await opened.store.order_changes.append(transaction, changes)
        # Both when they are read together, and then the first of them.
        bad = {"errcode": 0, "order": 7}
        sandbox.fault("body", bad, path="/merchant/order/getbyid", times=3)
        with capture_logs() as lines:
            await follower.work()

    unreadable = [line["order"] for line in lines if line["event"] == "mirroring.order.unreadable"]
    assert unreadable == [min(orders)]
    statuses = [swan_order(sandbox, order)["main"]["Status"] for order in sorted(orders)]
    assert statuses == [5, 200]
