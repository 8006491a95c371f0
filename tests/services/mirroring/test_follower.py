"""Copies follow their orders, whatever becomes of another shop's platform."""

from pathlib import Path

from structlog.testing import capture_logs

from gateway.concurrency.clock import Clock
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.registry import PLATFORMS
from gateway.runtime import open_resources
from gateway.services.mirroring.follower import MirrorFollower
from gateway.settings import Settings
from gateway.store.order_changes import NewOrderChange
from tests.e2e.test_mirrors import PAGES, shops
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
