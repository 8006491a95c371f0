"""The sample shop: the same each time, believable, and of placeholders only."""

import re
from collections import Counter

import pytest

from gateway.sandbox.sample_shop import NAMES, SampleShop, sample_shop

NOW = 1_700_000_000
DAY = 86_400


@pytest.fixture(scope="module")
def shop() -> SampleShop:
    return sample_shop(NOW, 1)


def test_the_same_arguments_give_the_same_shop(shop: SampleShop) -> None:
    assert sample_shop(NOW, 1) == shop
    assert sample_shop(NOW, 1).orders("any", 120) == shop.orders("any", 120)
    assert sample_shop(NOW, 2).orders("any", 120) != shop.orders("any", 120)


def test_no_purpose_changes_the_orders_of_another(shop: SampleShop) -> None:
    first = shop.orders("one", 10)
    assert shop.orders("other", 10) != first
    assert shop.orders("one", 10) == first


def test_all_times_follow_now(shop: SampleShop) -> None:
    times = [order.created for order in shop.orders("any", 120)]
    later = [order.created for order in sample_shop(NOW + 1000, 1).orders("any", 120)]
    assert later == [time + 1000 for time in times]
    assert times == sorted(times, reverse=True)
    assert min(times) > NOW - 90 * DAY - 120
    assert max(times) < NOW


def test_the_shop_is_as_large_as_promised(shop: SampleShop) -> None:
    assert len(shop.products) == 41
    assert sum(len(product.skus) for product in shop.products) == 109
    assert len({product.title for product in shop.products}) == 41
    assert Counter(product.on_shelf for product in shop.products) == {True: 38, False: 3}
    assert any(len(order.lines) > 1 for order in shop.orders("any", 120))


def test_people_are_placeholders(shop: SampleShop) -> None:
    assert {buyer.name for buyer in shop.buyers} <= set(NAMES)
    assert all(re.fullmatch(r"1380000\d{4}", buyer.mobile) for buyer in shop.buyers)
    assert all(re.fullmatch(r"示例路\d+号", buyer.street) for buyer in shop.buyers)
    for buyer in shop.buyers:
        assert len({buyer.open_id(app) for app in ("one", "other", "third")}) == 3
