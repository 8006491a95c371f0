"""Delivery templates of a Weixin Store: read, written back, added, and not deleted."""

from typing import Any

import pytest

from gateway.errors import PlatformRejected
from gateway.ports import Adapter, ReadOptions
from gateway.ports.writing.problems import Absent, InputRefused
from schema.delivery import DeliveryPayer, DeliveryTemplate, DeliveryValuation
from schema.errors import ErrorCode
from tests.fixtures_sandbox import Sandbox
from tests.platforms.weixin_store.mapping.test_freight import as_input, regional

FRESH = ReadOptions(fresh=True)
FOLDER = "/channels/ec/merchant/"
LIST, GET, ADD, UPDATE = (
    f"{FOLDER}{name}"
    for name in (
        "getfreighttemplatelist",
        "getfreighttemplatedetail",
        "addfreighttemplate",
        "updatefreighttemplate",
    )
)
TEMPLATE = "38000000001"


async def read(shop: Adapter) -> list[DeliveryTemplate]:
    assert shop.delivery_templates is not None
    return list(await shop.delivery_templates.all(FRESH))


def sent(store: Sandbox, path: str) -> list[Any]:
    """The bodies that a path was sent."""
    return [request["body"] for request in store.requests(path)]


def at_platform(store: Sandbox, template_id: str) -> dict[str, Any]:
    """A template as the platform has it, without the time of its last update."""
    (shop,) = store.shops("weixin_store").values()
    template: dict[str, Any] = shop["templates"][template_id]
    return {name: value for name, value in template.items() if name != "update_time"}


async def test_the_sample_s_templates(shop: Adapter, store: Sandbox) -> None:
    piece, weight = await read(shop)

    assert (piece.platform_id, piece.name) == (TEMPLATE, "标准快递")
    assert (piece.payer, piece.valuation) == (DeliveryPayer.BUYER, DeliveryValuation.BY_PIECE)
    assert [(one.province, one.city, one.district) for one in piece.fees[0].regional] == [
        ("西藏自治区", "", None),
        ("浙江省", "杭州市", "西湖区"),
        ("浙江省", "杭州市", "滨江区"),
    ]
    assert weight.valuation is DeliveryValuation.BY_WEIGHT
    assert (store.counts()[LIST], store.counts()[GET]) == (1, 2)


async def test_templates_are_read_by_id(shop: Adapter) -> None:
    assert shop.delivery_templates is not None
    found = await shop.delivery_templates.get_many([TEMPLATE, "404"], FRESH)

    assert list(found) == [TEMPLATE]


async def test_a_template_written_back_unchanged_is_unchanged(
    shop: Adapter, store: Sandbox
) -> None:
    assert shop.writes_delivery_templates is not None
    piece, _ = await read(shop)
    before = at_platform(store, TEMPLATE)

    again = await shop.writes_delivery_templates.update(TEMPLATE, as_input(piece), None)

    assert again == piece
    assert at_platform(store, TEMPLATE) == before
    assert len(sent(store, UPDATE)) == 1


async def test_a_district_s_fee_is_added(shop: Adapter, store: Sandbox) -> None:
    assert shop.writes_delivery_templates is not None
    piece, _ = await read(shop)
    given = as_input(piece)
    assert given.fees[0].regional is not None
    given.fees[0].regional.append(regional("江苏省", "南京市", "玄武区"))

    changed = await shop.writes_delivery_templates.update(TEMPLATE, given, None)

    last = changed.fees[0].regional[-1]
    assert (last.province, last.city, last.district) == ("江苏省", "南京市", "玄武区")
    rules = at_platform(store, TEMPLATE)["all_freight_calc_method"]["freight_calc_method_list"]
    assert rules[-1]["address_infos"] == [
        {"province_name": "江苏省", "city_name": "南京市", "county_name": "玄武区"}
    ]


async def test_a_new_template_takes_over_origin_and_times(shop: Adapter, store: Sandbox) -> None:
    assert shop.writes_delivery_templates is not None
    piece, _ = await read(shop)
    given = as_input(piece)
    given.name = "大件"

    made = await shop.writes_delivery_templates.create(given, None)

    assert (made.name, made.fees) == ("大件", piece.fees)
    like, new = at_platform(store, TEMPLATE), at_platform(store, made.platform_id)
    for member in ("address_info", "send_time", "delivery_type", "delivery_id"):
        assert new[member] == like[member]
    assert new["is_default"] == 0


async def test_a_name_that_is_taken_is_refused_by_the_platform(shop: Adapter) -> None:
    assert shop.writes_delivery_templates is not None
    piece, _ = await read(shop)

    with pytest.raises(PlatformRejected) as refusal:
        await shop.writes_delivery_templates.create(as_input(piece), None)

    assert refusal.value.platform_code == "10021200"


async def test_an_unknown_template_is_absent(shop: Adapter, store: Sandbox) -> None:
    assert shop.writes_delivery_templates is not None
    piece, _ = await read(shop)

    with pytest.raises(Absent):
        await shop.writes_delivery_templates.update("404", as_input(piece), None)

    assert sent(store, UPDATE) == []


async def test_a_broken_rule_is_refused_before_it_is_sent(shop: Adapter, store: Sandbox) -> None:
    assert shop.writes_delivery_templates is not None
    piece, _ = await read(shop)
    given = as_input(piece)
    given.fees[0].regional = [regional("浙江省"), regional("浙江省", "杭州市")]

    with pytest.raises(InputRefused):
        await shop.writes_delivery_templates.update(TEMPLATE, given, None)

    assert sent(store, UPDATE) == []


async def test_no_template_is_deleted(shop: Adapter, store: Sandbox) -> None:
    assert shop.writes_delivery_templates is not None
    with pytest.raises(InputRefused) as refusal:
        await shop.writes_delivery_templates.delete(TEMPLATE, None)

    assert [one.code for one in refusal.value.errors] == [ErrorCode.UNSUPPORTED_BY_PLATFORM]
    assert store.counts() == {}


async def test_without_another_template_there_is_no_origin(shop: Adapter, store: Sandbox) -> None:
    assert shop.writes_delivery_templates is not None
    piece, _ = await read(shop)
    empty = {"errcode": 0, "errmsg": "ok", "template_id_list": []}
    store.fault("body", empty, path=LIST)

    with pytest.raises(InputRefused) as refusal:
        await shop.writes_delivery_templates.create(as_input(piece), None)

    assert [one.code for one in refusal.value.errors] == [ErrorCode.UNSUPPORTED_BY_PLATFORM]
    assert sent(store, ADD) == []
