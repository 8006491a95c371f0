"""Products of the Weixin Store: the copy that is shown, statuses, and what goes back as it came."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from gateway.platforms.weixin_store.mapping import product_to_wire as to_wire
from gateway.platforms.weixin_store.mapping.product import product_document, product_from_wire
from gateway.platforms.weixin_store.wire.product import ProductCopy, ProductResponse
from gateway.ports.writing.problems import InputRefused, Problems
from schema.key import Key
from schema.product import Product
from schema.product_details import ProductProperty, WeixinStoreProductDetails
from schema.product_status import ProductDraftStatus, ProductStatus
from tests.platforms.weixin_store.samples import answer, make_shop, tree


def _product(**changes: Any) -> Product | None:
    copy = {"product_id": "7", "title": "Tea", **changes}
    return product_from_wire(msgspec.convert({"product": copy}, ProductResponse), make_shop())


def _draft(**changes: Any) -> WeixinStoreProductDetails:
    copy = {"product_id": "7", "title": "Tea", **changes}
    wire = msgspec.convert({"edit_product": copy}, ProductResponse)
    product = product_from_wire(wire, make_shop())
    assert product is not None
    assert isinstance(product.details, WeixinStoreProductDetails)
    return product.details


def test_the_sample_is_the_listed_copy_with_the_draft_s_status() -> None:
    raw = tree("product.get.response")
    product = product_from_wire(
        answer("product.get", ProductResponse), make_shop(), lambda: product_document(raw)
    )

    assert product is not None
    assert (product.key, product.title) == (
        Key("Product", "weixin", "10000900000001"),
        "Tea caddy of tin",
    )
    assert (product.known_description, product.main_image) == (
        "hand made",
        "https://mmecimage.cn/p/x/1",
    )
    assert product.known_status is ProductStatus.ON_SHELF
    (sku,) = product.skus
    assert sku.key == Key("Sku", "weixin", "10000900000001", "4400000001")
    assert (sku.price and sku.price.fen, sku.list_price, sku.stock) == (4500, None, 17)
    assert [(one.known_name, one.known_value) for one in sku.attributes] == [("colour", "green")]
    details = product.details
    assert isinstance(details, WeixinStoreProductDetails)
    assert details.draft_status is ProductDraftStatus.IN_AUDIT
    assert details.draft_edited_at == datetime.fromtimestamp(1_790_002_000, UTC)
    assert details.properties == [
        ProductProperty(name="material", value="tin"),
        ProductProperty(name="weight", value="180 g"),
    ]
    assert details.category_keys == (
        Key("Category", "weixin", "10000111"),
        Key("Category", "weixin", "10000113"),
    )
    assert details.template_key == Key("DeliveryTemplate", "weixin", "38000000001")
    assert (details.brand_id, details.sold_count) == (None, 12)
    assert product.raw_source is not None
    assert product.raw_source() == {"product": raw["product"], "edit_product": raw["edit_product"]}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (5, ProductStatus.ON_SHELF),
        ("5", ProductStatus.ON_SHELF),
        (12, ProductStatus.SOLD_OUT),
        *[(code, ProductStatus.OFF_SHELF) for code in (0, 1, 2, 3, 4, 6, 7, 8, 10, 11)],
        *[(code, ProductStatus.OFF_SHELF) for code in (13, 14, 15, 20, 71)],
        *[(code, ProductStatus.UNKNOWN) for code in (21, 99, None)],
    ],
)
def test_a_status(code: int | str | None, status: ProductStatus) -> None:
    product = _product(status=code)

    assert product is not None
    assert product.known_status is status


@pytest.mark.parametrize("code", [9, 30])
def test_what_is_gone_is_no_product(code: int) -> None:
    assert _product(status=code) is None


def test_without_a_unit_left_it_is_sold_out() -> None:
    left = [{"sku_id": 1, "stock_num": 0, "status": 5}, {"sku_id": 2, "stock_num": 3, "status": 11}]
    some = _product(status=5, skus=left)
    none = _product(status=5, skus=[{**one, "stock_num": "0"} for one in left])

    assert some is not None
    assert none is not None
    assert some.known_status is ProductStatus.ON_SHELF
    assert [one.known_status for one in some.skus] == [
        ProductStatus.SOLD_OUT,
        ProductStatus.OFF_SHELF,
    ]
    assert none.known_status is ProductStatus.SOLD_OUT


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"edit_status": 0}, ProductDraftStatus.NONE),
        ({"edit_status": 1}, ProductDraftStatus.EDITING),
        ({"edit_status": 2}, ProductDraftStatus.IN_AUDIT),
        ({"edit_status": 3}, ProductDraftStatus.REFUSED),
        ({"edit_status": 4}, ProductDraftStatus.PASSED),
        ({"edit_status": 5}, ProductDraftStatus.EDITING),
        ({"edit_status": 7}, ProductDraftStatus.UPLOADING),
        ({"edit_status": 8}, ProductDraftStatus.UPLOAD_FAILED),
        ({"edit_status": 6}, ProductDraftStatus.UNKNOWN),
        ({"status": 2}, ProductDraftStatus.IN_AUDIT),
        ({}, ProductDraftStatus.NONE),
    ],
)
def test_the_status_of_a_draft(changes: dict[str, int], status: ProductDraftStatus) -> None:
    assert _draft(**changes).draft_status is status


def test_a_draft_that_was_never_edited_has_no_time() -> None:
    assert _draft(edit_time=0).draft_edited_at is None


def test_a_listed_product_without_a_draft_has_none() -> None:
    product = _product(status=5, brand_id="10000031", express_info={"template_id": 0})

    assert product is not None
    details = product.details
    assert isinstance(details, WeixinStoreProductDetails)
    assert details.draft_status is ProductDraftStatus.NONE
    assert (details.brand_id, details.template_key) == ("10000031", None)


def test_an_empty_object_is_no_copy() -> None:
    wire = msgspec.convert({"product": {}, "edit_product": {"product_id": 7}}, ProductResponse)
    product = product_from_wire(wire, make_shop())

    assert product is not None
    assert product.platform_id == "7"


def test_broken_characters_are_not_written_back() -> None:
    broken = "Tea \N{REPLACEMENT CHARACTER}"
    standing = msgspec.convert(
        {
            "product_id": "7",
            "title": broken,
            "short_title": broken,
            "desc_info": {"desc": broken, "imgs": []},
            "attrs": [{"attr_key": "material", "attr_value": broken}],
            "skus": [{"sku_id": 1, "sku_code": broken}],
        },
        ProductCopy,
    )
    problems = Problems()

    with pytest.raises(InputRefused) as refused:
        to_wire.changed_product(to_wire.Given(title="新的茶叶罐"), "7", standing, (), problems)

    assert [error.field for error in refused.value.errors] == [
        ["weixinStore", "shortTitle"],
        ["weixinStore", "detailText"],
        ["properties"],
        ["skus"],
    ]
