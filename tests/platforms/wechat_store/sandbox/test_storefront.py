"""The sandbox's categories, delivery templates, groups and shelves."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway.platforms.wechat_store.mapping.regions import PROVINCES
from gateway.platforms.wechat_store.sandbox.invented import Invented
from gateway.platforms.wechat_store.sandbox.regions import CITIES
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import ask_store, code_of, sample

CODES = Invented().codes
Change = Callable[[Any], object]


def test_the_categories_hang_under_the_root(sandbox: Sandbox) -> None:
    roots = ask_store(sandbox, "category.getsub", {"cate_id": 1})["cate_list"]
    assert {"id": "537874913", "name": "摄影摄像"} in roots
    assert len(roots) == 8
    leaf = ask_store(sandbox, "category.getsub", {"cate_id": 537074298})
    assert leaf["cate_list"] == []


@pytest.mark.parametrize("endpoint", ["category.getsub", "category.getsku", "category.getproperty"])
def test_an_unknown_category_is_refused(sandbox: Sandbox, endpoint: str) -> None:
    answer = ask_store(sandbox, endpoint, {"cate_id": 99})
    assert code_of(answer) == CODES.category_not_found


def test_a_category_id_as_text_is_refused(sandbox: Sandbox) -> None:
    answer = ask_store(sandbox, "category.getsub", {"cate_id": "1"})
    assert code_of(answer) == CODES.bad_request


def test_a_template_lives_from_add_to_delete(sandbox: Sandbox) -> None:
    template = sample("wechat_store", "express.add.request")["delivery_template"]
    added = ask_store(sandbox, "express.add", {"delivery_template": template})
    key = {"template_id": added["template_id"]}
    read = ask_store(sandbox, "express.getbyid", key)["template_info"]
    assert read == {"Id": added["template_id"], **template}
    changed = {**template, "Name": "新模板"}
    ask_store(sandbox, "express.update", {**key, "delivery_template": changed})
    listed = ask_store(sandbox, "express.getall")["templates_info"]
    assert {"Id": added["template_id"], **changed} in listed
    assert code_of(ask_store(sandbox, "express.del", key)) == 0
    assert code_of(ask_store(sandbox, "express.getbyid", key)) == CODES.template_not_found


@pytest.mark.parametrize(
    "place",
    [
        {"DestCity": "杭州市"},
        {"DestCity": "东京"},
        {"DestProvince": "东京都"},
        {"DestCountry": "日本"},
    ],
)
def test_a_place_outside_the_list_of_regions_is_refused(
    sandbox: Sandbox, place: dict[str, str]
) -> None:
    template = sample("wechat_store", "express.add.request")["delivery_template"]
    template["TopFee"][0]["Custom"][0].update(place)

    answer = ask_store(sandbox, "express.add", {"delivery_template": template})

    assert code_of(answer) == CODES.bad_request


def test_the_sandbox_and_the_gateway_read_the_same_list_of_regions() -> None:
    assert {one.name: frozenset(one.cities) for one in PROVINCES} == CITIES


@pytest.mark.parametrize("endpoint", ["express.del", "express.update", "express.getbyid"])
def test_an_unknown_template_is_refused(sandbox: Sandbox, endpoint: str) -> None:
    body = {**sample("wechat_store", f"{endpoint}.request"), "template_id": 99}
    assert code_of(ask_store(sandbox, endpoint, body)) == CODES.template_not_found


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda t: t.pop("Name"), CODES.bad_request),
        (lambda t: t.update(Assumer=2), CODES.bad_request),
        (lambda t: t.update(Valuation=1), CODES.valuation_unsupported),
        (lambda t: t.update(Valuation=2), CODES.valuation_unsupported),
        (lambda t: t.update(TopFee=[]), CODES.bad_request),
        (lambda t: t["TopFee"][0].update(Type=1), CODES.bad_request),
        (lambda t: t["TopFee"][0]["Normal"].pop("StartFees"), CODES.bad_request),
        (lambda t: t["TopFee"][0]["Normal"].update(AddFees=-1), CODES.bad_request),
        (lambda t: t["TopFee"][0]["Custom"][0].pop("DestCity"), CODES.bad_request),
    ],
)
def test_a_template_is_refused(sandbox: Sandbox, change: Change, code: int) -> None:
    body = sample("wechat_store", "express.add.request")
    change(body["delivery_template"])
    assert code_of(ask_store(sandbox, "express.add", body)) == code


def test_a_group_lives_from_add_to_delete(sandbox: Sandbox) -> None:
    body = sample("wechat_store", "group.add.request")
    key = {"group_id": ask_store(sandbox, "group.add", body)["group_id"]}
    first, second = body["group_detail"]["product_list"]
    ask_store(sandbox, "group.propertymod", {**key, "group_name": "换季清仓"})
    changes = [
        {"product_id": first, "mod_action": 0},
        {"product_id": "pDF3iYwktviE3BzU3BKiSWWi9Nkw", "mod_action": 1},
        {"product_id": second, "mod_action": 1},
    ]
    ask_store(sandbox, "group.productmod", {**key, "product": changes})
    detail = ask_store(sandbox, "group.getbyid", key)["group_detail"]
    assert detail["group_name"] == "换季清仓"
    assert detail["product_list"] == [second, "pDF3iYwktviE3BzU3BKiSWWi9Nkw"]
    listed = ask_store(sandbox, "group.getall")["groups_detail"]
    assert {**key, "group_name": "换季清仓"} in listed
    assert code_of(ask_store(sandbox, "group.del", key)) == 0
    assert code_of(ask_store(sandbox, "group.getbyid", key)) == CODES.group_not_found


@pytest.mark.parametrize(
    "endpoint", ["group.del", "group.propertymod", "group.productmod", "group.getbyid"]
)
def test_an_unknown_group_is_refused(sandbox: Sandbox, endpoint: str) -> None:
    body = {**sample("wechat_store", f"{endpoint}.request"), "group_id": 99}
    assert code_of(ask_store(sandbox, endpoint, body)) == CODES.group_not_found


def test_a_group_takes_known_products_only(sandbox: Sandbox) -> None:
    detail = {"group_name": "测试", "product_list": ["pUnknown"]}
    added = ask_store(sandbox, "group.add", {"group_detail": detail})
    assert code_of(added) == CODES.product_not_found
    before = ask_store(sandbox, "group.getbyid", {"group_id": 28})
    changes = [
        {"product_id": "pDF3iYwktviE3BzU3BKiSWWi9Nkw", "mod_action": 1},
        {"product_id": "pUnknown", "mod_action": 1},
    ]
    changed = ask_store(sandbox, "group.productmod", {"group_id": 28, "product": changes})
    assert code_of(changed) == CODES.product_not_found
    assert ask_store(sandbox, "group.getbyid", {"group_id": 28}) == before


def test_a_group_needs_a_name(sandbox: Sandbox) -> None:
    answer = ask_store(sandbox, "group.add", {"group_detail": {"group_name": ""}})
    assert code_of(answer) == CODES.bad_request


def test_the_seeded_shelves_show_all_five_widgets_and_the_fifth_alone(sandbox: Sandbox) -> None:
    shelves = ask_store(sandbox, "shelf.getall")["shelves"]
    widgets = [[m["eid"] for m in shelf["shelf_info"]["module_infos"]] for shelf in shelves]
    assert widgets == [[1, 2, 3, 4], [5], [1], [1, 3], [2, 1]]
    one = ask_store(sandbox, "shelf.getbyid", {"shelf_id": 23})
    assert one == {"errcode": 0, "errmsg": "success", **shelves[2]}


def test_a_shelf_lives_from_add_to_delete(sandbox: Sandbox) -> None:
    body = sample("wechat_store", "shelf.add.request")
    key = {"shelf_id": ask_store(sandbox, "shelf.add", body)["shelf_id"]}
    read = ask_store(sandbox, "shelf.getbyid", key)
    assert read["shelf_info"] == body["shelf_data"]
    assert read["shelf_banner"] == body["shelf_banner"]
    ask_store(sandbox, "shelf.mod", {**body, **key, "shelf_name": "改名"})
    assert ask_store(sandbox, "shelf.getbyid", key)["shelf_name"] == "改名"
    assert code_of(ask_store(sandbox, "shelf.del", key)) == 0
    assert code_of(ask_store(sandbox, "shelf.getbyid", key)) == CODES.shelf_not_found


@pytest.mark.parametrize("endpoint", ["shelf.del", "shelf.mod", "shelf.getbyid"])
def test_an_unknown_shelf_is_refused(sandbox: Sandbox, endpoint: str) -> None:
    body = {**sample("wechat_store", f"{endpoint}.request"), "shelf_id": 99}
    assert code_of(ask_store(sandbox, endpoint, body)) == CODES.shelf_not_found


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda s: s.pop("shelf_name"), CODES.bad_request),
        (lambda s: s.update(shelf_banner="http://example.org/a.png"), CODES.image_not_uploaded),
        (lambda s: modules(s)[0].update(eid=6), CODES.bad_request),
        (lambda s: modules(s)[0]["group_info"].update(group_id=99), CODES.group_not_found),
        (lambda s: modules(s)[0]["group_info"]["filter"].update(count=0), CODES.bad_request),
        (
            lambda s: modules(s)[1]["group_infos"]["groups"].extend([{"group_id": 49}] * 2),
            CODES.widget_limit,
        ),
        (lambda s: modules(s)[2]["group_info"].pop("img"), CODES.bad_request),
        (
            lambda s: modules(s)[2]["group_info"].update(img="http://example.org/a.png"),
            CODES.image_not_uploaded,
        ),
        (
            lambda s: modules(s)[3]["group_infos"]["groups"].append(
                modules(s)[3]["group_infos"]["groups"][0]
            ),
            CODES.widget_limit,
        ),
        (lambda s: modules(s).clear(), CODES.bad_request),
    ],
)
def test_a_shelf_is_refused(sandbox: Sandbox, change: Change, code: int) -> None:
    body = sample("wechat_store", "shelf.add.request")
    change(body)
    assert code_of(ask_store(sandbox, "shelf.add", body)) == code


def modules(shelf: Any) -> list[Any]:
    found: list[Any] = shelf["shelf_data"]["module_infos"]
    return found


def test_the_cover_stands_alone_and_without_banner(sandbox: Sandbox) -> None:
    cover = sample("wechat_store", "shelf.add.cover.request")
    other = sample("wechat_store", "shelf.add.request")
    with_banner = {**cover, "shelf_banner": other["shelf_banner"]}
    assert code_of(ask_store(sandbox, "shelf.add", with_banner)) == CODES.banner_with_cover
    modules(other).extend(modules(cover))
    assert code_of(ask_store(sandbox, "shelf.add", other)) == CODES.widget_alone
    modules(cover)[0]["group_infos"]["img_background"] = "http://example.org/a.png"
    assert code_of(ask_store(sandbox, "shelf.add", cover)) == CODES.image_not_uploaded
