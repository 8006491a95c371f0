"""The sandbox answers the manual's own requests with the manual's own answers."""

import pytest

from gateway.platforms.wechat_store.sandbox.part import ROUTES
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import ask_store, sample

ACCEPTED = [
    "create",
    "del",
    "modproductstatus",
    "stock.add",
    "stock.reduce",
    "express.add",
    "express.del",
    "express.update",
    "group.add",
    "group.del",
    "group.propertymod",
    "group.productmod",
    "shelf.add",
    "shelf.del",
    "shelf.mod",
    "order.close",
]
DONE = {"errcode": 0, "errmsg": "success"}


@pytest.mark.parametrize("endpoint", ["category.getsub", "category.getsku", "category.getproperty"])
def test_a_category_is_read_as_printed(sandbox: Sandbox, endpoint: str) -> None:
    request = sample("wechat_store", f"{endpoint}.request")
    assert ask_store(sandbox, endpoint, request) == sample("wechat_store", f"{endpoint}.response")


def test_the_product_is_read_as_printed(sandbox: Sandbox) -> None:
    printed = sample("wechat_store", "get.response")
    request = {"product_id": printed["product_info"]["product_id"]}
    assert ask_store(sandbox, "get", request) == printed


def test_the_order_is_read_as_printed(sandbox: Sandbox) -> None:
    printed = sample("wechat_store", "order.getbyid.response")
    request = {"order_id": printed["order"]["order_id"]}
    assert ask_store(sandbox, "order.getbyid", request) == printed


def test_the_filter_finds_the_order_of_its_ten_seconds(sandbox: Sandbox) -> None:
    found = ask_store(
        sandbox, "order.getbyfilter", sample("wechat_store", "order.getbyfilter.request")
    )
    assert [order["order_id"] for order in found["order_list"]] == ["7197417460812584720"]


@pytest.mark.parametrize("endpoint", ACCEPTED)
def test_a_write_of_the_store_is_accepted(sandbox: Sandbox, endpoint: str) -> None:
    answer = ask_store(sandbox, endpoint, sample("wechat_store", f"{endpoint}.request"))
    assert answer | DONE == answer
    assert answer.keys() == sample("wechat_store", f"{endpoint}.response").keys()


def test_the_printed_update_of_the_printed_product_is_accepted(sandbox: Sandbox) -> None:
    assert ask_store(sandbox, "update", sample("wechat_store", "update.request")) == DONE


def test_the_cover_shelf_is_accepted(sandbox: Sandbox) -> None:
    answer = ask_store(sandbox, "shelf.add", sample("wechat_store", "shelf.add.cover.request"))
    assert answer["errcode"] == 0


def test_every_endpoint_is_played_and_has_its_sample() -> None:
    merchant = {path.removeprefix("/merchant/").replace("/", ".") for path in ROUTES}
    assert len(merchant) == 32
    assert merchant <= sample("wechat_store", "sources").keys()
