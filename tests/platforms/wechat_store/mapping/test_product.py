"""Products of the WeChat Store become Product."""

import msgspec
import pytest

from gateway.platforms.wechat_store.mapping.product import product_from_wire
from gateway.platforms.wechat_store.wire.product import (
    DeliveryInfo,
    DetailBlock,
    Express,
    Product,
    ProductBase,
    ProductResponse,
    ProductsResponse,
    Sku,
)
from schema.delivery import DeliveryService
from schema.key import Key
from schema.loader_keys import Naming, PropertyQuery, SkuAttributeQuery, SkuStatusQuery
from schema.money import Money
from schema.platform import Platform
from schema.product import Product as PublicProduct
from schema.product_details import (
    DetailImage,
    DetailText,
    FlatRate,
    Location,
    ProductDelivery,
    WechatStoreProductDetails,
)
from schema.product_status import ProductStatus
from schema.sku import Sku as PublicSku
from schema.sku import SkuAttribute
from tests.platforms.wechat_store.samples import answer, make_shop

SHOP = make_shop()
CATEGORY = Key("Category", "flagship", "537074298")
PICTURE = (
    "http://mmbiz.qpic.cn/mmbiz/4whpV1VZl2iccsvYbHvnphkyGtnvjD3ulEKogfsiaua49pvLfUS8Ym0GSYjViaLic0"
    "FD3vN0V8PILcibEGb2fPfEOmw/0"
)


@pytest.fixture
def raw() -> Product:
    """The product of the manual's sample 1.4."""
    return answer("get", ProductResponse).product_info


def _details(product: PublicProduct) -> WechatStoreProductDetails:
    assert isinstance(product.details, WechatStoreProductDetails)
    return product.details


def test_the_manual_s_product(raw: Product) -> None:
    product = product_from_wire(raw, SHOP)

    assert product.key == Key("Product", "flagship", "pDF3iY6Kr_BV_CXaiYysoGqJhppQ")
    assert product.shop is SHOP
    assert product.platform is Platform.WECHAT_STORE
    assert product.platform_id == "pDF3iY6Kr_BV_CXaiYysoGqJhppQ"
    assert product.title == "testaddproduct"
    assert product.known_description is None
    assert _details(product).detail_query == product.description_query
    assert product.main_image == PICTURE
    assert product.images == [PICTURE]
    assert product.known_status is None
    assert [sku.platform_id for sku in product.skus] == [
        "1075741873:1079742386",
        "1075741873:1079742363",
    ]


def test_the_manual_s_sku(raw: Product) -> None:
    product = product_from_wire(raw, SHOP)

    assert product.skus[0] == PublicSku(
        key=Key("Sku", "flagship", product.platform_id, "1075741873:1079742386"),
        product_key=product.key,
        platform_id="1075741873:1079742386",
        code="testing",
        attributes=[
            SkuAttribute(
                naming=Naming(CATEGORY, "1075741873", "1079742386"),
                name_id="1075741873",
                value_id="1079742386",
                custom=False,
            )
        ],
        price=Money(fen=30),
        list_price=Money(fen=9_000_000),
        status_query=SkuStatusQuery(product.key, sold_out=False),
        stock=800,
        image=(
            "http://mmbiz.qpic.cn/mmbiz/4whpV1VZl2iccsvYbHvnphkyGtnvjD3ulEKogfsiaua49pvLfUS8Ym0GSYj"
            "ViaLic0FD3vN0V8PILcibEGb2fPfEOmw/0"
        ),
    )


def test_the_manual_s_details(raw: Product) -> None:
    product = product_from_wire(raw, SHOP)
    details = _details(product)

    assert details.product_key == product.key
    assert details.category_keys == (CATEGORY,)
    assert details.property_query == PropertyQuery(
        CATEGORY,
        (("品牌", "Fujifilm/富士"), ("屏幕尺寸", "1.8英寸"), ("防抖性能", "CCD防抖")),
    )
    assert details.sku_attribute_query == SkuAttributeQuery(
        CATEGORY, (("1075741873", ("1079742386", "1079742363")),)
    )
    assert details.known_blocks is None
    assert details.html is not None
    assert details.html.startswith('<div class="item_pic_wrp"')
    assert details.purchase_limit == 10
    assert details.origin == Location(
        country="中国", province="广东省", city="广州市", address="T.I.T创意园"
    )
    assert details.postage_free is False
    assert details.has_receipt is True
    assert details.under_guaranty is False
    assert details.supports_replacement is False
    assert details.delivery == ProductDelivery(
        template_key=Key("DeliveryTemplate", "flagship", "103312920"), flat_rates=[]
    )


def test_a_list_tells_the_status() -> None:
    raw, _ = answer("getbystatus", ProductsResponse).products_info or []

    assert product_from_wire(raw, SHOP).known_status is ProductStatus.ON_SHELF


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(1, ProductStatus.ON_SHELF, id="on-the-shelf"),
        pytest.param("2", ProductStatus.OFF_SHELF, id="off-the-shelf-as-text"),
        pytest.param(7, ProductStatus.UNKNOWN, id="a-value-that-the-manual-lacks"),
        pytest.param(None, None, id="not-told"),
    ],
)
def test_status(raw: Product, status: int | str | None, expected: ProductStatus | None) -> None:
    raw = msgspec.structs.replace(raw, status=status)

    assert product_from_wire(raw, SHOP).known_status is expected


@pytest.mark.parametrize(
    ("stocks", "status", "expected", "skus"),
    [
        pytest.param([0, "0"], 1, "SOLD_OUT", ["SOLD_OUT", "SOLD_OUT"], id="nothing-left"),
        pytest.param([0, 1], 1, "ON_SHELF", ["SOLD_OUT", "ON_SHELF"], id="one-left"),
        pytest.param([0, None], 1, "ON_SHELF", ["SOLD_OUT", "ON_SHELF"], id="one-not-told"),
        pytest.param([0, 0], 2, "OFF_SHELF", ["OFF_SHELF", "OFF_SHELF"], id="off-the-shelf"),
        pytest.param([0, 3], 7, "UNKNOWN", ["UNKNOWN", "UNKNOWN"], id="a-code-of-no-manual"),
        pytest.param([], 1, "ON_SHELF", [], id="no-sku"),
    ],
)
def test_a_product_without_stock_is_sold_out(
    raw: Product, stocks: list[int | str | None], status: int, expected: str, skus: list[str]
) -> None:
    listed = [Sku(sku_id=str(place), quantity=stock) for place, stock in enumerate(stocks)]
    raw = msgspec.structs.replace(raw, status=status, sku_list=listed)

    product = product_from_wire(raw, SHOP)
    asked = product_from_wire(
        msgspec.structs.replace(raw, status=None), SHOP, asked=ProductStatus.ON_SHELF
    )

    assert product.known_status is ProductStatus[expected]
    assert [sku.known_status for sku in product.skus] == [ProductStatus[name] for name in skus]
    if status == 1:
        assert asked.known_status is product.known_status


def test_a_sku_of_a_product_whose_status_is_not_told_follows_from_it(raw: Product) -> None:
    listed = [Sku(sku_id="a", quantity=0), Sku(sku_id="b", quantity=2), Sku(sku_id="c")]
    product = product_from_wire(msgspec.structs.replace(raw, sku_list=listed), SHOP)

    assert [sku.known_status for sku in product.skus] == [None] * 3
    assert [sku.status_query for sku in product.skus] == [
        SkuStatusQuery(product.key, sold_out) for sold_out in (True, False, False)
    ]


def test_the_paragraphs_are_the_description(raw: Product) -> None:
    blocks = [DetailBlock(text="纯棉"), DetailBlock(img="http://p"), DetailBlock(text="可机洗")]
    base = msgspec.structs.replace(raw.product_base or ProductBase(), detail=blocks)

    product = product_from_wire(msgspec.structs.replace(raw, product_base=base), SHOP)

    assert product.known_description == "纯棉\n可机洗"


def test_a_status_that_is_not_told_is_the_one_asked_for(raw: Product) -> None:
    product = product_from_wire(raw, SHOP, asked=ProductStatus.OFF_SHELF)

    assert product.known_status is ProductStatus.OFF_SHELF


def test_flat_rates(raw: Product) -> None:
    express = [Express(id=10000027, price=100), Express(id=10000029, price="250"), Express(id=5)]
    raw = msgspec.structs.replace(
        raw, delivery_info=DeliveryInfo(delivery_type=0, template_id=0, express=express)
    )

    assert _details(product_from_wire(raw, SHOP)).delivery == ProductDelivery(
        flat_rates=[
            FlatRate(service=DeliveryService.SURFACE_MAIL, price=Money(fen=100)),
            FlatRate(service=DeliveryService.EMS, price=Money(fen=250)),
            FlatRate(service=DeliveryService.UNKNOWN, price=Money(fen=0)),
        ]
    )


def test_blocks_where_the_platform_gives_them_back(raw: Product) -> None:
    base = ProductBase(detail=[DetailBlock(text="test first"), DetailBlock(img=PICTURE)])
    raw = msgspec.structs.replace(raw, product_base=base)

    assert _details(product_from_wire(raw, SHOP)).known_blocks == [
        DetailText(text="test first"),
        DetailImage(url=PICTURE),
    ]


def test_names_are_unescaped(raw: Product) -> None:
    raw = msgspec.structs.replace(raw, product_base=ProductBase(name="T&amp;J 相机&#38"))

    assert product_from_wire(raw, SHOP).title == "T&J 相机&"


def test_skus_share_the_attributes_that_they_share(raw: Product) -> None:
    skus = [Sku(sku_id="1:10;2:20"), Sku(sku_id="1:10;2:21")]
    product = product_from_wire(msgspec.structs.replace(raw, sku_list=skus), SHOP)
    first, second = product.skus

    assert first.attributes[0] is second.attributes[0]
    assert second.attributes[1].value_id == "21"


def test_a_product_of_one_sku_has_an_empty_sku_id(raw: Product) -> None:
    product = product_from_wire(msgspec.structs.replace(raw, sku_list=[Sku(sku_id="")]), SHOP)

    assert product.skus[0].platform_id == ""
    assert product.skus[0].key == Key("Sku", "flagship", product.platform_id)
    assert product.skus[0].attributes == []
    assert product.skus[0].price is None
    assert product.skus[0].stock is None


def test_a_product_that_tells_nothing_but_its_id() -> None:
    product = product_from_wire(Product(product_id="p1"), SHOP)
    details = _details(product)

    assert (product.title, product.images, product.skus) == ("", [], [])
    assert details.category_keys == ()
    assert details.property_query is None
    assert details.sku_attribute_query is None
    assert details.origin is None
    assert details.delivery is None
    assert details.purchase_limit == 0


def test_the_document_is_read_when_it_is_asked_for(raw: Product) -> None:
    product = product_from_wire(raw, SHOP, lambda: {"product_id": "as it came"})

    assert product.raw_source is not None
    assert product.raw_source() == {"product_id": "as it came"}
