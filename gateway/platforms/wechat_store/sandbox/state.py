"""The sandbox's state of a WeChat Store."""

from dataclasses import dataclass, field

from gateway.platforms.wechat_store.sandbox.invented import Invented
from gateway.sandbox.request import Call, Wire
from gateway.sandbox.server_state import Account
from gateway.sandbox.wechat import WECHAT

FLAGSHIP = Account("wechat_store", "wxflagship000001", "sandbox-flagship-secret", issuer=WECHAT)


@dataclass(slots=True)
class Category:
    """A category of the WeChat Store; table and properties as in the platform's responses."""

    category_id: int
    name: str
    parent: int
    sku_table: list[Wire] = field(default_factory=list)
    properties: list[Wire] = field(default_factory=list)


@dataclass(slots=True)
class StoreProduct:
    """A product as last created or updated (manual 1.1), and its shelf status."""

    product_id: str
    document: Wire
    on_shelf: bool
    listed_before: bool


@dataclass(slots=True)
class ProductGroup:
    """A group of products (manual chapter 4)."""

    group_id: int
    name: str
    products: list[str]


@dataclass(slots=True)
class WechatStoreShop:
    """One WeChat Store."""

    categories: dict[int, Category] = field(default_factory=dict)
    products: dict[str, StoreProduct] = field(default_factory=dict)
    templates: dict[int, Wire] = field(default_factory=dict)
    groups: dict[int, ProductGroup] = field(default_factory=dict)
    shelves: dict[int, Wire] = field(default_factory=dict)
    orders: dict[str, Wire] = field(default_factory=dict)
    images: set[str] = field(default_factory=set)
    buyers: set[str] = field(default_factory=set)
    last_id: int = 300_000_000


StoreCall = Call[WechatStoreShop, Invented]
