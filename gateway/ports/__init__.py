"""What a platform can do: one small Protocol per ability, and an Adapter that lists them.

A port is None if the platform lacks the ability. Every reading method takes a `ReadOptions`, and
raises `PlatformFailure` if its platform failed, `StoreUnavailable` if the ledger did.
Things that do not exist are absent from the answer; they are not an error.
"""

from gateway.ports.accounts import AccountNote, KeepsOrderCenter, NotesAccounts
from gateway.ports.adapter import Adapter, Checks, HealthNow
from gateway.ports.catalogue import (
    Group,
    ProductQuery,
    ReadsCarriers,
    ReadsCatalogue,
    ReadsDeliveryTemplates,
    ReadsGroups,
    ReadsProducts,
    ReadsShelves,
)
from gateway.ports.deliveries import (
    AcceptsOrders,
    AcceptsShoppingList,
    BatchKey,
    Codes,
    Delivers,
    DeliveryResult,
    DeliveryStatus,
    UnsentField,
    WireForm,
    WritesWireForm,
)
from gateway.ports.exports import ExportsAfterSales, ExportsOrders, ExportsProducts
from gateway.ports.index import (
    IndexesAfterSales,
    IndexesOrders,
    IndexesProducts,
    KeptDocument,
    SplitDocument,
)
from gateway.ports.lists import CompleteList, Page, Position, Provenance, ReadOptions
from gateway.ports.messages import (
    EventMessage,
    ForgedMessage,
    MessageReader,
    MessageRequest,
    OpenedMessage,
    UnreadableMessage,
)
from gateway.ports.orders import (
    AfterSaleQuery,
    FindsOrdersByPhone,
    ListsChangedOrders,
    OrderQuery,
    ReadsAfterSales,
    ReadsOrders,
    ReadsPartnerOrders,
    ReadsWantedItems,
    after_sale_ids,
    after_sale_place,
    after_sale_position,
    order_position,
)
from gateway.ports.payments import PaymentName, ReadsPayments
from gateway.ports.platform import PlatformTraits

__all__ = [
    "AcceptsOrders",
    "AcceptsShoppingList",
    "AccountNote",
    "Adapter",
    "AfterSaleQuery",
    "BatchKey",
    "Checks",
    "Codes",
    "CompleteList",
    "Delivers",
    "DeliveryResult",
    "DeliveryStatus",
    "EventMessage",
    "ExportsAfterSales",
    "ExportsOrders",
    "ExportsProducts",
    "FindsOrdersByPhone",
    "ForgedMessage",
    "Group",
    "HealthNow",
    "IndexesAfterSales",
    "IndexesOrders",
    "IndexesProducts",
    "KeepsOrderCenter",
    "KeptDocument",
    "ListsChangedOrders",
    "MessageReader",
    "MessageRequest",
    "NotesAccounts",
    "OpenedMessage",
    "OrderQuery",
    "Page",
    "PaymentName",
    "PlatformTraits",
    "Position",
    "ProductQuery",
    "Provenance",
    "ReadOptions",
    "ReadsAfterSales",
    "ReadsCarriers",
    "ReadsCatalogue",
    "ReadsDeliveryTemplates",
    "ReadsGroups",
    "ReadsOrders",
    "ReadsPartnerOrders",
    "ReadsPayments",
    "ReadsProducts",
    "ReadsShelves",
    "ReadsWantedItems",
    "SplitDocument",
    "UnreadableMessage",
    "UnsentField",
    "WireForm",
    "WritesWireForm",
    "after_sale_ids",
    "after_sale_place",
    "after_sale_position",
    "order_position",
]
