"""A line of a want-to-buy list, from the ledger."""

from gateway.errors import LedgerUnreadable
from gateway.ledger.mapping.parts import SKU_STATUS, attributes, moment, money
from gateway.store.documents import FoundOpenId, WantedItemDocument
from schema.key import Key
from schema.shop import Shop
from schema.wanted_item import WantedItem


def wanted_item(
    document: WantedItemDocument, shop: Shop, *, item_id: str, found: FoundOpenId, added_at: int
) -> WantedItem:
    """The line; its key, `item_id`, reveals neither the buyer nor the product.

    If the open id cannot be decrypted, selecting it is an error; the rest is there.
    """
    product = document.platform_product_id
    return WantedItem(
        key=Key("WantedItem", shop.key_name, item_id),
        product_key=Key("Product", shop.key_name, product),
        sku_key=Key("Sku", shop.key_name, product, document.platform_sku_id or ""),
        known_code=document.code,
        open_id_data=found if isinstance(found, str) else None,
        unreadable=found if isinstance(found, LedgerUnreadable) else None,
        shop=shop,
        platform_product_id=product,
        platform_sku_id=document.platform_sku_id,
        title=document.title,
        image=document.images[0] if document.images else None,
        price=money(document.price),
        list_price=money(document.list_price),
        status=SKU_STATUS.get(document.status),
        page_path=document.page_path,
        attributes=attributes(document.attributes),
        category_path=list(document.category_path),
        quantity=document.quantity,
        added_at=moment(added_at),
    )
