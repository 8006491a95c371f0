"""Shelves and their widgets."""

from typing import Any

import msgspec
import pytest

from gateway.platforms.wechat_store.mapping.shelf import shelf_from_wire
from gateway.platforms.wechat_store.wire.shelf import Shelf, ShelfInfo, ShelvesResponse
from schema.key import Key
from schema.loader_keys import ShownProducts
from schema.shelf import (
    ShelfCover,
    ShelfGroup,
    ShelfGroupBanner,
    ShelfGroupGallery,
    ShelfGroupTabs,
    ShelfModule,
    ShelfProductList,
    ShelfUnknown,
)
from tests.platforms.wechat_store.samples import answer, make_shop, tree

SHOP = make_shop()


def _group(platform_id: str, image: str | None = None) -> ShelfGroup:
    key = Key("ProductGroup", "flagship", platform_id)
    return ShelfGroup(group_key=key, platform_id=platform_id, image=image)


def _module(raw: dict[str, Any]) -> ShelfModule:
    info = msgspec.convert({"module_infos": [raw]}, ShelfInfo)
    document = {"shelf_info": {"module_infos": [raw]}}
    (module,) = shelf_from_wire(Shelf(shelf_id=1, shelf_info=info), SHOP, lambda: document).modules
    return module


def test_the_manual_s_shelves() -> None:
    cover, shop_front = answer("shelf.getall", ShelvesResponse).shelves or []

    first, second = shelf_from_wire(cover, SHOP), shelf_from_wire(shop_front, SHOP)

    picture = (
        "http://mmbiz.qpic.cn/mmbiz/4whpV1VZl294FzPwnf9dAcaN7ButStztAZyy2yHY8pW6sTQKicIhAy5F0a2Cqm"
        "rvDBjMFLtc2aEhAQ7uHsPow9A/0"
    )
    assert (first.key, first.platform_id) == (Key("Shelf", "flagship", "22"), "22")
    assert (first.name, first.banner) == ("新新人类", picture)
    assert first.modules == [
        ShelfCover(
            entries=[
                _group("200080093"),
                _group("200080118"),
                _group("200080119"),
                _group("200080135"),
            ],
            background=picture,
        )
    ]
    assert second.name == "店铺"
    assert second.modules == [
        ShelfProductList(
            entry=_group("200080119"),
            count=4,
            shown=ShownProducts(Key("ProductGroup", "flagship", "200080119"), 4),
        )
    ]


def test_the_widgets_of_the_manual_s_new_shelf() -> None:
    raw_modules = tree("shelf.add.request")["shelf_data"]["module_infos"]

    first, second, third, fourth = map(_module, raw_modules)

    banner = raw_modules[2]["group_info"]["img"]
    gallery = [group["img"] for group in raw_modules[3]["group_infos"]["groups"]]
    assert isinstance(first, ShelfProductList)
    assert (first.entry, first.count) == (_group("50"), 2)
    assert second == ShelfGroupTabs(entries=[_group("49"), _group("50"), _group("51")])
    assert third == ShelfGroupBanner(entry=_group("52", banner))
    assert fourth == ShelfGroupGallery(
        entries=[_group("49", gallery[0]), _group("50", gallery[1]), _group("52", gallery[2])]
    )


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({"eid": 6, "group_info": {"group_id": 1}}, id="a-widget-that-is-new"),
        pytest.param({"eid": 1, "group_infos": {"groups": []}}, id="groups-where-one-belongs"),
        pytest.param({"eid": 2, "group_info": {"group_id": 1}}, id="one-where-groups-belong"),
        pytest.param({"eid": 3}, id="no-group-at-all"),
    ],
)
def test_a_widget_that_is_not_understood_keeps_its_document(raw: dict[str, Any]) -> None:
    module = _module(raw)

    assert isinstance(module, ShelfUnknown)
    assert module.widget == raw["eid"]
    assert module.raw_source is not None
    assert module.raw_source() == raw


def test_a_shelf_without_document_knows_none_for_its_widgets() -> None:
    info = msgspec.convert({"module_infos": [{"eid": 9}]}, ShelfInfo)
    shelf = shelf_from_wire(Shelf(shelf_id="3", shelf_info=info), SHOP)

    assert shelf.modules == [ShelfUnknown(widget=9)]
    assert (shelf.name, shelf.banner) == ("", None)


def test_a_list_of_products_without_count_shows_none() -> None:
    module = _module({"eid": 1, "group_info": {"group_id": 5}})

    assert isinstance(module, ShelfProductList)
    assert module.count == 0


def test_a_shelf_without_widgets() -> None:
    assert shelf_from_wire(Shelf(shelf_id=3), SHOP).modules == []
