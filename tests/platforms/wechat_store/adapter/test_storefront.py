"""Groups, shelves, delivery templates and carriers are read from the platform."""

from datetime import UTC, datetime

import pytest

from gateway.platforms.wechat_store.mapping.carriers import CARRIERS
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.ports import (
    Adapter,
    Group,
    Provenance,
    ReadOptions,
    ReadsDeliveryTemplates,
    ReadsGroups,
    ReadsShelves,
)
from schema.connection import SourceState
from schema.shelf import (
    ShelfCover,
    ShelfGroupBanner,
    ShelfGroupGallery,
    ShelfGroupTabs,
    ShelfProductList,
)
from tests.fixtures_platform_clients import NOW
from tests.fixtures_sandbox import Sandbox

#: Ids that no group, shelf or template can have, and one that none has.
STRANGE = ["no-number", "", "-5", "777"]


def _groups(shop: Adapter) -> ReadsGroups:
    assert shop.groups is not None
    return shop.groups


def _shelves(shop: Adapter) -> ReadsShelves:
    assert shop.shelves is not None
    return shop.shelves


def _templates(shop: Adapter) -> ReadsDeliveryTemplates:
    assert shop.delivery_templates is not None
    return shop.delivery_templates


async def test_all_groups_in_the_platform_s_order(shop: Adapter, store: Sandbox) -> None:
    groups = await _groups(shop).all(ReadOptions())

    assert len(groups) == 17
    assert groups[:2] == (
        Group("200077549", "最新上架", None),
        Group("200079772", "全球热卖", None),
    )
    assert store.requests("/merchant/group/getall")[0]["method"] == "GET"


async def test_groups_with_their_products(shop: Adapter, store: Sandbox) -> None:
    known = store.shops("wechat_store")[FLAGSHIP.app_id]["groups"]
    found = await _groups(shop).get_many(["28", "19", "28", "777"], ReadOptions())

    live = Provenance(fetched_at=datetime.fromtimestamp(NOW, UTC))
    assert found == {
        "28": Group("28", "特价专区", tuple(known["28"]["products"]), live),
        "19": Group("19", "清仓", (), live),
    }
    assert store.counts()["/merchant/group/getbyid"] == 3


@pytest.mark.parametrize("group", STRANGE)
async def test_no_such_group(shop: Adapter, group: str) -> None:
    assert await _groups(shop).get_many([group], ReadOptions()) == {}


async def test_all_shelves_by_their_numbers(shop: Adapter) -> None:
    shelves = await _shelves(shop).all(ReadOptions())

    assert [(shelf.platform_id, shelf.name) for shelf in shelves.items] == [
        ("19", "首页"),
        ("22", "新新人类"),
        ("23", "店铺"),
        ("97", "新建货架"),
        ("12345", "测试货架"),
    ]
    assert shelves.provenance.state is SourceState.LIVE
    assert [type(module) for module in shelves.items[0].modules] == [
        ShelfProductList,
        ShelfGroupTabs,
        ShelfGroupBanner,
        ShelfGroupGallery,
    ]
    assert [type(module) for module in shelves.items[1].modules] == [ShelfCover]


async def test_shelves_keep_their_documents(shop: Adapter, store: Sandbox) -> None:
    shelf = (await _shelves(shop).all(ReadOptions())).items[1]
    single = await _shelves(shop).get("22", ReadOptions())
    known = store.shops("wechat_store")[FLAGSHIP.app_id]["shelves"]["22"]

    assert shelf.raw_source is not None
    assert single is not None
    assert single.raw_source is not None
    assert shelf.raw_source() == known
    assert single.raw_source() == {"errcode": 0, "errmsg": "success", **known}


async def test_one_shelf(shop: Adapter, store: Sandbox) -> None:
    shelf = await _shelves(shop).get("23", ReadOptions())

    assert shelf is not None
    assert (shelf.platform_id, shelf.name) == ("23", "店铺")
    assert store.counts()["/merchant/shelf/getbyid"] == 1


@pytest.mark.parametrize("shelf", STRANGE)
async def test_no_such_shelf(shop: Adapter, shelf: str) -> None:
    assert await _shelves(shop).get(shelf, ReadOptions()) is None


async def test_all_delivery_templates(shop: Adapter, store: Sandbox) -> None:
    templates = await _templates(shop).all(ReadOptions())

    assert [(template.platform_id, template.name) for template in templates] == [
        ("103312916", "testexpress"),
        ("103312920", "江浙沪包邮"),
        ("123456", "偏远地区加价"),
        ("103312921", "生鲜冷链"),
    ]
    assert store.requests("/merchant/express/getall")[0]["method"] == "GET"


async def test_one_delivery_template_is_asked_for_by_itself(shop: Adapter, store: Sandbox) -> None:
    found = await _templates(shop).get_many(["123456", "123456"], ReadOptions())

    assert {id_: template.name for id_, template in found.items()} == {"123456": "偏远地区加价"}
    assert store.counts()["/merchant/express/getbyid"] == 1


async def test_several_delivery_templates_come_from_the_list(shop: Adapter, store: Sandbox) -> None:
    found = await _templates(shop).get_many(["123456", "777", "103312920"], ReadOptions())

    assert set(found) == {"123456", "103312920"}
    assert "/merchant/express/getbyid" not in store.counts()
    assert store.counts()["/merchant/express/getall"] == 1


@pytest.mark.parametrize("template", STRANGE)
async def test_no_such_delivery_template(shop: Adapter, template: str) -> None:
    assert await _templates(shop).get_many([template], ReadOptions()) == {}


def test_carriers(shop: Adapter) -> None:
    assert shop.traits.carriers is not None
    assert shop.traits.carriers is CARRIERS
