"""The adapter of one shop on one platform: all its ports."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from gateway.errors import PlatformFailure
from gateway.ports.accounts import KeepsOrderCenter, NotesAccounts
from gateway.ports.catalogue import (
    ReadsCarriers,
    ReadsCatalogue,
    ReadsDeliveryTemplates,
    ReadsGroups,
    ReadsProducts,
    ReadsShelves,
)
from gateway.ports.deliveries import AcceptsOrders, AcceptsShoppingList, Delivers
from gateway.ports.exports import ExportsAfterSales, ExportsOrders, ExportsProducts
from gateway.ports.index import IndexesAfterSales, IndexesOrders, IndexesProducts
from gateway.ports.messages import MessageReader
from gateway.ports.orders import (
    FindsOrdersByPhone,
    ListsChangedOrders,
    ReadsAfterSales,
    ReadsOrders,
    ReadsPartnerOrders,
    ReadsWantedItems,
)
from gateway.ports.payments import ReadsPayments
from gateway.ports.platform import PlatformTraits
from gateway.ports.writing.after_sales import DecidesAfterSales
from gateway.ports.writing.catalogue import (
    AdjustsStock,
    KeepsDetails,
    SetsPrices,
    SetsStock,
    UploadsImages,
    WithdrawsDrafts,
    WritesProducts,
)
from gateway.ports.writing.fulfilment import (
    AnnotatesOrders,
    AnswersAddressRequests,
    ClosesOrders,
    RepricesOrders,
    RevealsAddresses,
    ShipsOrders,
)
from gateway.ports.writing.storefront import (
    PlacesProducts,
    WritesDeliveryTemplates,
    WritesGroups,
    WritesShelves,
)
from schema.platform import Availability, Capability
from schema.shop import Shop, ShopCalls


class Checks(Protocol):
    """Whether the configured credentials work."""

    async def credentials(self) -> None:
        """Asks the platform for a token; raises PlatformFailure with the platform's message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthNow:
    """Recent health of a shop's platform; all None and UNKNOWN before the first call."""

    availability: Availability = Availability.UNKNOWN
    checked_at: datetime | None = None
    last_success_at: datetime | None = None
    last_error: PlatformFailure | None = None
    token_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """One shop on one platform: its description and its ports."""

    shop: Shop
    check: Checks
    health: Callable[[], HealthNow]
    #: The calls of the last hour by minute, the oldest first.
    calls: Callable[[], Sequence[ShopCalls]] = tuple
    #: What all shops of the platform have in common.
    traits: PlatformTraits = field(default_factory=PlatformTraits)
    #: Checks and reads the platform's webhooks; None if there are none.
    messages: MessageReader | None = None
    products: ReadsProducts | None = None
    kept_details: KeepsDetails | None = None
    catalogue: ReadsCatalogue | None = None
    groups: ReadsGroups | None = None
    shelves: ReadsShelves | None = None
    delivery_templates: ReadsDeliveryTemplates | None = None
    #: None where the carriers of the platform's traits are all that there are.
    carriers: ReadsCarriers | None = None
    orders: ReadsOrders | None = None
    #: None where the platform lists orders by creation only: then all recent ones are compared.
    changed_orders: ListsChangedOrders | None = None
    #: None where orders have the whole number, by which the index finds them.
    orders_by_phone: FindsOrdersByPhone | None = None
    partner_orders: ReadsPartnerOrders | None = None
    after_sales: ReadsAfterSales | None = None
    wanted_items: ReadsWantedItems | None = None
    #: What the ledger has of these, None where only the platform has them. Then the reads above of
    #: the same things, those of partner orders apart, call no platform either.
    exports_orders: ExportsOrders | None = None
    exports_after_sales: ExportsAfterSales | None = None
    exports_products: ExportsProducts | None = None
    #: How the index keeps what the platform has of these; None where only the ledger has them.
    index_orders: IndexesOrders | None = None
    index_products: IndexesProducts | None = None
    #: None also where after-sales follow from the status of orders.
    index_after_sales: IndexesAfterSales | None = None
    writes_products: WritesProducts | None = None
    withdraws_drafts: WithdrawsDrafts | None = None
    adjusts_stock: AdjustsStock | None = None
    #: None where stock is set by adjusting it.
    sets_stock: SetsStock | None = None
    sets_prices: SetsPrices | None = None
    uploads_images: UploadsImages | None = None
    writes_groups: WritesGroups | None = None
    writes_shelves: WritesShelves | None = None
    places_products: PlacesProducts | None = None
    writes_delivery_templates: WritesDeliveryTemplates | None = None
    ships_orders: ShipsOrders | None = None
    closes_orders: ClosesOrders | None = None
    decides_after_sales: DecidesAfterSales | None = None
    reprices_orders: RepricesOrders | None = None
    annotates_orders: AnnotatesOrders | None = None
    answers_address_requests: AnswersAddressRequests | None = None
    reveals_addresses: RevealsAddresses | None = None
    order_center: KeepsOrderCenter | None = None
    #: None: the platform says nothing of the account.
    account: NotesAccounts | None = None
    #: Payments that the platform keeps beside the orders of the ledger.
    payments: ReadsPayments[Any] | None = None
    #: Sends the pushes that the two ports below write.
    deliveries: Delivers[Any] | None = None
    accepts_orders: AcceptsOrders[Any] | None = None
    accepts_shopping_list: AcceptsShoppingList[Any] | None = None

    @property
    def capabilities(self) -> frozenset[Capability]:
        """The shop in the public schema."""
        return frozenset(self.shop.capabilities)
