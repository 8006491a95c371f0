"""All that the sandbox remembers, as plain data that goes to JSON and back."""

from dataclasses import dataclass, field
from typing import Any, Literal

Wire = dict[str, Any]

TokenKind = Literal["plain", "stable", "baidu"]


@dataclass(slots=True)
class Token:
    """One access token; times in unix seconds, `void_at` set when a newer one replaced it."""

    app_id: str
    kind: TokenKind
    expires_at: float
    void_at: float | None = None


@dataclass(slots=True)
class TokenBook:
    """Every token given out, the current one of each kind and app, and the counted calls."""

    tokens: dict[str, Token] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    forced_at: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Category:
    """A category of the WeChat Store; table and properties as the platform answers them."""

    category_id: int
    name: str
    parent: int
    sku_table: list[Wire] = field(default_factory=list)
    properties: list[Wire] = field(default_factory=list)


@dataclass(slots=True)
class StoreProduct:
    """A product as it was created or updated last (manual 1.1), and where it stands."""

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
class StoreShop:
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


@dataclass(slots=True)
class MallOrder:
    """An order of the shopping list, whole as it stands now, and the calls that changed it."""

    open_id: str
    document: Wire
    history: bool = False
    calls: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PartnerOrder:
    """An order of a store that the Mini Program is a cooperation account of."""

    shop_appid: str
    event_time: int
    order: Wire


@dataclass(slots=True)
class MiniShop:
    """One Mini Program: its shopping list and its partner stores' orders."""

    orders: dict[str, MallOrder] = field(default_factory=dict)
    deleted_orders: list[str] = field(default_factory=list)
    wanted: dict[str, list[Wire]] = field(default_factory=dict)
    products: dict[str, Wire] = field(default_factory=dict)
    cart_path: str | None = None
    partner_orders: dict[str, PartnerOrder] = field(default_factory=dict)
    buyers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class BaiduOrder:
    """An order of the order centre; `main` is the record without its after-sales."""

    open_id: str
    main: Wire
    subs: Wire | None = None
    query: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)


@dataclass(slots=True)
class BaiduShop:
    """One smart mini program's order centre."""

    orders: dict[str, BaiduOrder] = field(default_factory=dict)
    buyers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class SandboxState:
    """Everything, by app id; `seeded_at` is the time that the sample shop is relative to."""

    seeded_at: int = 0
    stores: dict[str, StoreShop] = field(default_factory=dict)
    minis: dict[str, MiniShop] = field(default_factory=dict)
    swans: dict[str, BaiduShop] = field(default_factory=dict)
    tokens: TokenBook = field(default_factory=TokenBook)
