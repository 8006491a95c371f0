"""What is remembered of orders that a list showed."""

from gateway.platforms.wechat_store.adapter.seen_orders import SeenOrder, SeenOrders
from gateway.platforms.wechat_store.wire.order import OrdersRequest

FIRST, SECOND = OrdersRequest(begintime=1), OrdersRequest(begintime=2)


def test_the_last_sighting_counts() -> None:
    seen = SeenOrders()
    seen.note(["a", "b"], FIRST, 10)
    seen.note(["b"], SECOND, 20)

    assert seen.of("a") == SeenOrder(FIRST, 10)
    assert seen.of("b") == SeenOrder(SECOND, 20)
    assert seen.of("c") is None


def test_what_was_seen_longest_ago_is_forgotten_first() -> None:
    seen = SeenOrders(most=2)
    seen.note(["a", "b"], FIRST, 10)
    seen.note(["a"], SECOND, 20)
    seen.note(["c"], SECOND, 30)

    assert seen.of("b") is None
    assert seen.of("a") == SeenOrder(SECOND, 20)
    assert seen.of("c") == SeenOrder(SECOND, 30)
