import pytest

from gateway.platforms.weixin_store.mapping.status import order_status
from schema.order_status import OrderStatus


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (10, OrderStatus.AWAITING_PAYMENT),
        (12, OrderStatus.AWAITING_CONFIRMATION),
        (13, OrderStatus.AWAITING_CONFIRMATION),
        (17, OrderStatus.UNKNOWN),
        (20, OrderStatus.AWAITING_SHIPMENT),
        (21, OrderStatus.PARTIALLY_SHIPPED),
        (30, OrderStatus.SHIPPED),
        (100, OrderStatus.COMPLETED),
        (190, OrderStatus.CLOSED),
        (200, OrderStatus.REFUNDED),
        (250, OrderStatus.CLOSED),
        (0, OrderStatus.UNKNOWN),
        (None, OrderStatus.UNKNOWN),
    ],
)
def test_an_order_s_status(code: int | None, status: OrderStatus) -> None:
    assert order_status(code) is status
