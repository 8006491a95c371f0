"""What the tests of orders ask, and what the sandbox holds for comparison."""

from datetime import UTC, date, datetime
from typing import Any

from gateway.china_days import midnight
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.ports import Adapter, OrderQuery, Page, Position, ReadOptions, ReadsOrders
from schema.order import Order
from tests.fixtures_sandbox import Sandbox

LIST = "/merchant/order/getbyfilter"
ONE = "/merchant/order/getbyid"
TOMORROW = midnight(date(2026, 11, 21))
SINCE = midnight(date(2014, 1, 1))

Raw = dict[str, Any]


def port_of(shop: Adapter) -> ReadsOrders:
    assert shop.orders is not None
    return shop.orders


def raw_orders(store: Sandbox) -> list[Raw]:
    """What the platform has, in the order of the list."""
    orders = list(store.shops("wechat_store")[FLAGSHIP.app_id]["orders"].values())
    return sorted(orders, key=lambda raw: (raw["order_create_time"], raw["order_id"]), reverse=True)


def raw_ids(orders: list[Raw]) -> list[str]:
    return [raw["order_id"] for raw in orders]


def ids_of(page: Page[Order]) -> list[str]:
    return [order.platform_id for order in page.items]


def asked_of(store: Sandbox) -> list[Raw]:
    return [request["body"] for request in store.requests(LIST)]


def moment_of(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def position_behind(order: Order) -> Position:
    assert order.created_at is not None
    return Position(int(order.created_at.timestamp()), order.platform_id)


async def read_page(
    shop: Adapter, query: OrderQuery | None = None, after: Position | None = None, first: int = 20
) -> Page[Order]:
    return await port_of(shop).page(query or OrderQuery(), after, first, ReadOptions())


def china_day(at: int) -> date:
    return datetime.fromtimestamp(at + 8 * 3600, UTC).date()
