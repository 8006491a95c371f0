"""What the sandbox's WeChat Store refuses in a product, and what it keeps of one."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from gateway.platforms.wechat_store.sandbox.invented import Invented
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import ask_store, code_of, sample

CODES = Invented().codes
STOCKED = {"product_id": "pDF3iY5EYkMxs4-tF8xedyES5GQI"}
SKU = {**STOCKED, "sku_info": "10000983:10000995;10001007:10001010"}
Change = Callable[[Any], object]

REFUSED: list[tuple[str, Change, int]] = [
    ("no name", lambda p: p["product_base"].pop("name"), CODES.bad_request),
    ("empty name", lambda p: p["product_base"].update(name=""), CODES.bad_request),
    ("no category", lambda p: p["product_base"].update(category_id=[]), CODES.bad_request),
    ("numeric category", lambda p: p["product_base"].update(category_id=[1]), CODES.bad_request),
    (
        "unknown category",
        lambda p: p["product_base"].update(category_id=["99"]),
        CODES.category_not_found,
    ),
    ("no image", lambda p: p["product_base"].update(img=[]), CODES.bad_request),
    (
        "foreign main image",
        lambda p: p["product_base"].update(main_img="http://example.org/a.png"),
        CODES.image_not_uploaded,
    ),
    (
        "foreign image",
        lambda p: p["product_base"].update(img=["http://example.org/a.png"]),
        CODES.image_not_uploaded,
    ),
    (
        "foreign image in the detail",
        lambda p: p["product_base"]["detail"].append({"img": "http://example.org/a.png"}),
        CODES.image_not_uploaded,
    ),
    (
        "foreign icon",
        lambda p: p["sku_list"][0].update(icon_url="http://example.org/a.png"),
        CODES.image_not_uploaded,
    ),
    ("detail without content", lambda p: p["product_base"]["detail"].append({}), CODES.bad_request),
    (
        "property without value",
        lambda p: p["product_base"]["property"][0].pop("vid"),
        CODES.bad_request,
    ),
    (
        "name of a property",
        lambda p: p["product_base"]["property"][0].update(id="品牌"),
        CODES.property_not_found,
    ),
    (
        "name of a value",
        lambda p: p["product_base"]["property"][0].update(vid="Fujifilm/富士"),
        CODES.property_not_found,
    ),
    (
        "value of another property",
        lambda p: p["product_base"]["property"][0].update(vid="1079795198"),
        CODES.property_not_found,
    ),
    (
        "city of another province",
        lambda p: p["attrext"]["location"].update(city="杭州市"),
        CODES.bad_request,
    ),
    (
        "another country",
        lambda p: p["attrext"]["location"].update(country="日本"),
        CODES.bad_request,
    ),
    ("no SKU", lambda p: p.update(sku_list=[]), CODES.bad_request),
    ("price above", lambda p: p["sku_list"][0].update(price=9000001), CODES.price_not_below_list),
    ("price equal", lambda p: p["sku_list"][0].update(price=9000000), CODES.price_not_below_list),
    ("price as text", lambda p: p["sku_list"][0].update(price="30"), CODES.bad_request),
    ("negative price", lambda p: p["sku_list"][0].update(price=-1), CODES.bad_request),
    ("quantity as text", lambda p: p["sku_list"][0].update(quantity="8"), CODES.bad_request),
    (
        "value not in the table",
        lambda p: p["sku_list"][0].update(sku_id="1075741873:1"),
        CODES.sku_form,
    ),
    ("no colon", lambda p: p["sku_list"][0].update(sku_id="1075741873"), CODES.sku_form),
    (
        "one pair too many",
        lambda p: p["sku_list"][0].update(sku_id="1075741873:1079742386;1:2"),
        CODES.sku_form,
    ),
    ("empty beside a table", lambda p: p["sku_list"][0].update(sku_id=""), CODES.sku_form),
    (
        "repeated SKU",
        lambda p: p["sku_list"][1].update(sku_id="1075741873:1079742386"),
        CODES.sku_form,
    ),
    ("no delivery", lambda p: p.pop("delivery_info"), CODES.delivery_missing),
    (
        "unknown template",
        lambda p: p.update(delivery_info={"delivery_type": 1, "template_id": 1}),
        CODES.template_not_found,
    ),
    ("no rate", lambda p: p["delivery_info"].update(express=[]), CODES.bad_request),
    ("unknown service", lambda p: p["delivery_info"]["express"][0].update(id=1), CODES.bad_request),
    ("flag out of range", lambda p: p["attrext"].update(isPostFree=2), CODES.bad_request),
    (
        "objects in place of strings",
        lambda p: p["product_base"].update(img=[{}]),
        CODES.bad_request,
    ),
    ("strings in place of objects", lambda p: p.update(sku_list=["a"]), CODES.bad_request),
    ("no object", lambda p: p.update(product_base=[]), CODES.bad_request),
]


@pytest.mark.parametrize(
    ("change", "code"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_product_is_refused(sandbox: Sandbox, change: Change, code: int) -> None:
    product = sample("wechat_store", "create.request")
    change(product)
    before = sandbox.shops("wechat_store")
    assert code_of(ask_store(sandbox, "create", product)) == code
    assert sandbox.shops("wechat_store") == before


def test_free_postage_needs_no_delivery(sandbox: Sandbox) -> None:
    product = sample("wechat_store", "create.request")
    product["attrext"]["isPostFree"] = 1
    del product["delivery_info"]
    product_id = ask_store(sandbox, "create", product)["product_id"]
    read = ask_store(sandbox, "get", {"product_id": product_id})["product_info"]
    assert "delivery_info" not in read
    assert read["attrext"]["isPostFree"] == 1


def test_own_attribute_values_are_kept(sandbox: Sandbox) -> None:
    product = sample("wechat_store", "create.request")
    product["product_base"]["sku_info"] = [{"id": "$材质", "vid": ["$纯银"]}]
    product["sku_list"] = [product["sku_list"][0] | {"sku_id": "$材质:$纯银"}]
    product_id = ask_store(sandbox, "create", product)["product_id"]
    read = ask_store(sandbox, "get", {"product_id": product_id})["product_info"]
    assert read["product_base"]["sku_info"] == [{"id": "$材质", "vid": ["$纯银"]}]


def test_a_product_of_one_sku_has_an_empty_sku_id(sandbox: Sandbox) -> None:
    product = sample("wechat_store", "create.request")
    product["product_base"]["sku_info"] = []
    product["sku_list"] = [product["sku_list"][0] | {"sku_id": ""}]
    assert code_of(ask_store(sandbox, "create", product)) == 0


def test_a_new_product_is_off_the_shelf_until_it_is_put_there(sandbox: Sandbox) -> None:
    product = sample("wechat_store", "create.request")
    product_id = ask_store(sandbox, "create", product)["product_id"]

    def listed(status: int) -> bool:
        found = ask_store(sandbox, "getbystatus", {"status": status})["products_info"]
        return product_id in [known["product_id"] for known in found]

    assert (listed(0), listed(1), listed(2)) == (True, False, True)
    ask_store(sandbox, "modproductstatus", {"product_id": product_id, "status": 1})
    assert (listed(0), listed(1), listed(2)) == (True, True, False)
    ask_store(sandbox, "modproductstatus", {"product_id": product_id, "status": 0})
    assert (listed(0), listed(1), listed(2)) == (True, False, True)


def test_the_status_list_adds_the_status_to_what_get_says(sandbox: Sandbox) -> None:
    found = ask_store(sandbox, "getbystatus", {"status": 1})["products_info"]
    assert {known["status"] for known in found} == {1}
    read = ask_store(sandbox, "get", {"product_id": found[0]["product_id"]})["product_info"]
    assert found[0] == {**read, "status": 1}


def test_status_and_listing_outside_their_numbers_are_refused(sandbox: Sandbox) -> None:
    assert code_of(ask_store(sandbox, "getbystatus", {"status": 3})) == CODES.bad_request
    asked = {**STOCKED, "status": 2}
    assert code_of(ask_store(sandbox, "modproductstatus", asked)) == CODES.bad_request


@pytest.mark.parametrize(
    "change",
    [
        lambda base: base.update(name="another"),
        lambda base: base.update(category_id=["537074292"]),
        lambda base: base["property"].pop(),
    ],
)
def test_name_category_and_property_are_frozen_once_listed(
    sandbox: Sandbox, change: Change
) -> None:
    product = sample("wechat_store", "create.request")
    product_id = ask_store(sandbox, "create", product)["product_id"]
    other = {**copy.deepcopy(product), "product_id": product_id}
    change(other["product_base"])
    assert code_of(ask_store(sandbox, "update", other)) == 0
    assert code_of(ask_store(sandbox, "update", {**product, "product_id": product_id})) == 0
    ask_store(sandbox, "modproductstatus", {"product_id": product_id, "status": 1})
    ask_store(sandbox, "modproductstatus", {"product_id": product_id, "status": 0})
    assert code_of(ask_store(sandbox, "update", other)) == CODES.field_frozen


def test_an_update_replaces_the_whole_document(sandbox: Sandbox) -> None:
    update = sample("wechat_store", "update.request")
    ask_store(sandbox, "update", update)
    read = ask_store(sandbox, "get", {"product_id": update["product_id"]})["product_info"]
    assert read["product_base"]["buy_limit"] == 3
    assert read["delivery_info"] == update["delivery_info"]
    assert read["product_base"]["detail_html"].count("<img") == 1


def test_a_deleted_product_is_gone_from_its_groups(sandbox: Sandbox) -> None:
    group = ask_store(sandbox, "group.getbyid", {"group_id": 49})["group_detail"]
    gone = group["product_list"][0]
    assert code_of(ask_store(sandbox, "del", {"product_id": gone})) == 0
    assert code_of(ask_store(sandbox, "get", {"product_id": gone})) == CODES.product_not_found
    after = ask_store(sandbox, "group.getbyid", {"group_id": 49})["group_detail"]
    assert after["product_list"] == group["product_list"][1:]


@pytest.mark.parametrize("endpoint", ["get", "del", "update", "modproductstatus", "stock.add"])
def test_an_unknown_product_is_refused(sandbox: Sandbox, endpoint: str) -> None:
    body = {**sample("wechat_store", f"{endpoint}.request"), "product_id": "pUnknown"}
    assert code_of(ask_store(sandbox, endpoint, body)) == CODES.product_not_found


def test_stock_goes_up_and_down(sandbox: Sandbox) -> None:
    def stock() -> int:
        found = ask_store(sandbox, "get", STOCKED)["product_info"]["sku_list"]
        quantity: int = next(sku for sku in found if sku["sku_id"] == SKU["sku_info"])["quantity"]
        return quantity

    before = stock()
    assert code_of(ask_store(sandbox, "stock.add", {**SKU, "quantity": 7})) == 0
    assert stock() == before + 7
    assert code_of(ask_store(sandbox, "stock.reduce", {**SKU, "quantity": 9})) == 0
    assert stock() == before - 2
    short = ask_store(sandbox, "stock.reduce", {**SKU, "quantity": before + 1})
    assert code_of(short) == CODES.stock_short
    assert stock() == before - 2


def test_stock_of_no_sku_and_of_no_quantity_is_refused(sandbox: Sandbox) -> None:
    unknown = {**STOCKED, "sku_info": "1:2", "quantity": 1}
    assert code_of(ask_store(sandbox, "stock.add", unknown)) == CODES.sku_not_found
    nothing = {**SKU, "quantity": 0}
    assert code_of(ask_store(sandbox, "stock.reduce", nothing)) == CODES.bad_request
