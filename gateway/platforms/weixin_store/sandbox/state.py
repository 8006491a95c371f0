"""The sandbox's state of a Weixin Store."""

from dataclasses import dataclass, field

from gateway.platforms.weixin_store.sandbox.invented import Invented
from gateway.sandbox.request import Call, Wire
from gateway.sandbox.server_state import Account
from gateway.sandbox.wechat import WECHAT

WEIXIN = Account("weixin_store", "wxweixin00000001", "sandbox-weixin-secret", issuer=WECHAT)


@dataclass(slots=True)
class Category:
    """A category; what describes its products, and what their SKUs differ in, as answered."""

    category_id: str
    name: str
    parent: str
    leaf: bool
    product_attributes: list[Wire] = field(default_factory=list)
    sale_attributes: list[Wire] = field(default_factory=list)


@dataclass(slots=True)
class StoreProduct:
    """A product: its draft and, once an audit passed one, its listed copy.

    `status` is that of the listed copy, `edit_status` that of the draft; an audit, or an upload,
    ends at `due_at` (unix seconds).
    """

    product_id: str
    draft: Wire
    line: Wire | None = None
    status: int = 0
    edit_status: int = 1
    edit_time: int = 0
    due_at: int = 0
    submit_later: bool = False
    sold: int = 0


@dataclass(slots=True)
class StockChange:
    """One entry of a SKU's stock flow, as the platform answers it."""

    product_id: str
    sku_id: str
    entry: Wire


@dataclass(slots=True)
class HomePage:
    """The storefront: the order of the products that were ever listed, and what is set of them.

    `classes` is the classification's first level with its `level_2`; `class_products` has the ids
    of a class's products by "level_1-level_2". `banner` is None if there is none.
    """

    order: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    pinned: set[str] = field(default_factory=set)
    classes: list[Wire] = field(default_factory=list)
    class_products: dict[str, list[str]] = field(default_factory=dict)
    banner: Wire | None = None


@dataclass(slots=True)
class WeixinStoreShop:
    """One store; the limits of calls are those that every app has by default.

    `admitted`: whether the caller's address is on the store's list.
    """

    status: str = "open_finished"
    admitted: bool = True
    calls_per_minute: int = 10_000
    calls_per_day: int = 500_000
    buyers: set[str] = field(default_factory=set)
    #: In the platform's form, by their ids.
    after_sales: dict[str, Wire] = field(default_factory=dict)
    addresses: dict[str, Wire] = field(default_factory=dict)
    last_after_sale: int = 0
    #: When each after-sale was last decided on, in unix seconds.
    decided_at: dict[str, int] = field(default_factory=dict)
    #: With the whole address: answers have it masked.
    orders: dict[str, Wire] = field(default_factory=dict)
    #: How many orders were placed since the start.
    placed: int = 0
    #: How often the prices and the parcels of an order were changed, by its id.
    price_changes: dict[str, int] = field(default_factory=dict)
    corrections: dict[str, int] = field(default_factory=dict)
    #: Orders that were decoded today, that day since 1970, and how many it may be.
    decoded: set[str] = field(default_factory=set)
    decoded_on: int = 0
    decodes_per_day: int = 1_000
    #: Events still to be pushed, oldest first.
    events: list[Wire] = field(default_factory=list)
    #: Freight templates by id, as the platform answers them.
    templates: dict[str, Wire] = field(default_factory=dict)
    home_page: HomePage = field(default_factory=HomePage)
    categories: dict[str, Category] = field(default_factory=dict)
    products: dict[str, StoreProduct] = field(default_factory=dict)
    stock_flow: list[StockChange] = field(default_factory=list)
    images: set[str] = field(default_factory=set)
    #: When drafts were written, in unix seconds.
    draft_writes: list[int] = field(default_factory=list)
    drafts_per_hour: int = 180
    drafts_per_day: int = 2_000
    listing_banned: bool = False
    last_id: int = 0

    def next_id(self) -> int:
        """Return a number that no other thing of the store has."""
        self.last_id += 1
        return self.last_id


WeixinCall = Call[WeixinStoreShop, Invented]
