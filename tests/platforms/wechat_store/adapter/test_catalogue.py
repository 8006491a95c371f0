"""Categories and their tables are read from the platform."""

import asyncio

import pytest

from gateway.errors import PlatformQuotaExceeded, PlatformRejected
from gateway.ports import Adapter, ReadOptions, ReadsCatalogue
from schema.category import AttributeValue, SkuAttributeDefinition
from tests.fixtures_platform_clients import ShopClock
from tests.fixtures_sandbox import Sandbox

CHILDREN = "/merchant/category/getsub"
CAMERAS = "537874913"
SLR = "537074298"


def _port(shop: Adapter) -> ReadsCatalogue:
    assert shop.catalogue is not None
    return shop.catalogue


async def test_the_roots_are_the_children_of_category_1(shop: Adapter, store: Sandbox) -> None:
    roots = await _port(shop).children(None, ReadOptions())

    assert [(root.platform_id, root.known_name) for root in roots][:2] == [
        (CAMERAS, "摄影摄像"),
        ("537900100", "服装"),
    ]
    assert [request["body"] for request in store.requests(CHILDREN)] == [{"cate_id": 1}]


async def test_the_children_of_the_manual_s_category(shop: Adapter, store: Sandbox) -> None:
    children = await _port(shop).children(CAMERAS, ReadOptions())
    again = await _port(shop).children(CAMERAS, ReadOptions())

    assert [(child.platform_id, child.known_name) for child in children] == [
        ("537074292", "数码相机"),
        ("537074293", "家用摄像机"),
        ("537074298", "单反相机"),
        ("537082412", "镜头"),
        ("537102001", "单电/微单"),
    ]
    assert again is children
    assert store.counts()[CHILDREN] == 1


async def test_a_name_that_a_list_has_told_takes_no_call(shop: Adapter, store: Sandbox) -> None:
    await _port(shop).children(CAMERAS, ReadOptions())
    store.clear_log()

    assert await _port(shop).name(SLR, ReadOptions()) == "单反相机"
    assert store.requests() == []


async def test_a_name_is_looked_for_level_by_level(shop: Adapter, store: Sandbox) -> None:
    names = await asyncio.gather(
        *(_port(shop).name(category, ReadOptions()) for category in (SLR, "537900104", CAMERAS))
    )

    assert names == ["单反相机", "裤装", "摄影摄像"]
    asked = [request["body"]["cate_id"] for request in store.requests(CHILDREN)]
    # The root, then its eight children: whose names are all known then, and nothing below.
    assert asked[0] == 1
    assert len(asked) == len(set(asked)) == 9


async def test_a_tree_that_does_not_have_the_name_is_walked_once_a_day(
    shop: Adapter, store: Sandbox, clock: ShopClock
) -> None:
    assert await _port(shop).name("7", ReadOptions()) is None
    walked = store.counts()[CHILDREN]
    assert await _port(shop).name("8", ReadOptions(fresh=True)) is None
    assert store.counts()[CHILDREN] == walked == 31

    clock.ahead += 90_000
    assert await _port(shop).name("7", ReadOptions()) is None
    assert store.counts()[CHILDREN] == 2 * walked


async def test_a_walk_that_failed_goes_on_where_it_was(shop: Adapter, store: Sandbox) -> None:
    await _port(shop).children(None, ReadOptions())
    store.fault("errcode", 45009, path=CHILDREN, times=1)
    with pytest.raises(PlatformQuotaExceeded):
        await _port(shop).name(SLR, ReadOptions())

    assert await _port(shop).name(SLR, ReadOptions()) == "单反相机"
    assert store.counts()[CHILDREN] == 10


async def test_what_is_no_category_is_not_looked_for(shop: Adapter, store: Sandbox) -> None:
    assert await _port(shop).name("no-number", ReadOptions()) is None
    assert store.requests(CHILDREN) == []


async def test_the_sku_table(shop: Adapter) -> None:
    (colours,) = await _port(shop).sku_attributes(SLR, ReadOptions())

    assert colours == SkuAttributeDefinition(
        name_id="1075741873",
        name="颜色",
        values=[
            AttributeValue(platform_id="1079742386", name="黑色"),
            AttributeValue(platform_id="1079742363", name="白色"),
            AttributeValue(platform_id="1079742377", name="银色"),
        ],
    )


async def test_the_properties(shop: Adapter) -> None:
    brand, *_ = await _port(shop).properties(SLR, ReadOptions())

    assert (brand.platform_id, brand.name) == ("1075741879", "品牌")
    assert brand.values[0] == AttributeValue(platform_id="1079749967", name="Fujifilm/富士")


@pytest.mark.parametrize("category", ["7", "no-number", "", "1²", "9" * 30])
async def test_a_category_that_does_not_exist_has_nothing(shop: Adapter, category: str) -> None:
    assert await _port(shop).children(category, ReadOptions()) == ()
    assert await _port(shop).sku_attributes(category, ReadOptions()) == ()
    assert await _port(shop).properties(category, ReadOptions()) == ()


async def test_an_id_that_is_no_number_costs_no_call(shop: Adapter, store: Sandbox) -> None:
    await _port(shop).children("no-number", ReadOptions())

    assert store.requests() == []


async def test_an_interface_that_is_gone_is_no_absence(shop: Adapter, store: Sandbox) -> None:
    store.fault("errcode", 40066, path=CHILDREN)

    with pytest.raises(PlatformRejected):
        await _port(shop).children(None, ReadOptions())
