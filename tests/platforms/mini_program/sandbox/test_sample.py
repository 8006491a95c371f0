"""The sample shopping list and partner orders: believable, and true to the pages' own rules."""

import json
import re
from typing import Any

import pytest

from gateway.platforms.mini_program.sandbox.sample import sample_imports
from gateway.platforms.mini_program.sandbox.sample_partner_orders import sample_partner_orders
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.sandbox.sample_shop import SampleShop, sample_shop
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import import_orders


@pytest.fixture(scope="module")
def shop() -> SampleShop:
    return sample_shop(1_700_000_000, 1)


def test_every_status_is_there(shop: SampleShop) -> None:
    orders = sample_imports(shop)
    assert len(orders) == 40
    assert {order.wire["status"] for order in orders} == {3, 4, 5, 12, 100}


def test_an_order_names_its_products_as_the_shop_does(shop: SampleShop) -> None:
    titles = {product.code: product.title for product in shop.products}
    for order in sample_imports(shop):
        for line in order.wire["ext_info"]["product_info"]["item_list"]:
            assert titles[line["item_code"]] == line["title"]


def test_amounts_add_up(shop: SampleShop) -> None:
    for order in sample_imports(shop):
        more = order.wire["ext_info"]
        lines = sum(item["total_fee"] for item in more["product_info"]["item_list"])
        discount = more.get("promotion_info", {"discount_fee": 0})["discount_fee"]
        assert order.wire["fee"] == lines + more["express_info"]["price"] - discount


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


def test_the_partner_orders_satisfy_the_formulas_but_one(shop: SampleShop) -> None:
    orders = sample_partner_orders(shop)[1:]
    prices = [order.wire["order_detail"]["price_info"] for order in orders]
    assert [consistent(known) for known in prices].count(False) == 1
    assert [("status" in order.wire) for order in orders].count(False) == 1


def test_numbers_are_placeholders(shop: SampleShop) -> None:
    written = json.dumps([order.wire for order in sample_imports(shop)], ensure_ascii=False)
    assert set(re.findall(r'"phone": "(1\d+)"', written)) <= {b.mobile for b in shop.buyers}


def test_the_shopping_list_itself_would_accept_every_order(sandbox: Sandbox) -> None:
    orders = sandbox.shops("mini_program")[MINI.app_id]["orders"].values()
    for number, order in enumerate(orders):
        document = {**order["document"], "order_id": f"again{number}"}
        if document["status"] == 12:
            document["status"] = 3
        assert import_orders(sandbox, "add-order", document)["errcode"] == 0
