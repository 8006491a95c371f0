"""The sandbox's shopping list: orders, want-to-buy items, product data, the cart page."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway.platforms.mini_program.sandbox.invented import Invented
from gateway.platforms.mini_program.sandbox.state import MINI
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import ask_mini, code_of, import_orders, sample

CHOICES = Invented().shopping_list
OK = {"errcode": 0, "errmsg": "success"}
Change = Callable[[Any], object]


def new_order(number: int = 1) -> Any:
    order = sample("mini_program", "importorder.add.request")["order_list"][0]
    return {**order, "order_id": f"sample{number}"}


def update_of(number: int = 1) -> Any:
    order = sample("mini_program", "importorder.update.request")["order_list"][0]
    return {**order, "order_id": f"sample{number}"}


def mini(sandbox: Sandbox) -> Any:
    return sandbox.shops("mini_program")[MINI.app_id]


def failures(answer: dict[str, Any]) -> list[tuple[str, int]]:
    return [(one["order_id"], one["error_code"]) for one in answer["fail_order_list"]]


def test_an_imported_order_is_kept_whole(sandbox: Sandbox) -> None:
    assert import_orders(sandbox, "add-order", new_order()) == OK
    kept = mini(sandbox)["orders"]["sample1"]
    assert kept["document"] == new_order()
    assert (kept["open_id"], kept["history"]) == ("oMiniSampleBuyer00000000001", False)


def test_history_is_noted(sandbox: Sandbox) -> None:
    query = {"action": "add-order", "is_history": "1"}
    assert ask_mini(sandbox, "/mall/importorder", {"order_list": [new_order()]}, query) == OK
    assert mini(sandbox)["orders"]["sample1"]["history"] is True


def test_ten_orders_are_taken_and_eleven_refused(sandbox: Sandbox) -> None:
    orders = [new_order(number) for number in range(11)]
    assert code_of(import_orders(sandbox, "add-order", *orders)) == 9009400
    assert "sample0" not in mini(sandbox)["orders"]
    assert import_orders(sandbox, "add-order", *orders[:10]) == OK
    updates = [update_of(number) for number in range(11)]
    assert code_of(import_orders(sandbox, "update-order", *updates)) == 9009300
    assert import_orders(sandbox, "update-order", *updates[:10]) == OK


IMPORT_REFUSED: list[tuple[str, Change]] = [
    ("order_id", lambda o: o.update(order_id="")),
    ("create_time", lambda o: o.pop("create_time")),
    ("pay_finish_time", lambda o: o.pop("pay_finish_time")),
    ("fee", lambda o: o.update(fee="1")),
    ("status 12", lambda o: o.update(status=12)),
    ("trans_id of WeChat Pay", lambda o: o.pop("trans_id")),
    ("ext_info", lambda o: o.pop("ext_info")),
    ("items", lambda o: o["ext_info"]["product_info"].update(item_list=[])),
    ("item_code", lambda o: item(o).pop("item_code")),
    ("sku_id", lambda o: item(o).pop("sku_id")),
    ("amount", lambda o: item(o).update(amount=0)),
    ("category_list", lambda o: item(o).update(category_list=[])),
    ("item page", lambda o: item(o).pop("item_detail_page")),
    ("attribute", lambda o: item(o)["stock_attr_info"][0].pop("attr_value")),
    ("freight", lambda o: o["ext_info"]["express_info"].pop("price")),
    ("discount", lambda o: o["ext_info"]["promotion_info"].pop("discount_fee")),
    ("brand", lambda o: o["ext_info"].pop("brand_info")),
    ("contact page", lambda o: o["ext_info"]["brand_info"].pop("contact_detail_page")),
    ("invoice type", lambda o: o["ext_info"]["invoice_info"].update(type=2)),
    ("payment_method", lambda o: o["ext_info"].update(payment_method=3)),
    ("user_open_id", lambda o: o["ext_info"].pop("user_open_id")),
    ("order page", lambda o: o["ext_info"].pop("order_detail_page")),
]


def item(order: Any) -> Any:
    return order["ext_info"]["product_info"]["item_list"][0]


@pytest.mark.parametrize(
    "change", [case[1] for case in IMPORT_REFUSED], ids=[case[0] for case in IMPORT_REFUSED]
)
def test_an_order_with_a_wrong_field_fails_by_itself(sandbox: Sandbox, change: Change) -> None:
    bad = new_order(2)
    change(bad)
    answer = import_orders(sandbox, "add-order", new_order(1), bad)
    assert code_of(answer) == 9009098
    assert [code for _, code in failures(answer)] == [-2]
    assert ("sample1" in mini(sandbox)["orders"]) is CHOICES.good_orders_of_a_bad_call_are_kept
    assert "sample2" not in mini(sandbox)["orders"]


def test_an_order_imported_again_is_refused_and_unchanged(sandbox: Sandbox) -> None:
    import_orders(sandbox, "add-order", new_order())
    answer = import_orders(sandbox, "add-order", new_order() | {"fee": 1})
    assert failures(answer) == [("sample1", CHOICES.repeated_import)]
    kept = mini(sandbox)["orders"]["sample1"]
    assert (kept["document"]["fee"], kept["calls"]) == (20200, ["add-order 3"])


def test_an_order_twice_in_one_call_is_refused_once(sandbox: Sandbox) -> None:
    answer = import_orders(sandbox, "add-order", new_order(), new_order())
    assert failures(answer) == [("sample1", CHOICES.repeated_import)]


def test_an_open_id_of_another_app_is_refused(sandbox: Sandbox) -> None:
    stores = sandbox.shops("wechat_store").values()
    foreign = next(iter(stores))["buyers"][0]
    order = new_order()
    order["ext_info"]["user_open_id"] = foreign
    assert failures(import_orders(sandbox, "add-order", order)) == [("sample1", -2)]
    wanted = sample("mini_program", "addshoppinglist.request") | {"user_open_id": foreign}
    assert code_of(ask_mini(sandbox, "/mall/addshoppinglist", wanted)) == 9009203
    unwanted = sample("mini_program", "deleteshoppinglist.request") | {"user_open_id": foreign}
    assert code_of(ask_mini(sandbox, "/mall/deleteshoppinglist", unwanted)) == 9009203


def test_an_update_changes_what_it_names(sandbox: Sandbox) -> None:
    import_orders(sandbox, "add-order", new_order())
    assert import_orders(sandbox, "update-order", update_of()) == OK
    kept = mini(sandbox)["orders"]["sample1"]
    assert kept["document"]["status"] == 4
    assert kept["document"]["fee"] == 20200
    more = kept["document"]["ext_info"]
    assert more["product_info"] == new_order()["ext_info"]["product_info"]
    assert len(more["express_info"]["express_package_info_list"]) == 1
    assert kept["calls"] == ["add-order 3", "update-order 4"]


def test_cancelling_needs_no_parcel(sandbox: Sandbox) -> None:
    import_orders(sandbox, "add-order", new_order())
    update = update_of() | {"status": 12}
    del update["ext_info"]["express_info"]
    assert import_orders(sandbox, "update-order", update) == OK


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda o: o.update(order_id="unknown"), 10001),
        (lambda o: o["ext_info"].update(user_open_id="oAnother"), 10002),
        (lambda o: o.update(trans_id="another"), 10002),
        (lambda o: o.update(status=3), -2),
        (lambda o: o["ext_info"].pop("express_info"), -2),
        (lambda o: o["ext_info"]["express_info"].pop("express_package_info_list"), -2),
        (lambda o: parcel(o).pop("express_code"), -2),
        (lambda o: parcel(o).update(express_company_id="2001"), -2),
        (lambda o: parcel(o).update(express_goods_info_list=[]), -2),
        (lambda o: o["ext_info"]["invoice_info"].pop("title"), -2),
    ],
)
def test_a_failed_update_names_its_order_and_the_others_pass(
    sandbox: Sandbox, change: Change, code: int
) -> None:
    import_orders(sandbox, "add-order", new_order(1), new_order(2))
    bad = update_of(2)
    change(bad)
    answer = import_orders(sandbox, "update-order", update_of(1), bad)
    assert code_of(answer) == 9009301
    assert failures(answer) == [(bad["order_id"], code)]
    orders = mini(sandbox)["orders"]
    assert [orders[key]["document"]["status"] for key in ("sample1", "sample2")] == [4, 3]


def parcel(order: Any) -> Any:
    return order["ext_info"]["express_info"]["express_package_info_list"][0]


def test_an_unknown_action_is_refused(sandbox: Sandbox) -> None:
    assert code_of(import_orders(sandbox, "drop-order", new_order())) == 9009098
    assert code_of(ask_mini(sandbox, "/mall/brandmanage", {}, {"action": "x"})) == 9009098


def test_a_deleted_order_is_gone(sandbox: Sandbox) -> None:
    import_orders(sandbox, "add-order", new_order())
    body = {"user_open_id": "oMiniSampleBuyer00000000001", "order_id": "sample1"}
    other = {**body, "user_open_id": "oAnother"}
    missing = CHOICES.order_to_delete_not_found
    assert code_of(ask_mini(sandbox, "/mall/deleteorder", other)) == missing
    assert ask_mini(sandbox, "/mall/deleteorder", body) == OK
    assert "sample1" not in mini(sandbox)["orders"]
    assert mini(sandbox)["deleted_orders"] == ["sample1"]
    assert code_of(ask_mini(sandbox, "/mall/deleteorder", body)) == missing


def test_wanted_items_are_kept_once_and_removed(sandbox: Sandbox) -> None:
    body = sample("mini_program", "addshoppinglist.request")
    open_id = body["user_open_id"]
    ask_mini(sandbox, "/mall/addshoppinglist", body)
    body["sku_product_list"][0]["sku_info"]["price"] = 8800
    ask_mini(sandbox, "/mall/addshoppinglist", body)
    assert mini(sandbox)["wanted"][open_id] == body["sku_product_list"]
    ask_mini(
        sandbox, "/mall/deleteshoppinglist", sample("mini_program", "deleteshoppinglist.request")
    )
    assert mini(sandbox)["wanted"][open_id] == []


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.pop("item_code"),
        lambda p: p.pop("title"),
        lambda p: p.update(category_list=[]),
        lambda p: p.update(image_list=[]),
        lambda p: p.pop("src_wxapp_path"),
        lambda p: p.pop("sku_info"),
        lambda p: p["sku_info"].pop("sku_id"),
        lambda p: p["sku_info"].update(status=0),
        lambda p: p["sku_info"].update(price="1"),
        lambda p: p["attr_list"][0].pop("value"),
    ],
)
def test_a_wanted_item_is_refused(sandbox: Sandbox, change: Change) -> None:
    body = sample("mini_program", "addshoppinglist.request")
    change(body["sku_product_list"][0])
    assert code_of(ask_mini(sandbox, "/mall/addshoppinglist", body)) == 9009098
    assert body["user_open_id"] not in mini(sandbox)["wanted"]


def test_ten_items_may_be_added_and_a_hundred_removed(sandbox: Sandbox) -> None:
    body = sample("mini_program", "addshoppinglist.request")
    body["sku_product_list"] *= 10
    assert ask_mini(sandbox, "/mall/addshoppinglist", body) == OK
    body["sku_product_list"] = body["sku_product_list"][:1] * 11
    assert code_of(ask_mini(sandbox, "/mall/addshoppinglist", body)) == 9009202
    body = sample("mini_program", "deleteshoppinglist.request")
    body["sku_product_list"] *= 100
    assert ask_mini(sandbox, "/mall/deleteshoppinglist", body) == OK
    body["sku_product_list"] = body["sku_product_list"][:1] * 101
    assert code_of(ask_mini(sandbox, "/mall/deleteshoppinglist", body)) == 9009202


def test_skus_of_repeated_calls_add_up(sandbox: Sandbox) -> None:
    body = sample("mini_program", "importproduct.request")
    product = body["product_list"][0]
    ask_mini(sandbox, "/mall/importproduct", body)
    product["title"] = "新名字"
    product["sku_list"] = [product["sku_list"][0] | {"sku_id": "second"}]
    ask_mini(sandbox, "/mall/importproduct", body)
    kept = mini(sandbox)["products"][product["item_code"]]
    assert kept["title"] == "新名字"
    assert [sku["sku_id"] for sku in kept["sku_list"]] == ["00003563372839_10000010014", "second"]


def test_ten_products_of_sixteen_skus_are_the_most(sandbox: Sandbox) -> None:
    body = sample("mini_program", "importproduct.request")
    body["product_list"][0]["sku_list"] *= 16
    body["product_list"] *= 10
    assert ask_mini(sandbox, "/mall/importproduct", body) == OK
    eleven = {"product_list": body["product_list"][:1] * 11}
    answer = ask_mini(sandbox, "/mall/importproduct", eleven)
    assert code_of(answer) == CHOICES.too_many_products_to_sync
    body["product_list"] = body["product_list"][:1]
    body["product_list"][0]["sku_list"] *= 2
    assert code_of(ask_mini(sandbox, "/mall/importproduct", body)) == CHOICES.too_many_skus


def test_the_cart_page_is_kept(sandbox: Sandbox) -> None:
    assert mini(sandbox)["cart_path"] == "/pages/cart"
    query = {"action": "set_shoppingcart_path"}
    body = {"shoppingcart_path": "/pages/new-cart"}
    assert ask_mini(sandbox, "/mall/brandmanage", body, query) == OK
    assert mini(sandbox)["cart_path"] == "/pages/new-cart"
    assert code_of(ask_mini(sandbox, "/mall/brandmanage", {}, query)) == 9009098


def test_a_partner_order_needs_both_its_ids(sandbox: Sandbox) -> None:
    path = "/channels/ec/cooperation/order/get"
    known = mini(sandbox)["partner_orders"]
    order_id, order = list(known.items())[-1]
    body = {"shop_appid": order["shop_appid"], "order_id": order_id}
    assert ask_mini(sandbox, path, body) == {"errcode": 0, "errmsg": "ok", "order": order["order"]}
    codes = Invented().partner_orders
    for wrong in ({**body, "order_id": "coi"}, {**body, "shop_appid": "wxother"}):
        assert code_of(ask_mini(sandbox, path, wrong)) == codes.order_not_found
    assert code_of(ask_mini(sandbox, path, {"order_id": order_id})) == codes.bad_request


@pytest.mark.parametrize(("carrier", "taken"), [(2002, True), (9999, True), (2003, False)])
def test_a_carrier_that_the_manual_does_not_list_is_refused(
    sandbox: Sandbox, carrier: int, *, taken: bool
) -> None:
    order = sample("mini_program", "importorder.update.request")["order_list"][0]
    parcel = order["ext_info"]["express_info"]["express_package_info_list"][0]
    import_orders(sandbox, "add-order", new_order())

    parcel["express_company_id"] = carrier
    answer = import_orders(sandbox, "update-order", {**order, "order_id": "sample1"})

    assert (answer == OK) is taken


def test_a_list_is_told_in_pages(sandbox: Sandbox) -> None:
    request = sample("mini_program", "addshoppinglist.request")
    ask_mini(sandbox, "/mall/addshoppinglist", request)
    asked = {"user_open_id": request["user_open_id"], "offset": 0, "count": 1}
    path, query = "/mall/queryshoppinglist", {"type": "getbypage"}

    first = ask_mini(sandbox, path, asked, query)
    whole = ask_mini(sandbox, path, {"user_open_id": request["user_open_id"]}, query)
    unknown = ask_mini(sandbox, path, asked, {"type": "another"})

    assert len(first["goods_list"]) == 1
    keys = {(one["item_code"], one["sku_id"]) for one in whole["goods_list"]}
    added = request["sku_product_list"]
    assert {(one["item_code"], one["sku_info"]["sku_id"]) for one in added} <= keys
    assert code_of(unknown) == 9009098
