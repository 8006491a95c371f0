"""Maps want-to-buy lines and products of the ledger to the shopping list's form."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from gateway.ledger.requirements import Requirements
from gateway.platforms.mini_program.wire import goods as wire
from gateway.store.documents import (
    Attribute,
    ProductDocument,
    ProductSku,
    WantedItemDocument,
)

_NAME: Final = "the shopping list"
_STATUS: Final[Mapping[str, Literal[1, 2, 3]]] = {"ON_SALE": 1, "OFF_SALE": 2, "SOLD_OUT": 3}


def wanted_product(document: WantedItemDocument) -> wire.WantedProduct:
    """A line to add to a list; without a SKU id, the product's id is used.

    Raises:
        InvalidForPlatform: a required value is missing.
    """
    needs = Requirements(_NAME)
    product = document.platform_product_id
    line = wire.WantedProduct(
        item_code=product,
        title=document.title,
        desc=document.description,
        category_list=needs.given(document.category_path, "categoryPath", instead=()),
        image_list=needs.given(document.images, "images", instead=()),
        src_wxapp_path=needs.given(document.page_path, "pagePath", instead=""),
        attr_list=_attributes(document.product_attributes),
        sku_info=wire.Sku(
            sku_id=document.platform_sku_id or product,
            price=document.price,
            original_price=document.list_price,
            status=needs.given(_STATUS.get(document.status), "status", instead=1),
            sku_attr_list=_attributes(document.attributes),
            version=document.sku_version,
        ),
        version=document.version,
    )
    return needs.settle(line)


def wanted_key(product: str, sku: str | None) -> wire.WantedKey:
    """The key of a line to remove from a list."""
    return wire.WantedKey(item_code=product, sku_id=sku or product)


def product(document: ProductDocument) -> wire.Product:
    """A product to update, with all its SKUs; a call takes at most 16 of them.

    Raises:
        InvalidForPlatform: a required value is missing.
    """
    needs = Requirements(_NAME)
    needs.given(document.skus, "skus", instead=())
    written = wire.Product(
        item_code=document.platform_product_id,
        title=document.title,
        desc=document.description,
        category_list=needs.given(document.category_path, "categoryPath", instead=()),
        image_list=needs.given(document.images, "images", instead=()),
        src_wxapp_path=needs.given(document.page_path, "pagePath", instead=""),
        attr_list=_attributes(document.product_attributes),
        sku_list=tuple(
            _sku(sku, document.platform_product_id, needs, "skus", str(index))
            for index, sku in enumerate(document.skus)
        ),
        version=document.version,
    )
    return needs.settle(written)


def _sku(sku: ProductSku, product: str, needs: Requirements, *path: str) -> wire.Sku:
    return wire.Sku(
        sku_id=sku.platform_id or product,
        price=sku.price,
        original_price=sku.list_price,
        status=needs.given(_STATUS.get(sku.status or ""), *path, "status", instead=1),
        sku_attr_list=_attributes(sku.attributes),
        version=sku.version,
    )


def _attributes(pairs: Iterable[Attribute]) -> tuple[wire.Attribute, ...]:
    return tuple(wire.Attribute(name=pair.name, value=pair.value) for pair in pairs)
