"""The sample shop as plain data: neutral products, and each platform's orders in its wire form."""

from dataclasses import dataclass
from typing import Any

Wire = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SeedAttribute:
    """One attribute of a SKU or one property of a product, with the WeChat Store's ids."""

    name_id: str
    value_id: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class SeedSku:
    """One SKU; prices in fen, `code` the merchant's own, the id on the two pushed platforms."""

    store_sku_id: str
    code: str
    attributes: tuple[SeedAttribute, ...]
    price: int
    list_price: int
    stock: int
    image: str


@dataclass(frozen=True, slots=True)
class SeedProduct:
    """One product of the shop, sold on all three platforms under the same title.

    `store_id` is its id in the WeChat Store, `code` its id on the shopping list and on Baidu.
    `template_id` is None where postage is free.
    """

    store_id: str
    code: str
    title: str
    description: str
    category_id: int
    category_path: tuple[str, ...]
    properties: tuple[SeedAttribute, ...]
    skus: tuple[SeedSku, ...]
    images: tuple[str, ...]
    on_shelf: bool
    listed_before: bool
    buy_limit: int
    template_id: int | None


@dataclass(frozen=True, slots=True)
class SeedCategory:
    """A category; `sku_table` and `properties` in the WeChat Store's wire form (1.8, 1.9)."""

    category_id: int
    name: str
    parent: int
    sku_table: tuple[Wire, ...]
    properties: tuple[Wire, ...]


@dataclass(frozen=True, slots=True)
class SeedBuyer:
    """A made-up buyer, with the open id that each app would know."""

    name: str
    nickname: str
    mobile: str
    province: str
    city: str
    district: str
    street: str
    store_open_id: str
    mini_open_id: str
    baidu_open_id: str


@dataclass(frozen=True, slots=True)
class SeedGroup:
    """A group of the WeChat Store; products by `store_id`."""

    group_id: int
    name: str
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeedMiniOrder:
    """An order of the shopping list: the wire form of its import, with its status of now."""

    open_id: str
    wire: Wire


@dataclass(frozen=True, slots=True)
class SeedBaiduOrder:
    """An order of Baidu's order centre: one record of `Data`, after-sales included."""

    open_id: str
    wire: Wire


@dataclass(frozen=True, slots=True)
class SeedWantedItem:
    """An item of a buyer's want-to-buy list: wire form, when it was added (unix s), how many."""

    open_id: str
    wire: Wire
    added_at: int
    quantity: int


@dataclass(frozen=True, slots=True)
class SeedPartnerOrder:
    """An order of a partner store: both ids, the time of its event (unix s), and the wire form."""

    shop_appid: str
    order_id: str
    event_time: int
    wire: Wire


@dataclass(frozen=True, slots=True)
class SeedShop:
    """The whole sample shop, its times relative to `now` (unix s)."""

    now: int
    categories: tuple[SeedCategory, ...]
    products: tuple[SeedProduct, ...]
    templates: tuple[Wire, ...]
    groups: tuple[SeedGroup, ...]
    shelves: tuple[Wire, ...]
    images: tuple[str, ...]
    buyers: tuple[SeedBuyer, ...]
    store_orders: tuple[Wire, ...]
    mini_orders: tuple[SeedMiniOrder, ...]
    wanted_items: tuple[SeedWantedItem, ...]
    synced_products: tuple[Wire, ...]
    cart_path: str
    partner_orders: tuple[SeedPartnerOrder, ...]
    baidu_orders: tuple[SeedBaiduOrder, ...]
