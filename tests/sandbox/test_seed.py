"""The sample shop: the same each time, believable, and true to the platforms' own rules."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from gateway.sandbox.accounts import FLAGSHIP, MINI, SWAN
from gateway.sandbox.seed import SeedShop, seed
from gateway.sandbox.seed.buyers import NAMES
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import ask_baidu, ask_store, import_orders

NOW = 1_700_000_000
DAY = 86_400


@pytest.fixture(scope="module")
def shop() -> SeedShop:
    return seed(NOW, 1)


def test_the_same_arguments_give_the_same_shop(shop: SeedShop) -> None:
    assert seed(NOW, 1) == shop
    assert seed(NOW, 2).store_orders != shop.store_orders


def test_all_times_follow_now(shop: SeedShop) -> None:
    later = seed(NOW + 1000, 1)
    times = [order["order_create_time"] for order in shop.store_orders]
    assert [order["order_create_time"] for order in later.store_orders] == [t + 1000 for t in times]
    assert times == sorted(times)
    assert min(times) > NOW - 90 * DAY - 120
    assert max(times) < NOW


def test_the_shop_is_as_large_as_promised(shop: SeedShop) -> None:
    assert len(shop.products) == 41
    assert sum(len(product.skus) for product in shop.products) == 109
    assert len({product.title for product in shop.products}) == 41
    assert (len(shop.store_orders), len(shop.mini_orders), len(shop.baidu_orders)) == (120, 40, 40)
    assert Counter(product.on_shelf for product in shop.products) == {True: 38, False: 3}
    assert any(len(order["products"]) > 1 for order in shop.store_orders)
    regional = [fee["Custom"] for template in shop.templates for fee in template["TopFee"]]
    assert any(regional)


def test_every_status_is_there(shop: SeedShop) -> None:
    assert {order["order_status"] for order in shop.store_orders} == {2, 3, 5, 8}
    assert {order.wire["status"] for order in shop.mini_orders} == {3, 4, 5, 12, 100}
    statuses = {order.wire["Status"] for order in shop.baidu_orders}
    assert statuses == {1, 3, 5, 6, 100, 200, 300}
    subs = [order.wire["EXT"].get("SubsOrder") for order in shop.baidu_orders]
    assert {sub["Status"] for sub in subs if sub} == {400, 401, 402, 403, 404, 407}


def test_a_product_has_one_title_on_all_platforms(shop: SeedShop) -> None:
    by_store_id = {product.store_id: product.title for product in shop.products}
    by_code = {product.code: product.title for product in shop.products}
    for order in shop.store_orders:
        for line in order["products"]:
            assert by_store_id[line["product_id"]] == line["product_name"]
    for listed in shop.mini_orders:
        for line in listed.wire["ext_info"]["product_info"]["item_list"]:
            assert by_code[line["item_code"]] == line["title"]
    for record in shop.baidu_orders:
        for line in record.wire["EXT"]["MainOrder"]["Products"]:
            assert by_code[line["ID"]] == line["Name"]


def test_amounts_add_up(shop: SeedShop) -> None:
    for order in shop.store_orders:
        lines = sum(line["product_price"] * line["product_count"] for line in order["products"])
        assert order["order_total_price"] == lines + order["order_express_price"]
    for listed in shop.mini_orders:
        more = listed.wire["ext_info"]
        lines = sum(item["total_fee"] for item in more["product_info"]["item_list"])
        discount = more.get("promotion_info", {"discount_fee": 0})["discount_fee"]
        assert listed.wire["fee"] == lines + more["express_info"]["price"] - discount


def consistent(prices: dict[str, Any]) -> bool:
    original = prices["original_order_price"]
    received = (
        original
        - prices["discounted_price"]
        - prices["deduction_price"]
        - prices["change_down_price"]
    )
    return bool(
        original == prices["product_price"] + prices["freight"]
        and prices["merchant_receieve_price"] == received
        and prices["order_price"] == received - prices["finder_discounted_price"]
    )


def test_the_partner_orders_satisfy_the_formulas_but_one(shop: SeedShop) -> None:
    prices = [order.wire["order_detail"]["price_info"] for order in shop.partner_orders[1:]]
    assert [consistent(known) for known in prices].count(False) == 1
    assert [("status" in order.wire) for order in shop.partner_orders[1:]].count(False) == 1


def test_people_are_placeholders(shop: SeedShop) -> None:
    assert {buyer.name for buyer in shop.buyers} <= set(NAMES)
    assert all(re.fullmatch(r"1380000\d{4}", buyer.mobile) for buyer in shop.buyers)
    assert all(re.fullmatch(r"示例路\d+号", buyer.street) for buyer in shop.buyers)
    for buyer in shop.buyers:
        assert len({buyer.store_open_id, buyer.mini_open_id, buyer.baidu_open_id}) == 3
    written = json.dumps([order.wire for order in shop.mini_orders], ensure_ascii=False)
    assert set(re.findall(r'"phone": "(1\d+)"', written)) <= {b.mobile for b in shop.buyers}


def test_the_store_itself_would_accept_every_product_and_shelf(sandbox: Sandbox) -> None:
    token = sandbox.token(FLAGSHIP)
    shop = sandbox.state()["stores"][FLAGSHIP.app_id]
    for product in shop["products"].values():
        assert ask_store(sandbox, "create", product["document"], token)["errcode"] == 0
    for shelf in shop["shelves"].values():
        body = {**shelf, "shelf_data": shelf["shelf_info"]}
        assert ask_store(sandbox, "shelf.add", body, token)["errcode"] == 0
    for template in shop["templates"].values():
        added = ask_store(sandbox, "express.add", {"delivery_template": template}, token)
        assert added["errcode"] == 0


def test_the_shopping_list_itself_would_accept_every_order(sandbox: Sandbox) -> None:
    orders = sandbox.state()["minis"][MINI.app_id]["orders"].values()
    for number, order in enumerate(orders):
        document = {**order["document"], "order_id": f"again{number}"}
        if document["status"] == 12:
            document["status"] = 3
        assert import_orders(sandbox, "add-order", document)["errcode"] == 0


def test_the_order_centre_itself_would_accept_every_order(sandbox: Sandbox) -> None:
    orders = sandbox.state()["swans"][SWAN.app_id]["orders"].values()
    for order in orders:
        record = order["main"]
        if order["subs"]:
            record["EXT"]["SubsOrder"] = order["subs"]
        query = {"open_id": order["open_id"]}
        assert ask_baidu(sandbox, "add.main.info", {"Data": [record]}, query)["errno"] == 0
