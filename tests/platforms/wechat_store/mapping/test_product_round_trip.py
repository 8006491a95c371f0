"""Whatever product is given comes back from the platform's form unchanged."""

import msgspec
from hypothesis import given

from gateway.platforms.wechat_store.mapping.product import product_from_wire
from gateway.platforms.wechat_store.mapping.product_standing import as_answered, standing_product
from gateway.platforms.wechat_store.mapping.product_to_wire import document, new_product
from gateway.platforms.wechat_store.wire.product_write import CreateRequest
from gateway.ports.writing.problems import Problems
from schema.inputs.product import DetailBlockInput, ProductCreateInput, ProductDeliveryInput
from schema.product import Product
from schema.product_details import (
    DetailImage,
    DetailText,
    ProductDelivery,
    WechatStoreProductDetails,
)
from tests.platforms.wechat_store.mapping.products import new_products
from tests.platforms.wechat_store.samples import make_shop


def _sent(product: ProductCreateInput) -> CreateRequest:
    body = msgspec.json.encode(new_product(product, Problems()))
    return msgspec.json.decode(body, type=CreateRequest)


def _block(block: DetailText | DetailImage) -> DetailBlockInput:
    if isinstance(block, DetailText):
        return DetailBlockInput(text=block.text)
    return DetailBlockInput(image=block.url)


def _delivery(shown: ProductDelivery | None) -> object:
    if shown is None:
        return None
    if shown.template_key is not None:
        return ProductDeliveryInput(template_id=shown.template_key.encode())  # type: ignore[arg-type]
    return [(rate.service, rate.price.fen) for rate in shown.flat_rates]


def _delivery_given(asked: ProductDeliveryInput | None) -> object:
    if asked is None or not isinstance(asked.flat_rates, list):
        return asked
    return [(rate.service, rate.price.fen) for rate in asked.flat_rates]


def _details(product: Product) -> WechatStoreProductDetails:
    assert isinstance(product.details, WechatStoreProductDetails)
    return product.details


@given(new_products())
def test_a_product_survives_the_platform_s_form(asked: ProductCreateInput) -> None:
    shown = product_from_wire(as_answered("p1", _sent(asked)), make_shop())
    details = _details(shown)

    assert (shown.title, shown.main_image, shown.images) == (
        asked.title,
        asked.main_image,
        asked.images,
    )
    assert [key.encode() for key in details.category_keys] == asked.category_ids
    assert details.property_query is not None
    assert list(details.property_query.pairs) == [
        (pair.name_id, pair.value_id) for pair in asked.properties or ()
    ]
    assert details.sku_attribute_query is not None
    assert list(details.sku_attribute_query.choices) == [
        (axis.name_id, tuple(axis.value_ids)) for axis in asked.sku_attributes or ()
    ]
    assert [_block(block) for block in details.known_blocks or ()] == asked.detail
    assert details.purchase_limit == (asked.purchase_limit or 0)
    assert _delivery(details.delivery) == _delivery_given(asked.delivery)
    assert (
        details.postage_free,
        details.has_receipt,
        details.under_guaranty,
        details.supports_replacement,
    ) == (
        asked.postage_free,
        asked.has_receipt,
        asked.under_guaranty,
        asked.supports_replacement,
    )


@given(new_products())
def test_its_skus_and_its_origin_survive(asked: ProductCreateInput) -> None:
    shown = product_from_wire(as_answered("p1", _sent(asked)), make_shop())
    origin = _details(shown).origin

    assert [
        (sku.platform_id, sku.price and sku.price.fen, sku.stock, sku.image, sku.code)
        for sku in shown.skus
    ] == [(sku.platform_id, sku.price.fen, sku.stock, sku.image, sku.code) for sku in asked.skus]
    assert [sku.list_price and sku.list_price.fen for sku in shown.skus] == [
        sku.list_price.fen for sku in asked.skus
    ]
    assert (origin and (origin.country, origin.province, origin.city, origin.address)) == (
        asked.origin
        and (
            asked.origin.country,
            asked.origin.province,
            asked.origin.city,
            asked.origin.address,
        )
    )


@given(new_products())
def test_what_stands_is_what_was_sent(asked: ProductCreateInput) -> None:
    sent = _sent(asked)
    answered = as_answered("p1", sent)

    assert document(standing_product(answered, sent.product_base)) == sent
