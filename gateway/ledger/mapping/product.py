"""A product as it was synced, or as an order showed it, from the ledger."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.ledger.mapping.parts import SKU_STATUS, attributes, member, money
from gateway.store.documents import ProductDocument, ProductSku
from schema.key import Key
from schema.product import Product
from schema.product_details import ProductDetails
from schema.product_status import ProductStatus
from schema.shop import Shop
from schema.sku import Sku


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductMapping:
    """Maps one shop's products, with the details that only its platform has."""

    shop: Shop
    details: Callable[[ProductDocument], ProductDetails]

    def product(self, document: ProductDocument, status: str) -> Product:
        """The product; `status` is the name of a ProductStatus."""
        images = list(document.images)
        return Product(
            key=Key("Product", self.shop.key_name, document.platform_product_id),
            known_status=member(status, ProductStatus.UNKNOWN),
            shop=self.shop,
            platform=self.shop.platform,
            platform_id=document.platform_product_id,
            title=document.title,
            known_description=document.description,
            main_image=images[0] if images else None,
            images=images,
            skus=[self._sku(sku, document.platform_product_id) for sku in document.skus],
            details=self.details(document),
        )

    def _sku(self, sku: ProductSku, product: str) -> Sku:
        shop = self.shop.key_name
        return Sku(
            key=Key("Sku", shop, product, sku.platform_id),
            product_key=Key("Product", shop, product),
            platform_id=sku.platform_id,
            code=sku.code,
            attributes=attributes(sku.attributes),
            price=money(sku.price),
            list_price=money(sku.list_price),
            known_status=SKU_STATUS.get(sku.status or ""),
            image=sku.image,
        )
