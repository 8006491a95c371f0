"""The registry finds each platform's folder."""

import subprocess
import sys
from pathlib import Path

import pytest

import gateway.platforms
from gateway.platform_kit.connection import PlatformClients
from gateway.platforms.baidu.settings import BaiduShopSettings
from gateway.platforms.mini_program.settings import MiniProgramShopSettings
from gateway.platforms.wechat_store.settings import WechatStoreShopSettings
from gateway.platforms.weixin_store.settings import WeixinStoreShopSettings
from gateway.registry import PLATFORMS, build_adapters, platform_of, sandbox_parts
from gateway.sandbox.part import accounts_of
from gateway.settings.shops import ShopSettings
from gateway.store.store import Store
from schema.key import Key
from schema.platform import Capability, Platform


def test_folders_and_members_agree() -> None:
    (place,) = gateway.platforms.__path__
    folders = {path.parent.name for path in Path(place).glob("*/__init__.py")}

    assert folders == {platform.value.lower() for platform in Platform}


def test_every_platform_has_its_descriptor() -> None:
    assert [known.platform for known in PLATFORMS] == list(Platform)
    assert [known.name for known in PLATFORMS] == [member.value.lower() for member in Platform]


def test_every_platform_brings_its_part_of_the_sandbox() -> None:
    names = [part.name for part in sandbox_parts()]

    assert names == [platform.value.lower() for platform in Platform]
    assert {account.platform for account in accounts_of(sandbox_parts())} == set(names)


def test_what_serves_the_gateway_loads_no_sandbox_and_exports_no_traces() -> None:
    code = (
        "import sys, gateway.cli.serve, gateway.cli.worker_process, gateway.cli.entry\n"
        "from gateway.registry import PLATFORMS\n"
        "print([name for name in sys.modules if 'sandbox' in name.split('.')])\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry.exporter')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout == "[]\n[]\n"


async def test_adapters_keep_the_order_of_the_configuration(
    clients: PlatformClients, ledger: Store
) -> None:
    wechat = {"app_id": "wx1", "app_secret": "secret"}
    shops: list[ShopSettings] = [
        BaiduShopSettings.model_validate(
            {"key": "swan", "platform": "baidu", "app_key": "a1", "app_secret": "secret"}
        ),
        WechatStoreShopSettings.model_validate(
            {"key": "second", "platform": "wechat_store", **wechat}
        ),
        MiniProgramShopSettings.model_validate(
            {"key": "mini", "platform": "mini_program", "name": "小程序", **wechat}
        ),
    ]
    adapters = build_adapters(shops, clients, ledger, lambda: 1_700_000_000.0)

    assert list(adapters) == ["swan", "second", "mini"]
    assert [(adapter.shop.platform, adapter.shop.name) for adapter in adapters.values()] == [
        (Platform.BAIDU, "swan"),
        (Platform.WECHAT_STORE, "second"),
        (Platform.MINI_PROGRAM, "小程序"),
    ]
    assert adapters["second"].shop.key == Key("Shop", "second")
    assert [adapter.traits for adapter in adapters.values()] == [
        platform_of(settings) for settings in shops
    ]


async def test_a_platform_accepts_orders_where_its_adapters_do(
    clients: PlatformClients, ledger: Store
) -> None:
    wechat = {"app_id": "wx1", "app_secret": "secret"}
    shops: list[ShopSettings] = [
        BaiduShopSettings.model_validate(
            {"key": "swan", "platform": "baidu", "app_key": "a1", "app_secret": "secret"}
        ),
        WechatStoreShopSettings.model_validate(
            {"key": "store", "platform": "wechat_store", **wechat}
        ),
        WeixinStoreShopSettings.model_validate(
            {"key": "weixin", "platform": "weixin_store", **wechat}
        ),
        MiniProgramShopSettings.model_validate(
            {"key": "mini", "platform": "mini_program", **wechat}
        ),
    ]
    adapters = build_adapters(shops, clients, ledger, lambda: 1_700_000_000.0)

    assert {platform_of(shop).name for shop in shops} == {known.name for known in PLATFORMS}
    for adapter in adapters.values():
        assert adapter.traits.accepts_orders is (adapter.accepts_orders is not None)
        assert adapter.traits.accepts_orders is (adapter.deliveries is not None)


@pytest.mark.parametrize(("token", "receives"), [({}, False), ({"event_token": "t"}, True)])
async def test_a_shop_receives_events_where_their_token_is_configured(
    clients: PlatformClients, ledger: Store, token: dict[str, str], *, receives: bool
) -> None:
    wechat = {"app_id": "wx1", "app_secret": "secret", **token}
    shops: list[ShopSettings] = [
        WechatStoreShopSettings.model_validate(
            {"key": "store", "platform": "wechat_store", **wechat}
        ),
        MiniProgramShopSettings.model_validate(
            {"key": "mini", "platform": "mini_program", **wechat}
        ),
    ]
    adapters = build_adapters(shops, clients, ledger, lambda: 1_700_000_000.0)

    assert [
        Capability.RECEIVE_ORDER_EVENTS in adapter.capabilities for adapter in adapters.values()
    ] == [receives, receives]


def test_the_credentials_of_every_platform_can_change_without_a_restart() -> None:
    assert [platform.name for platform in PLATFORMS if platform.tokens is None] == []
