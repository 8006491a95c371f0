"""An order of a platform that keeps its own copy, without personal data."""

import msgspec

from gateway.store.documents.parts import Attribute, PageLink, PaymentLine


class OrderItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of an order: `quantity` of one SKU. The prices are in fen."""

    platform_product_id: str
    platform_sku_id: str | None = None
    #: The merchant's own code of the SKU.
    code: str | None = None
    title: str
    description: str | None = None
    quantity: int
    #: What one costs the buyer.
    unit_price: int
    #: `unit_price` where None.
    list_price: int | None = None
    #: What the line costs; `unit_price` × `quantity` where None.
    total: int | None = None
    images: tuple[str, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    category_path: tuple[str, ...] = ()
    page: PageLink | None = None


class Payment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the order is paid; `method` is a PaymentMethod, `reference` the transaction's id."""

    method: str
    paid: bool
    paid_at: int | None = None
    reference: str | None = None


class ShipmentItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which of the order's items a parcel holds."""

    platform_product_id: str
    platform_sku_id: str | None = None


class Shipment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One parcel of an order."""

    carrier_code: str | None = None
    carrier_name: str | None = None
    tracking_number: str | None = None
    shipped_at: int | None = None
    page: PageLink | None = None
    items: tuple[ShipmentItem, ...] = ()


class OrderDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The whole order as it was last pushed, or is to be pushed."""

    platform_id: str
    #: An OrderStatus.
    status: str
    #: The platform's own code of that status; None where it knows none.
    platform_status: str | None = None
    title: str | None = None
    #: A BaiduOrderKind.
    kind: str | None = None
    remark: str | None = None
    created_at: int
    updated_at: int | None = None
    items: tuple[OrderItem, ...]
    #: What the buyer pays.
    total: int
    shipping_fee: int | None = None
    discounts: tuple[PaymentLine, ...] = ()
    charges: tuple[PaymentLine, ...] = ()
    payment: Payment | None = None
    shipments: tuple[Shipment, ...] = ()
    brand_phone: str | None = None
    #: The path of the Mini Program page behind the brand's contact button.
    contact_page: str | None = None
    page: PageLink | None = None
    review_page: PageLink | None = None
    #: An AfterSaleStatus: the common status of the order's after-sales.
    after_sale_status: str | None = None
    #: Whether it came with the back-fill of past orders.
    history: bool = False
