"""The neutral form of what was pushed, as the ledger keeps it.

Field names are those of the contract's inputs in snake_case. Money is in fen, times are unix
seconds, and enum values are the names that the contract gives them. A field left out is None,
a list left out is empty.
"""

from gateway.store.documents.after_sale import AfterSaleDocument, AfterSaleItem
from gateway.store.documents.mirror import MirrorDocument
from gateway.store.documents.order import OrderDocument, OrderItem, Payment, Shipment, ShipmentItem
from gateway.store.documents.parts import Attribute, PageLink, PaymentLine
from gateway.store.documents.personal import (
    FoundOpenId,
    FoundPersonal,
    Invoice,
    OrderPersonal,
    ShippingAddress,
)
from gateway.store.documents.product import ProductDocument, ProductSku
from gateway.store.documents.wanted_item import WantedItemDocument

__all__ = [
    "AfterSaleDocument",
    "AfterSaleItem",
    "Attribute",
    "FoundOpenId",
    "FoundPersonal",
    "Invoice",
    "MirrorDocument",
    "OrderDocument",
    "OrderItem",
    "OrderPersonal",
    "PageLink",
    "Payment",
    "PaymentLine",
    "ProductDocument",
    "ProductSku",
    "Shipment",
    "ShipmentItem",
    "ShippingAddress",
    "WantedItemDocument",
]
