"""The sample shop in the WeChat Store's form: believable, and true to the store's own rules."""

import pytest

from gateway.platforms.wechat_store.sandbox.sample import sample_orders
from gateway.platforms.wechat_store.sandbox.sample_products import product_id
from gateway.platforms.wechat_store.sandbox.sample_storefront import sample_templates
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.sandbox.sample_shop import SampleShop, sample_shop
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import ask_store

NOW = 1_700_000_000
DAY = 86_400


@pytest.fixture(scope="module")
def shop() -> SampleShop:
    return sample_shop(NOW, 1)


def test_the_same_arguments_give_the_same_orders(shop: SampleShop) -> None:
    assert sample_orders(sample_shop(NOW, 1)) == sample_orders(shop)
    assert sample_orders(sample_shop(NOW, 2)) != sample_orders(shop)


def test_all_times_follow_now(shop: SampleShop) -> None:
    later = sample_orders(sample_shop(NOW + 1000, 1))
    times = [order["order_create_time"] for order in sample_orders(shop)]
    assert [order["order_create_time"] for order in later] == [t + 1000 for t in times]
    assert times == sorted(times)
    assert min(times) > NOW - 90 * DAY - 120
    assert max(times) < NOW


def test_the_store_is_as_large_as_promised(shop: SampleShop) -> None:
    orders = sample_orders(shop)
    assert len(orders) == 120
    assert any(len(order["products"]) > 1 for order in orders)
    regional = [fee["Custom"] for template in sample_templates() for fee in template["TopFee"]]
    assert any(regional)


def test_every_status_is_there(shop: SampleShop) -> None:
    assert {order["order_status"] for order in sample_orders(shop)} == {2, 3, 5, 8}


def test_an_order_names_its_products_as_the_shop_does(shop: SampleShop) -> None:
    titles = {product_id(product): product.title for product in shop.products}
    for order in sample_orders(shop):
        for line in order["products"]:
            assert titles[line["product_id"]] == line["product_name"]


def test_amounts_add_up(shop: SampleShop) -> None:
    for order in sample_orders(shop):
        lines = sum(line["product_price"] * line["product_count"] for line in order["products"])
        assert order["order_total_price"] == lines + order["order_express_price"]


def test_the_store_itself_would_accept_every_product_and_shelf(sandbox: Sandbox) -> None:
    token = sandbox.token(FLAGSHIP)
    shop = sandbox.shops("wechat_store")[FLAGSHIP.app_id]
    for product in shop["products"].values():
        assert ask_store(sandbox, "create", product["document"], token)["errcode"] == 0
    for shelf in shop["shelves"].values():
        body = {**shelf, "shelf_data": shelf["shelf_info"]}
        assert ask_store(sandbox, "shelf.add", body, token)["errcode"] == 0
    for template in shop["templates"].values():
        added = ask_store(sandbox, "express.add", {"delivery_template": template}, token)
        assert added["errcode"] == 0
