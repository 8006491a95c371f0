"""The sample orders of the order centre: believable, and true to its own rules."""

import pytest

from gateway.platforms.baidu.sandbox.sample import sample_records
from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.sandbox.sample_shop import SampleShop, sample_shop
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import ask_baidu


@pytest.fixture(scope="module")
def shop() -> SampleShop:
    return sample_shop(1_700_000_000, 1)


def test_every_status_is_there(shop: SampleShop) -> None:
    records = sample_records(shop)
    assert len(records) == 40
    assert {record.wire["Status"] for record in records} == {1, 3, 5, 6, 100, 200, 300}
    subs = [record.wire["EXT"].get("SubsOrder") for record in records]
    assert {sub["Status"] for sub in subs if sub} == {400, 401, 402, 403, 404, 407}


def test_an_order_names_its_products_as_the_shop_does(shop: SampleShop) -> None:
    titles = {product.code: product.title for product in shop.products}
    for record in sample_records(shop):
        for line in record.wire["EXT"]["MainOrder"]["Products"]:
            assert titles[line["ID"]] == line["Name"]


def test_the_order_centre_itself_would_accept_every_order(sandbox: Sandbox) -> None:
    orders = sandbox.shops("baidu")[SWAN.app_id]["orders"].values()
    for order in orders:
        record = order["main"]
        if order["subs"]:
            record["EXT"]["SubsOrder"] = order["subs"]
        query = {"open_id": order["open_id"]}
        assert ask_baidu(sandbox, "add.main.info", {"Data": [record]}, query)["errno"] == 0
