"""What the platform would refuse in a product is told before it is asked."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.ports import Adapter
from gateway.ports.writing.catalogue import WritesProducts
from gateway.ports.writing.problems import InputRefused
from schema.delivery import DeliveryService
from schema.errors import ErrorCode
from schema.inputs.product import (
    DetailBlockInput,
    LocationInput,
    ProductDeliveryInput,
    ProductUpdateInput,
    PropertyInput,
)
from schema.money import MoneyInput
from tests.fixtures_sandbox import Sandbox
from tests.platforms.wechat_store.product_inputs import (
    axis,
    fen,
    id_of,
    new_product,
    rates,
    sku,
)
from tests.platforms.wechat_store.samples import tree

ELSEWHERE = "https://example.com/picture.png"
PLACE = {"country": "中国", "province": "广东省", "city": "广州市", "address": "T.I.T创意园"}
INVALID, NOT_FOUND = ErrorCode.INVALID, ErrorCode.NOT_FOUND
EMS = DeliveryService.EMS

#: A change of the manual's sample, and the problems that it makes: code and path.
Problem = tuple[ErrorCode, str]
CASES: list[Any] = [
    pytest.param({"title": " "}, [(INVALID, "title")], id="no-title"),
    pytest.param({"title": "A&amp;B"}, [(INVALID, "title")], id="escaped-title"),
    pytest.param({"category_ids": []}, [(INVALID, "categoryIds")], id="no-category"),
    pytest.param({"category_ids": ["x"]}, [(INVALID, "categoryIds.0")], id="no-id"),
    pytest.param(
        {"category_ids": [id_of("Product", "1")]},
        [(INVALID, "categoryIds.0")],
        id="id-of-another-kind",
    ),
    pytest.param(
        {"category_ids": [id_of("Category", "1", "mini")]},
        [(NOT_FOUND, "categoryIds.0")],
        id="category-of-another-shop",
    ),
    pytest.param(
        {"properties": [PropertyInput(name_id="", value_id="")]},
        [(INVALID, "properties.0.nameId"), (INVALID, "properties.0.valueId")],
        id="empty-property",
    ),
    pytest.param(
        {"properties": [PropertyInput()]},
        [(INVALID, "properties.0.nameId"), (INVALID, "properties.0.valueId")],
        id="property-without-ids",
    ),
    pytest.param({"main_image": ELSEWHERE}, [(INVALID, "mainImage")], id="main-image-elsewhere"),
    pytest.param({"images": []}, [(INVALID, "images")], id="no-images"),
    pytest.param({"images": [ELSEWHERE]}, [(INVALID, "images.0")], id="image-elsewhere"),
    pytest.param({"detail": []}, [(INVALID, "detail")], id="no-detail"),
    pytest.param(
        {"detail": [DetailBlockInput(text="a"), DetailBlockInput(image=ELSEWHERE)]},
        [(INVALID, "detail.1.image")],
        id="detail-elsewhere",
    ),
    pytest.param({"purchase_limit": -1}, [(INVALID, "purchaseLimit")], id="negative-limit"),
    pytest.param({"skus": []}, [(INVALID, "skus")], id="no-skus"),
    pytest.param(
        {"skus": [sku(price=fen(9000000))]}, [(INVALID, "skus.0.price")], id="price-of-the-list"
    ),
    pytest.param(
        {"skus": [sku(price=fen(-1))]}, [(INVALID, "skus.0.price.fen")], id="negative-price"
    ),
    pytest.param(
        {"skus": [sku(list_price=MoneyInput(amount=Decimal("1.234")))]},
        [(INVALID, "skus.0.listPrice.amount")],
        id="parts-of-a-fen",
    ),
    pytest.param({"skus": [sku(stock=-1)]}, [(INVALID, "skus.0.stock")], id="negative-stock"),
    pytest.param(
        {"skus": [sku(image=ELSEWHERE)]}, [(INVALID, "skus.0.image")], id="sku-image-elsewhere"
    ),
    pytest.param(
        {"skus": [sku(platform_id="1075741873")]},
        [(INVALID, "skus.0.platformId")],
        id="sku-id-without-value",
    ),
    pytest.param(
        {"skus": [sku(platform_id="颜色:红色")]},
        [(INVALID, "skus.0.platformId")],
        id="own-words-without-the-dollar",
    ),
    pytest.param(
        {"skus": [sku(platform_id="1075741873:7")]},
        [(INVALID, "skus.0.platformId")],
        id="value-that-the-table-lacks",
    ),
    pytest.param(
        {"skus": [sku(platform_id="7:1079742386")]},
        [(INVALID, "skus.0.platformId")],
        id="attribute-that-the-table-lacks",
    ),
    pytest.param({"skus": [sku(), sku()]}, [(INVALID, "skus.1.platformId")], id="sku-id-twice"),
    pytest.param(
        {"sku_attributes": [axis("1", "2"), axis("3", "4")], "skus": [sku(platform_id="1:2")]},
        [(INVALID, "skus.0.platformId")],
        id="attribute-missing",
    ),
    pytest.param(
        {"sku_attributes": [], "skus": [sku()]},
        [(INVALID, "skus.0.platformId")],
        id="sku-id-without-a-table",
    ),
    pytest.param(
        {"sku_attributes": None, "skus": [sku(platform_id=None), sku(platform_id="")]},
        [(INVALID, "skus.1.platformId"), (INVALID, "skus")],
        id="two-skus-without-a-table",
    ),
    pytest.param(
        {"sku_attributes": [axis("$", "$红色")], "skus": [sku(platform_id="$:$红色")]},
        [(INVALID, "skuAttributes.0.nameId"), (INVALID, "skus.0.platformId")],
        id="own-attribute-without-words",
    ),
    pytest.param(
        {"sku_attributes": [axis("$a;b", "$c")], "skus": [sku(platform_id="$a;b:$c")]},
        [(INVALID, "skuAttributes.0.nameId"), (INVALID, "skus.0.platformId")],
        id="own-attribute-with-a-semicolon",
    ),
    pytest.param(
        {"sku_attributes": [axis("1", "2", "2")], "skus": [sku(platform_id="1:2")]},
        [(INVALID, "skuAttributes.0.valueIds.1")],
        id="value-twice",
    ),
    pytest.param(
        {"sku_attributes": [axis("1", "2"), axis("1", "2")], "skus": [sku(platform_id="1:2")]},
        [(INVALID, "skuAttributes.1.nameId")],
        id="attribute-twice",
    ),
    pytest.param(
        {"origin": LocationInput(**{**PLACE, "country": "CN"})},
        [(INVALID, "origin.country")],
        id="unknown-country",
    ),
    pytest.param(
        {"origin": LocationInput(**{**PLACE, "province": "广东"})},
        [(INVALID, "origin.province")],
        id="unknown-province",
    ),
    pytest.param(
        {"origin": LocationInput(**{**PLACE, "city": "北京市"})},
        [(INVALID, "origin.city")],
        id="city-of-another-province",
    ),
    pytest.param(
        {"origin": LocationInput(**{**PLACE, "address": " "})},
        [(INVALID, "origin.address")],
        id="no-address",
    ),
    pytest.param({"delivery": None}, [(INVALID, "delivery")], id="no-delivery"),
    pytest.param(
        {"delivery": None, "postage_free": False}, [(INVALID, "delivery")], id="nothing-is-free"
    ),
    pytest.param(
        {"delivery": ProductDeliveryInput(flat_rates=[])},
        [(INVALID, "delivery.flatRates")],
        id="no-rates",
    ),
    pytest.param(
        {"delivery": rates((DeliveryService.UNKNOWN, 1))},
        [(INVALID, "delivery.flatRates.0.service")],
        id="unknown-service",
    ),
    pytest.param(
        {"delivery": rates((EMS, 1), (EMS, 2))},
        [(INVALID, "delivery.flatRates.1.service")],
        id="service-twice",
    ),
    pytest.param(
        {"delivery": rates((EMS, -1))},
        [(INVALID, "delivery.flatRates.0.price.fen")],
        id="negative-rate",
    ),
    pytest.param(
        {"delivery": ProductDeliveryInput(template_id=id_of("DeliveryTemplate", "x"))},
        [(NOT_FOUND, "delivery.templateId")],
        id="no-template",
    ),
    pytest.param(
        {"title": "", "skus": [sku(stock=-1)], "delivery": None},
        [(INVALID, "title"), (INVALID, "skus.0.stock"), (INVALID, "delivery")],
        id="all-of-it-at-once",
    ),
]


def _writes(shop: Adapter) -> WritesProducts:
    assert shop.writes_products is not None
    return shop.writes_products


def _told(refused: InputRefused) -> list[Problem]:
    return [(error.code, ".".join(error.field or ())) for error in refused.errors]


@pytest.mark.parametrize(("changes", "problems"), CASES)
async def test_a_new_product_that_breaks_a_rule_is_not_sent(
    shop: Adapter, store: Sandbox, changes: dict[str, Any], problems: list[Problem]
) -> None:
    with pytest.raises(InputRefused) as refused:
        await _writes(shop).create(new_product(**changes), None)

    assert _told(refused.value) == problems
    assert store.requests() == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"skus": [sku(price=fen(9000000))]}, id="price"),
        pytest.param({"title": None}, id="title-emptied"),
        pytest.param({"images": None}, id="images-emptied"),
        pytest.param({"skus": None}, id="skus-emptied"),
        pytest.param({"delivery": None, "postage_free": False}, id="delivery-emptied"),
        pytest.param({"sku_attributes": [], "skus": [sku()]}, id="table-emptied"),
    ],
)
async def test_a_change_that_breaks_a_rule_asks_the_platform_nothing(
    shop: Adapter, store: Sandbox, changes: dict[str, Any]
) -> None:
    change = ProductUpdateInput(id=id_of("Product", "p"), **changes)

    with pytest.raises(InputRefused) as refused:
        await _writes(shop).update("p", change, None)

    assert {error.code for error in refused.value.errors} == {INVALID}
    assert store.requests() == []


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        pytest.param({"skus": [sku(platform_id="7:8")]}, ["skus.0.platformId"], id="skus"),
        pytest.param(
            {"sku_attributes": []}, ["skus", "skus.0.platformId", "skus.1.platformId"], id="table"
        ),
        pytest.param({"delivery": None}, ["delivery"], id="delivery"),
    ],
)
async def test_a_change_that_does_not_fit_what_stands_is_not_sent(
    shop: Adapter, store: Sandbox, changes: dict[str, Any], problems: list[str]
) -> None:
    created = await _writes(shop).create(new_product(), None)
    change = ProductUpdateInput(id=id_of("Product", created.platform_id), **changes)

    with pytest.raises(InputRefused) as refused:
        await _writes(shop).update(created.platform_id, change, None)

    assert _told(refused.value) == [(INVALID, path) for path in problems]
    assert store.requests("/merchant/update") == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="the-sample"),
        pytest.param({"delivery": None, "postage_free": True}, id="free-postage"),
        pytest.param({"sku_attributes": [], "skus": [sku(platform_id=None)]}, id="one-sku"),
        pytest.param(
            {
                "sku_attributes": [axis("$颜色", "$红色", "$蓝色")],
                "skus": [sku(platform_id="$颜色:$红色"), sku(platform_id="$颜色:$蓝色")],
            },
            id="own-attributes",
        ),
        pytest.param({"purchase_limit": 0, "properties": None, "origin": None}, id="less"),
    ],
)
async def test_what_keeps_the_rules_is_taken(
    shop: Adapter, store: Sandbox, changes: dict[str, Any]
) -> None:
    created = await _writes(shop).create(new_product(**changes), None)

    assert created.title == tree("create.request")["product_base"]["name"]
    assert store.counts()["/merchant/create"] == 1
