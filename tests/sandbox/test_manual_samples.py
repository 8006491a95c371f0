"""The sandbox answers the manuals' own requests with the manuals' own answers."""

import pytest

from gateway.sandbox.routes import BAIDU_ROUTES, MINI_ROUTES, STORE_ROUTES
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import ask_baidu, ask_mini, ask_store, sample

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


def test_the_shopping_list_accepts_its_samples_in_turn(sandbox: Sandbox) -> None:
    calls = [
        ("importorder.add", "/mall/importorder", {"action": "add-order"}),
        ("importorder.update", "/mall/importorder", {"action": "update-order"}),
        ("deleteorder", "/mall/deleteorder", {}),
        ("addshoppinglist", "/mall/addshoppinglist", {}),
        ("deleteshoppinglist", "/mall/deleteshoppinglist", {}),
        ("importproduct", "/mall/importproduct", {}),
        (
            "brandmanage.set_shoppingcart_path",
            "/mall/brandmanage",
            {"action": "set_shoppingcart_path"},
        ),
    ]
    for name, path, query in calls:
        answer = ask_mini(sandbox, path, sample("mini_program", f"{name}.request"), query)
        assert answer == sample("mini_program", f"{name}.response")


def test_an_update_of_an_unknown_order_fails_as_printed(sandbox: Sandbox) -> None:
    request = sample("mini_program", "importorder.update.request")
    answer = ask_mini(sandbox, "/mall/importorder", request, {"action": "update-order"})
    printed = sample("mini_program", "importorder.update.failed.response")
    failed, expected = answer["fail_order_list"][0], printed["fail_order_list"][0]
    assert answer["errcode"] == printed["errcode"]
    assert failed["order_id"] == expected["order_id"]
    assert failed["error_code"] == expected["error_code"]


def test_the_partner_order_is_read_as_printed(sandbox: Sandbox) -> None:
    request = sample("mini_program", "cooperation.order.get.request")
    answer = ask_mini(sandbox, "/channels/ec/cooperation/order/get", request)
    assert answer == sample("mini_program", "cooperation.order.get.response")


def test_the_order_centre_accepts_its_samples_in_turn(sandbox: Sandbox) -> None:
    imported = sample("baidu", "add.main.info.request")
    assert ask_baidu(sandbox, "add.main.info", imported) == sample(
        "baidu", "add.main.info.response"
    )
    second = sample("baidu", "add.main.info.request")
    second["Data"][0]["ResourceID"] = "3221554346520"
    ask_baidu(sandbox, "add.main.info", second)
    appended = sample("baidu", "append.sub.info.request")
    appended["Data"][0]["EXT"]["SubsOrder"]["Items"][0]["SubOrderID"] = "another"
    ask_baidu(sandbox, "append.sub.info", appended)
    for name in (
        "update.main.info",
        "update.main.status",
        "append.sub.info",
        "update.sub.status",
        "update.sub.info",
    ):
        answer = ask_baidu(sandbox, name, sample("baidu", f"{name}.request"))
        assert answer == sample("baidu", f"{name}.response")


def test_an_unknown_order_is_not_applied_as_printed(sandbox: Sandbox) -> None:
    request = sample("baidu", "update.main.status.request")
    request["Data"] = request["Data"][:1]
    request["Data"][0]["ResourceID"] = "aa"
    answer = ask_baidu(sandbox, "update.main.status", request)
    printed = sample("baidu", "refused.response")
    assert answer["errno"] == printed["errno"]
    assert answer["data"][0]["rows_affected"] == printed["data"][0]["rows_affected"] == "0"


def test_every_endpoint_is_played_and_has_its_sample() -> None:
    merchant = {path.removeprefix("/merchant/").replace("/", ".") for path in STORE_ROUTES}
    assert len(merchant) == 32
    assert merchant <= sample("wechat_store", "sources").keys()
    mini = {str(known.get("path")) for known in sample("mini_program", "sources").values()}
    assert {path.partition("?")[0] for path in mini} == MINI_ROUTES.keys()
    assert len({path for path in mini if "/mall/" in path}) == 7
    baidu = {str(known.get("path")) for known in sample("baidu", "sources").values()}
    assert baidu - {"None"} == BAIDU_ROUTES.keys()
