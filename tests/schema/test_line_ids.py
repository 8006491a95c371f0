"""Ids of lines and parcels."""

from schema.key import Key
from schema.line_ids import line_id, positions

ORDER = Key("Order", "mini", "42")


def test_an_id_is_a_key_that_holds_the_order_s() -> None:
    made = line_id("OrderItem", ORDER, "p1", "s1", "0")

    assert Key.decode(made) == Key("OrderItem", "mini", "42", "\x1ep1\x1es1\x1e0")


def test_lines_of_different_orders_have_different_ids() -> None:
    orders = [
        ORDER,
        Key("Order", "swan", "42"),
        Key("Order", "mini", "43"),
        # A partner store's, whose app id is a part of the key.
        Key("Order", "mini", "42", "wxshop"),
    ]

    assert len({line_id("OrderItem", order, "p1", "", "0") for order in orders}) == 4


def test_positions_count_equal_goods_only() -> None:
    assert positions(["a", "b", "a", "c", "a", "b"]) == [0, 0, 1, 0, 2, 1]
    assert positions([]) == []
