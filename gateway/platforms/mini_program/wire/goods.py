"""The want-to-buy list, product data and the cart page: 想买清单, 商品数据, 细节运营."""

from typing import Literal

from gateway.platforms.mini_program.wire.base import Read, Written


class Attribute(Written, frozen=True, kw_only=True):
    """An attribute of a product or a SKU."""

    name: str
    value: str


class Sku(Written, frozen=True, kw_only=True):
    """A SKU; prices in fen, `status` 1 on sale, 2 off sale, 3 sold out (since 2019)."""

    sku_id: str
    price: int | None = None
    original_price: int | None = None
    status: Literal[1, 2, 3]
    sku_attr_list: tuple[Attribute, ...] = ()
    version: int | None = None


class WantedProduct(Written, frozen=True, kw_only=True):
    """A line of a want-to-buy list: a product and the wanted SKU."""

    item_code: str
    title: str
    desc: str | None = None
    category_list: tuple[str, ...]
    image_list: tuple[str, ...]
    src_wxapp_path: str
    attr_list: tuple[Attribute, ...] = ()
    sku_info: Sku
    version: int | None = None


class AddWanted(Written, frozen=True, kw_only=True):
    """At most 10 lines of one buyer."""

    is_test: Literal[1] | None = None
    user_open_id: str
    sku_product_list: tuple[WantedProduct, ...]


class WantedKey(Written, frozen=True, kw_only=True):
    """Identifies a line of a want-to-buy list."""

    item_code: str
    sku_id: str


class DeleteWanted(Written, frozen=True, kw_only=True):
    """At most 100 lines of one buyer."""

    user_open_id: str
    sku_product_list: tuple[WantedKey, ...]


class QueryWanted(Written, frozen=True, kw_only=True):
    """A page of one buyer's list; a call of 2019."""

    user_open_id: str
    offset: int
    count: int


class ListedItem(Read, frozen=True, kw_only=True):
    """A line that is on the list."""

    item_code: str
    sku_id: str = ""


class WantedList(Read, frozen=True, kw_only=True):
    """A page of a list; nothing is left out of one that is not the last.

    An answer without the member is malformed; null is an empty list.
    """

    goods_list: tuple[ListedItem, ...] | None


class Product(Written, frozen=True, kw_only=True):
    """A product with at most 16 SKUs; the platform merges the SKUs of repeated calls."""

    item_code: str
    title: str
    desc: str | None = None
    category_list: tuple[str, ...]
    image_list: tuple[str, ...]
    src_wxapp_path: str
    attr_list: tuple[Attribute, ...] = ()
    sku_list: tuple[Sku, ...]
    version: int | None = None


class ImportProducts(Written, frozen=True, kw_only=True):
    """At most 10 products."""

    is_test: Literal[1] | None = None
    product_list: tuple[Product, ...]


class SetCartPath(Written, frozen=True, kw_only=True):
    """The page behind the cart button."""

    shoppingcart_path: str
