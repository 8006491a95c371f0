"""A Mini Program on the sandbox, over an empty ledger."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from gateway.platform_kit.connection import PlatformClients
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.mini_program.settings import MiniProgramShopSettings
from gateway.ports import Adapter
from gateway.registry import build_adapters
from gateway.store.documents import OrderDocument, OrderItem, OrderPersonal
from gateway.store.partner_orders import PartnerOrder
from gateway.store.store import Store
from tests.fixtures_ledger import NOW
from tests.fixtures_sandbox import Sandbox

#: What the ledger says of its reads.
FETCHED_AT = datetime.fromtimestamp(NOW, UTC)


def settings(base_url: str, **more: Any) -> MiniProgramShopSettings:
    """Answer the shop's section of a configuration."""
    section = {
        "key": "mini",
        "platform": "mini_program",
        "name": "小程序",
        "app_id": MINI.app_id,
        "app_secret": MINI.secret,
        "base_url": base_url,
    }
    return MiniProgramShopSettings.model_validate(section | more)


@pytest.fixture
def adapter(sandbox: Sandbox, clients: PlatformClients, ledger: Store) -> Adapter:
    """Answer the shop's adapter; its clock stands still at FETCHED_AT."""
    return build_adapters([settings(sandbox.base_url)], clients, ledger, lambda: NOW)["mini"]


@pytest.fixture
def announce(ledger: Store) -> Callable[[str, str, int], Awaitable[None]]:
    """Answer what notes that the platform's event named an order: app id, order id, time."""

    async def note(app_id: str, order_id: str, event_at: int) -> None:
        async with ledger.transaction() as transaction:
            await ledger.partner_orders.announce(
                transaction, PartnerOrder("mini", app_id, order_id, event_at)
            )

    return note


@pytest.fixture
def keep(ledger: Store) -> Callable[..., Awaitable[None]]:
    """Answer what writes an order of the shopping list: its id and time, and other fields."""

    async def write(platform_id: str, created_at: int, **fields: Any) -> None:
        item = OrderItem(platform_product_id="p1", title="T恤", quantity=1, unit_price=990)
        document = OrderDocument(
            platform_id=platform_id,
            created_at=created_at,
            status="SHIPPED",
            platform_status="4",
            items=(item,),
            total=990,
        )
        document = msgspec.structs.replace(document, **fields)
        async with ledger.transaction() as transaction:
            personal = OrderPersonal(open_id=f"buyer-of-{platform_id}")
            await ledger.orders.put(transaction, "mini", document, personal)

    return write
