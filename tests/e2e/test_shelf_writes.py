"""Shelves keep what a change leaves out, and come back as they were given."""

from typing import Any, Final

import pytest

from tests.e2e.storefront_samples import CREATE_SHELF, SHELF, UPDATE_SHELF, id_of, new_shelf, sample
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

MOD: Final = "/merchant/shelf/mod"
READ: Final = f"query ($id: ID!) {{ shelf(id: $id) {{ {SHELF} }} }}"


async def _create(gateway: Client, name: str = "shelf.add") -> dict[str, Any]:
    payload = (await gateway.ask(CREATE_SHELF, {"input": new_shelf(name)})).data["done"]
    assert payload["userErrors"] == []
    shelf: dict[str, Any] = payload["shelf"]
    return shelf


async def _update(gateway: Client, **given: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await gateway.ask(UPDATE_SHELF, {"input": given})).data["done"]
    return payload


async def test_a_new_shelf_comes_back_as_it_was_given(gateway: Client) -> None:
    shelf = await _create(gateway)
    read = (await gateway.ask(READ, {"id": shelf["id"]})).data["shelf"]

    given = sample("shelf.add")
    assert read == shelf
    assert (shelf["name"], shelf["banner"]) == (given["shelf_name"], given["shelf_banner"])
    assert [module["__typename"] for module in shelf["modules"]] == [
        "ShelfProductList",
        "ShelfGroupTabs",
        "ShelfGroupBanner",
        "ShelfGroupGallery",
    ]


@pytest.mark.parametrize(
    ("changes", "sent"),
    [
        pytest.param({"name": "新名"}, {"shelf_name": "新名"}, id="name"),
        pytest.param({"banner": None}, {"shelf_banner": ""}, id="no-banner"),
        pytest.param(
            {"modules": [{"groupTabs": {"groupIds": [id_of("ProductGroup", 50)]}}]},
            {
                "shelf_data": {
                    "module_infos": [{"group_infos": {"groups": [{"group_id": 50}]}, "eid": 2}]
                }
            },
            id="modules",
        ),
        pytest.param({}, {}, id="nothing"),
    ],
)
async def test_what_is_left_out_stays_as_it_is(
    gateway: Client, sandbox: Sandbox, changes: dict[str, Any], sent: dict[str, Any]
) -> None:
    shelf = await _create(gateway)
    payload = await _update(gateway, id=shelf["id"], **changes)

    assert payload["userErrors"] == []
    (request,) = sandbox.requests(MOD)
    whole = {"shelf_id": int(shelf["platformId"]), **sample("shelf.add"), **sent}
    assert request["body"] == whole
    kept = {name: value for name, value in shelf.items() if name not in changes}
    assert {name: payload["shelf"][name] for name in kept} == kept


async def test_a_cover_drops_the_banner_that_nobody_could_see(
    gateway: Client, sandbox: Sandbox
) -> None:
    shelf = await _create(gateway)
    modules = new_shelf("shelf.add.cover")["modules"]
    payload = await _update(gateway, id=shelf["id"], modules=modules)

    assert payload["userErrors"] == []
    assert payload["shelf"]["banner"] is None
    assert sandbox.requests(MOD)[0]["body"] == {
        "shelf_id": int(shelf["platformId"]),
        **sample("shelf.add.cover"),
        "shelf_name": shelf["name"],
    }


async def test_a_banner_is_refused_where_the_shelf_has_a_cover(
    gateway: Client, sandbox: Sandbox
) -> None:
    shelf = await _create(gateway, "shelf.add.cover")
    payload = await _update(gateway, id=shelf["id"], banner=new_shelf()["banner"])

    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [
        ("INVALID", ["banner"])
    ]
    assert MOD not in sandbox.counts()


@pytest.mark.parametrize(
    "widget",
    [
        pytest.param({"eid": 9, "group_info": {"group_id": 50}}, id="a-widget-no-list-knows"),
        pytest.param({"eid": 2, "group_infos": {"groups": [{"group_id": "x"}]}}, id="a-strange-id"),
    ],
)
async def test_what_cannot_be_sent_back_is_asked_of_the_caller(
    gateway: Client, sandbox: Sandbox, widget: dict[str, Any]
) -> None:
    answer = {
        "shelf_id": 23,
        "shelf_name": "店铺",
        "shelf_banner": "",
        "shelf_info": {"module_infos": [widget]},
        "errcode": 0,
        "errmsg": "success",
    }
    sandbox.fault("body", answer, path="/merchant/shelf/getbyid")
    payload = await _update(gateway, id=id_of("Shelf", 23), name="新名")

    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [
        ("INVALID", ["modules"])
    ]
    assert MOD not in sandbox.counts()


async def test_a_new_shelf_that_cannot_be_read_back_is_shown_as_it_was_sent(
    gateway: Client, sandbox: Sandbox
) -> None:
    sandbox.fault("http_status", 500, path="/merchant/shelf/getbyid", times=None)
    shelf = await _create(gateway)
    sandbox.clear_faults()
    read = (await gateway.ask(READ, {"id": shelf["id"]}, {"Cache-Control": "no-cache"})).data

    assert read["shelf"] == shelf


async def test_a_shelf_that_cannot_be_read_is_not_changed(
    gateway: Client, sandbox: Sandbox
) -> None:
    sandbox.fault("http_status", 500, path="/merchant/shelf/getbyid", times=None)
    payload = await _update(gateway, id=id_of("Shelf", 23), name="新名")

    assert [one["code"] for one in payload["userErrors"]] == ["PLATFORM_UNAVAILABLE"]
    assert MOD not in sandbox.counts()
