"""Maps products of the Weixin Store to Product (reference, section 5)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from gateway.platforms.weixin_store.mapping.product_status import (
    EDITING,
    IN_AUDIT,
    draft_status,
    is_gone,
    product_status,
    sku_status,
)
from gateway.platforms.weixin_store.wire.base import Attribute
from gateway.platforms.weixin_store.wire.product import ProductCopy, ProductResponse
from gateway.platforms.weixin_store.wire.product import Sku as WireSku
from gateway.platforms.weixin_store.wire.product_write import CreateRequest, UpdateRequest
from gateway.wechat.scalars import moment, money, text, whole
from schema.key import Key
from schema.lazy_fields import begin_lazy
from schema.loader_keys import DraftRefusalQuery
from schema.platform import Platform
from schema.product import Product
from schema.product_details import ProductProperty, WeixinStoreProductDetails
from schema.product_status import ProductDraftStatus, ProductStatus
from schema.shop import Shop
from schema.sku import Sku, SkuAttribute

#: `brand_id` of a product without a brand.
NO_BRAND: Final = "2100000000"
#: The members of an answer that are the platform's document of a product.
_DOCUMENT: Final = ("product", "edit_product")


def listed_copy(answer: ProductResponse) -> ProductCopy | None:
    """The copy that is listed, or was; None if the product never was."""
    return _present(answer.product)


def draft_copy(answer: ProductResponse) -> ProductCopy | None:
    """The draft; None if the product is of a kind that has none."""
    return _present(answer.edit_product)


def product_document(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The platform's document of a product: both copies, as received."""
    return {name: answer[name] for name in _DOCUMENT if answer.get(name)}


def product_from_wire(
    answer: ProductResponse, shop: Shop, source: Callable[[], Any] | None = None
) -> Product | None:
    """A product, None if the platform reports that it does not exist.

    Args:
        answer: both copies, as the platform sent them.
        shop: the shop that has it.
        source: returns its document as received.
    """
    draft = draft_copy(answer)
    copy = listed_copy(answer) or draft
    if copy is None or is_gone(copy):
        return None
    product_id = str(copy.product_id)
    status = product_status(copy)
    product = begin_lazy(Product, _Rest(copy, draft, status))
    product.key = Key("Product", shop.key_name, product_id)
    product.shop = shop
    product.platform = Platform.WEIXIN_STORE
    product.platform_id = product_id
    product.title = copy.title or ""
    images = copy.head_imgs or []
    product.main_image = images[0] if images else None
    product.images = images
    product.known_description = (copy.desc_info.desc or None) if copy.desc_info else None
    product.description_query = None
    product.known_status = status
    product.raw_source = source
    return product


def sent_draft(product_id: str, sent: CreateRequest | UpdateRequest) -> ProductCopy:
    """A draft as it was sent, in the form of the platform's answer; new SKUs have no id yet."""
    told = msgspec.to_builtins(sent)
    submitted = told.pop("listing", None)
    skus = [{"sku_id": "", **sku} for sku in told.pop("skus")]
    document = {**told, "skus": skus, "product_id": product_id}
    status = IN_AUDIT if submitted else EDITING
    return msgspec.convert({**document, "status": status, "edit_status": status}, ProductCopy)


class _Rest(msgspec.Struct):
    """Builds the lazy members of a product."""

    copy: ProductCopy
    draft: ProductCopy | None
    status: ProductStatus

    def make_skus(self, product: Product) -> list[Sku]:
        return [_sku(sku, product.key, self.status) for sku in self.copy.skus or ()]

    def make_details(self, product: Product) -> WeixinStoreProductDetails:
        copy, draft = self.copy, self.draft
        brand = text(copy.brand_id)
        status = draft_status(draft)
        template = text(copy.express_info.template_id) if copy.express_info else None
        shop = product.key.shop
        return WeixinStoreProductDetails(
            # `cats` is the older tree, which `Query.categories` does not serve.
            category_keys=tuple(
                Key("Category", shop, str(one.cat_id)) for one in copy.cats_v2 or ()
            ),
            template_key=_template(shop, template),
            short_title=copy.short_title or None,
            properties=[
                ProductProperty(name=one.attr_key or None, value=one.attr_value or None)
                for one in copy.attrs or ()
            ],
            detail_images=(copy.desc_info.imgs or []) if copy.desc_info else [],
            draft_status=status,
            refusal_query=None
            if draft is None or status is not ProductDraftStatus.REFUSED
            else DraftRefusalQuery(product.key, whole(draft.edit_time)),
            draft_edited_at=None if draft is None else moment(draft.edit_time),
            brand_id=None if brand in {None, "0", NO_BRAND} else brand,
            sold_count=whole(copy.total_sold_num),
        )


def _template(shop: str, template: str | None) -> Key | None:
    return None if template in {None, "0"} else Key("DeliveryTemplate", shop, template or "")


def _sku(raw: WireSku, product: Key, status: ProductStatus) -> Sku:
    sku_id = str(raw.sku_id)
    return Sku(
        key=Key("Sku", product.shop, product.platform_id, sku_id),
        product_key=product,
        platform_id=sku_id,
        code=raw.sku_code or None,
        attributes=[_attribute(one) for one in raw.sku_attrs or ()],
        price=money(raw.sale_price),
        # 0 where the platform does not report it.
        list_price=money(raw.market_price) if whole(raw.market_price) else None,
        known_status=sku_status(raw, status),
        stock=whole(raw.stock_num),
        image=raw.thumb_img or None,
        barcode=raw.bar_code or None,
    )


def _attribute(raw: Attribute) -> SkuAttribute:
    return SkuAttribute(
        known_name=raw.attr_key or None, known_value=raw.attr_value or None, custom=False
    )


def _present(copy: ProductCopy | None) -> ProductCopy | None:
    """The copy; the platform may send an empty object in place of none."""
    return None if copy is None or copy.product_id is None else copy
