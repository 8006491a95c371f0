"""What a platform can do: one small Protocol per ability, and an Adapter that lists them.

A port that is None means that this platform cannot. Every reading method takes a `Reading`, and
raises `PlatformFailure` where its platform failed, `StoreUnavailable` where the ledger did.
Things that do not exist are absent from the answer; they are no error.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from gateway.errors import PlatformFailure
from gateway.writes.catalogue import AdjustsStock, KeepsDetails, UploadsImages, WritesProducts
from gateway.writes.fulfilment import ClosesOrders, ShipsOrders
from gateway.writes.storefront import WritesDeliveryTemplates, WritesGroups, WritesShelves
from schema.after_sale import AfterSale, AfterSaleKind, AfterSaleStatus
from schema.carrier import Carrier
from schema.category import Category, PropertyDefinition, SkuAttributeDefinition
from schema.delivery import DeliveryTemplate
from schema.order import Order
from schema.order_status import OrderStatus
from schema.platform import Availability, Capability
from schema.product import Product
from schema.product_status import ProductStatus
from schema.shelf import Shelf
from schema.shop import Shop
from schema.source import SourceState
from schema.wanted_item import WantedItem

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a read is wanted.

    `fresh` asks the platform itself, whatever is cached; with `strict` no older answer stands in
    where that fails, as what a change builds on needs. `deadline` is a moment on the event loop's
    clock (`loop.time()`), None for the configured read timeout alone.
    """

    fresh: bool = False
    deadline: float | None = None
    strict: bool = False


class Position(NamedTuple):
    """A place in a list that runs from the newest backwards.

    `at` is the creation time in unix seconds; things of the same second follow one another by
    descending platform id.
    """

    at: int
    platform_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where an answer came from; `error` tells why where a stale one stands in."""

    state: SourceState = SourceState.LIVE
    fetched_at: datetime | None = None
    error: PlatformFailure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """One shop's part of a list, in the list's order.

    `more` tells whether anything follows `items`. `total` counts the whole range, None unless
    all of it was read.
    """

    items: Sequence[T]
    more: bool
    total: int | None = None
    provenance: Provenance = field(default_factory=Provenance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Generic[T]):
    """All there is of something small, in the list's order."""

    items: Sequence[T]
    provenance: Provenance = field(default_factory=Provenance)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuery:
    """Which orders: None means any. `created_from` is included, `created_to` is not."""

    statuses: frozenset[OrderStatus] | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    buyer_open_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterSaleQuery:
    """Which after-sales: None means any. `created_from` is included, `created_to` is not."""

    statuses: frozenset[AfterSaleStatus] | None = None
    kinds: frozenset[AfterSaleKind] | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductQuery:
    """Which products: None means any; `search` is case-insensitive, all its words must occur."""

    statuses: frozenset[ProductStatus] | None = None
    search: str | None = None


class ReadsProducts(Protocol):
    """Products, ordered by platform id."""

    async def get_many(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Product]:
        """Products by platform id; reads in bulk where that is cheaper."""

    async def page(
        self, query: ProductQuery, after: str | None, first: int, reading: Reading
    ) -> Page[Product]:
        """At most `first` products behind the platform id `after`."""

    async def statuses(self, ids: Sequence[str], reading: Reading) -> Mapping[str, ProductStatus]:
        """Where products stand; one call for all."""


class ReadsCatalogue(Protocol):
    """The platform's own tree of categories and the tables that hang on it."""

    async def children(self, parent: str | None, reading: Reading) -> Sequence[Category]:
        """The children of a category, or the roots."""

    async def name(self, category: str, reading: Reading) -> str | None:
        """A category's name where it is known; no call is made to find it."""

    async def sku_attributes(
        self, category: str, reading: Reading
    ) -> Sequence[SkuAttributeDefinition]:
        """What SKUs of a category may differ in, with all values."""

    async def properties(self, category: str, reading: Reading) -> Sequence[PropertyDefinition]:
        """What products of a category may be described by, with all values."""


class Group(NamedTuple):
    """A group of products: its id, its name and, where it was asked for, its products' ids."""

    platform_id: str
    name: str
    product_ids: tuple[str, ...] | None


class ReadsGroups(Protocol):
    """Groups of products."""

    async def all(self, reading: Reading) -> Sequence[Group]:
        """All groups, without their products, in the platform's order."""

    async def get_many(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Group]:
        """Groups by id, with their products."""


class ReadsShelves(Protocol):
    """Shelves."""

    async def all(self, reading: Reading) -> Whole[Shelf]:
        """All shelves, by platform id (as numbers)."""

    async def get(self, shelf: str, reading: Reading) -> Shelf | None:
        """One shelf."""


class ReadsDeliveryTemplates(Protocol):
    """Delivery templates."""

    async def all(self, reading: Reading) -> Sequence[DeliveryTemplate]:
        """All templates, in the platform's order."""

    async def get_many(
        self, ids: Sequence[str], reading: Reading
    ) -> Mapping[str, DeliveryTemplate]:
        """Templates by id."""


class ReadsOrders(Protocol):
    """Orders, from the newest backwards."""

    async def get_many(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Order]:
        """Orders by platform id."""

    async def page(
        self, query: OrderQuery, after: Position | None, first: int, reading: Reading
    ) -> Page[Order]:
        """At most `first` orders behind `after`."""


class ReadsPartnerOrders(Protocol):
    """Orders of stores for which the shop is a cooperation account."""

    async def get(self, partner_app_id: str, order_id: str, reading: Reading) -> Order | None:
        """One partner order; both ids come with the platform's event."""


def after_sale_place(order_id: str, after_sale_id: str) -> str:
    """What an after-sale's `Position` holds as its id: its own is unique within its order only."""
    return f"{order_id}\x1f{after_sale_id}"


def after_sale_ids(place: str) -> tuple[str, str]:
    """The order's id and the after-sale's own, from what `after_sale_place` gave."""
    order_id, _, after_sale_id = place.partition("\x1f")
    return order_id, after_sale_id


class ReadsAfterSales(Protocol):
    """Refunds, returns and exchanges, from the newest backwards; keys are (order id, own id)."""

    async def get(self, order_id: str, after_sale_id: str, reading: Reading) -> AfterSale | None:
        """One after-sale."""

    async def of_orders(
        self, order_ids: Sequence[str], reading: Reading
    ) -> Mapping[str, Sequence[AfterSale]]:
        """The after-sales of orders, newest first; an order without any is absent."""

    async def page(
        self, query: AfterSaleQuery, after: Position | None, first: int, reading: Reading
    ) -> Page[AfterSale]:
        """At most `first` after-sales behind `after`; positions take `after_sale_place`."""


class ReadsWantedItems(Protocol):
    """One buyer's want-to-buy list, from the line that was added last backwards."""

    async def page(
        self, open_id: str, after: Position | None, first: int, reading: Reading
    ) -> Page[WantedItem]:
        """At most `first` lines behind `after`; positions take the `platform_id` of the key."""

    async def get(self, line: str, reading: Reading) -> WantedItem | None:
        """One line by the `platform_id` of its key."""


class ReadsCarriers(Protocol):
    """Carriers that the platform knows."""

    def all(self) -> Sequence[Carrier]:
        """In the manual's order."""


class Fate(Enum):
    """What an attempt to deliver a push came to."""

    DELIVERED = "delivered"
    #: Not now: the platform is down, busy or refuses the shop's credentials.
    AGAIN = "again"
    #: Not before `retry_after` seconds, or the next day: the platform's quota is spent.
    LATER = "later"
    #: The platform refused it, and would again.
    REJECTED = "rejected"
    #: The answer was lost, and nothing tells whether the platform did it.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one push; `failure` is None where it was delivered.

    `lost` with AGAIN: the answer of this attempt was lost, so the next must not simply repeat it.
    """

    fate: Fate
    failure: PlatformFailure | None = None
    lost: bool = False


class Lot(NamedTuple):
    """Pushes of equal lots may go out in one call, `most` of them."""

    name: Hashable
    most: int


Parcel_contra = TypeVar("Parcel_contra", contravariant=True)


class Codes(NamedTuple):
    """The platform's own codes of where an order and its after-sales stand, in their order."""

    order: str
    after_sales: tuple[str, ...] = ()


class TakesOrders(Protocol[Parcel_contra]):
    """What a platform takes of orders, told beforehand."""

    #: Whether the platform can forget an order; where it cannot, a deleted one is hidden.
    deletes: bool
    #: Whether orders have after-sales of their own.
    takes_after_sales: bool
    #: Fields of OrderUpdateInput that no call for a change has room for, in camelCase.
    unchangeable: frozenset[str]

    def check(self, parcel: Parcel_contra) -> Codes:
        """Writes what would be sent, throws it away, and gives its codes.

        Raises:
            gateway.ledger.needs.UnfitDocument: the platform cannot take it, with every reason.
        """


class TakesGoods(Protocol[Parcel_contra]):
    """What a platform takes of want-to-buy lists and of products, told beforehand."""

    def check(self, parcel: Parcel_contra) -> None:
        """Writes what would be sent, and throws it away.

        Raises:
            gateway.ledger.needs.UnfitDocument: the platform cannot take it, with every reason.
        """


class Delivers(Protocol[Parcel_contra]):
    """Sends what the outbox holds for one shop; a parcel is a `gateway.outbox.parcel.Parcel`."""

    def lot(self, parcel: Parcel_contra) -> Lot:
        """What may go out together with it."""

    async def deliver(self, parcels: Sequence[Parcel_contra]) -> Sequence[Outcome]:
        """Sends parcels of one lot; gives the outcome of each, in their order.

        Raises:
            PlatformFailure | Overloaded: nothing of it was sent.
        """


class Checks(Protocol):
    """Whether the configured credentials work."""

    async def credentials(self) -> None:
        """Asks the platform for a token; raises PlatformFailure with the platform's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthNow:
    """How a shop's platform has fared lately; all None and UNKNOWN before the first call."""

    availability: Availability = Availability.UNKNOWN
    checked_at: datetime | None = None
    last_success_at: datetime | None = None
    last_error: PlatformFailure | None = None
    token_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """One shop on one platform: what it is, and what can be done with it."""

    shop: Shop
    check: Checks
    health: Callable[[], HealthNow]
    products: ReadsProducts | None = None
    kept_details: KeepsDetails | None = None
    catalogue: ReadsCatalogue | None = None
    groups: ReadsGroups | None = None
    shelves: ReadsShelves | None = None
    delivery_templates: ReadsDeliveryTemplates | None = None
    orders: ReadsOrders | None = None
    partner_orders: ReadsPartnerOrders | None = None
    after_sales: ReadsAfterSales | None = None
    wanted_items: ReadsWantedItems | None = None
    carriers: ReadsCarriers | None = None
    writes_products: WritesProducts | None = None
    adjusts_stock: AdjustsStock | None = None
    uploads_images: UploadsImages | None = None
    writes_groups: WritesGroups | None = None
    writes_shelves: WritesShelves | None = None
    writes_delivery_templates: WritesDeliveryTemplates | None = None
    ships_orders: ShipsOrders | None = None
    closes_orders: ClosesOrders | None = None
    #: What the platform is told through the outbox; `order_writes` says what it would take.
    deliveries: Delivers[Any] | None = None
    order_writes: TakesOrders[Any] | None = None
    goods_writes: TakesGoods[Any] | None = None

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the public schema says of the shop."""
        return frozenset(self.shop.capabilities)
