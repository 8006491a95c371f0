"""The adapter of a shop as a whole: what it can do, and how it fares."""

from datetime import UTC, datetime

import pytest

from gateway.errors import PlatformCredentials
from gateway.platforms.wechat_store.sandbox.invented import Codes, Invented
from gateway.platforms.wechat_store.sandbox.part import WechatStoreSandbox
from gateway.ports import ReadOptions
from gateway.sandbox.app import create_sandbox
from schema.platform import Availability, Capability, Platform
from tests.fixtures_platform_clients import NOW
from tests.fixtures_sandbox import Sandbox, served
from tests.platforms.wechat_store.conftest import OpenShop


def test_what_the_shop_can_do(open_shop: OpenShop) -> None:
    adapter = open_shop(name="旗舰店")

    assert adapter.shop.key_name == "flagship"
    assert adapter.shop.name == "旗舰店"
    assert adapter.shop.platform is Platform.WECHAT_STORE
    assert adapter.shop.capabilities == [
        Capability.READ_PRODUCTS,
        Capability.READ_SHELVES,
        Capability.READ_GROUPS,
        Capability.READ_DELIVERY_TEMPLATES,
        Capability.READ_ORDERS,
        Capability.READ_AFTER_SALES,
        Capability.WRITE_PRODUCTS,
        Capability.ADJUST_STOCK,
        Capability.UPLOAD_IMAGES,
        Capability.WRITE_GROUPS,
        Capability.WRITE_SHELVES,
        Capability.WRITE_DELIVERY_TEMPLATES,
        Capability.SHIP_ORDERS,
        Capability.CLOSE_ORDERS,
    ]
    assert adapter.partner_orders is None
    assert adapter.wanted_items is None


async def test_credentials_that_work(open_shop: OpenShop, store: Sandbox) -> None:
    await open_shop().check.credentials()

    assert store.counts() == {"/cgi-bin/stable_token": 1}


async def test_a_wrong_secret_is_told_without_the_secret(
    open_shop: OpenShop, store: Sandbox
) -> None:
    adapter = open_shop(secret="not-the-secret")
    assert adapter.groups is not None

    with pytest.raises(PlatformCredentials) as refusal:
        await adapter.check.credentials()
    with pytest.raises(PlatformCredentials):
        await adapter.groups.all(ReadOptions())

    health = adapter.health()
    assert health.availability is Availability.DOWN
    assert isinstance(health.last_error, PlatformCredentials)
    assert health.last_error.endpoint == "stable_token"
    assert "not-the-secret" not in str(refusal.value)
    assert set(store.counts()) == {"/cgi-bin/stable_token"}


async def test_health_follows_the_calls(open_shop: OpenShop, store: Sandbox) -> None:
    adapter = open_shop()
    assert adapter.groups is not None
    before = adapter.health()
    await adapter.groups.all(ReadOptions())
    after = adapter.health()
    store.fault("errcode", 45009)
    await adapter.groups.all(ReadOptions(fresh=True))

    assert before.availability is Availability.UNKNOWN
    assert after.availability is Availability.UP
    assert after.last_success_at == datetime.fromtimestamp(NOW, UTC)
    assert after.token_expires_at is not None


async def test_no_code_of_the_store_is_relied_upon(open_shop: OpenShop) -> None:
    codes = Codes(product_not_found=5, order_not_found=6, shelf_not_found=7, group_not_found=8)
    with served(create_sandbox([WechatStoreSandbox(Invented(codes=codes))])) as other:
        adapter = open_shop(base_url=other.base_url)
        assert adapter.products is not None
        assert adapter.orders is not None
        assert adapter.shelves is not None
        assert adapter.groups is not None

        assert await adapter.products.get_many(["gone"], ReadOptions()) == {}
        assert await adapter.orders.get_many(["7"], ReadOptions()) == {}
        assert await adapter.shelves.get("7", ReadOptions()) is None
        assert await adapter.groups.get_many(["7"], ReadOptions()) == {}
