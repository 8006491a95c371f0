"""A smart program on the sandbox, over an empty ledger."""

from typing import Any

import pytest

from gateway.platform_kit.connection import PlatformClients
from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.platforms.baidu.settings import BaiduShopSettings
from gateway.ports import Adapter
from gateway.registry import build_adapters
from gateway.store.store import Store
from tests.fixtures_ledger import NOW
from tests.fixtures_sandbox import Sandbox


def settings(base_url: str, **more: Any) -> BaiduShopSettings:
    """Answer the shop's section of a configuration."""
    section = {
        "key": "swan",
        "platform": "baidu",
        "name": "百度智能小程序",
        "app_key": SWAN.app_id,
        "app_secret": SWAN.secret,
        "base_url": base_url,
    }
    return BaiduShopSettings.model_validate(section | more)


@pytest.fixture
def adapter(sandbox: Sandbox, clients: PlatformClients, ledger: Store) -> Adapter:
    """Answer the shop's adapter; its clock stands still at NOW."""
    return build_adapters([settings(sandbox.base_url)], clients, ledger, lambda: NOW)["swan"]
