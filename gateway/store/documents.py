"""Documents of the ledger: orders, after-sales, products, want-to-buy lines, personal data."""

from typing import NamedTuple, Self

import msgspec

from gateway.errors import LedgerUnreadable


class Attribute(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A name and a value, for instance 颜色 and 红色."""

    name: str
    value: str


class PageLink(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page that a platform's app opens; `state` is a PageLinkState."""

    state: str | None = None
    name: str | None = None
    h5: str | None = None
    swan: str | None = None
    ios: str | None = None
    android: str | None = None
    mini_program_path: str | None = None


class PaymentLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A discount or a charge; `amount` is for one, in fen, and `quantity` of them count."""

    name: str
    amount: int
    quantity: int = 1


class ShippingAddress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The delivery address."""

    name: str | None = None
    national_code: str | None = None
    country: str | None = None
    province: str | None = None
    city: str | None = None
    district: str | None = None
    street: str | None = None
    mobile: str | None = None
    phone: str | None = None


class Invoice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The recipient of the invoice; `type` is an InvoiceType."""

    type: str
    title: str
    tax_number: str | None = None
    company_address: str | None = None
    telephone: str | None = None
    bank_name: str | None = None
    bank_account: str | None = None
    page: PageLink | None = None


class OrderPersonal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The buyer of an order; both ids are valid in the app of the order's shop only."""

    open_id: str | None = None
    #: Baidu's, of a buyer who is not logged in and has no open id.
    swan_id: str | None = None
    union_id: str | None = None
    nickname: str | None = None
    shipping_address: ShippingAddress | None = None
    invoice: Invoice | None = None
    #: The buyer's note.
    remark: str | None = None

    @property
    def buyer_id(self) -> str | None:
        """The open id, without one the swan id; None if the buyer is unknown."""
        return self.open_id or self.swan_id

    def with_open_id(self, open_id: str) -> "OrderPersonal":
        """With this open id, which replaces the buyer's former ids."""
        return msgspec.structs.replace(self, open_id=open_id, swan_id=None)


#: None if none was given, or it was erased; the failure if it cannot be decrypted.
FoundPersonal = OrderPersonal | LedgerUnreadable | None

#: The failure if it cannot be decrypted.
FoundOpenId = str | LedgerUnreadable


class OrderItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of an order: `quantity` of one SKU. The prices are in fen."""

    platform_product_id: str
    platform_sku_id: str | None = None
    #: The merchant's own code of the SKU.
    code: str | None = None
    title: str
    description: str | None = None
    quantity: int
    #: The price that the buyer pays for one.
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
    """How the order is paid; `method` is a PaymentMethod, `reference` the transaction's id.

    A payment is identified by `reference`, or by both numbers of the merchant.
    """

    method: str
    paid: bool
    paid_at: int | None = None
    reference: str | None = None
    merchant_id: str | None = None
    merchant_trade_number: str | None = None


class PaymentKeys(NamedTuple):
    """By what a payment is known: its transaction id, the merchant's number and trade number."""

    reference: str | None
    numbers: tuple[str, str] | None

    @classmethod
    def of(cls, payment: Payment | None) -> Self:
        """The keys of an order's payment."""
        if payment is None:
            return cls(None, None)
        merchant, trade = payment.merchant_id, payment.merchant_trade_number
        return cls(payment.reference or None, (merchant, trade) if merchant and trade else None)


class ShipmentItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which of the order's items a parcel holds; `quantity` is None where it is not known."""

    platform_product_id: str
    platform_sku_id: str | None = None
    quantity: int | None = None


class Shipment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One parcel of an order."""

    #: Within the order, for its id; None: its place among the parcels, from 1.
    number: int | None = None
    carrier_code: str | None = None
    carrier_name: str | None = None
    tracking_number: str | None = None
    shipped_at: int | None = None
    page: PageLink | None = None
    items: tuple[ShipmentItem, ...] = ()


class OrderDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The whole order as last pushed, or to be pushed."""

    platform_id: str
    #: An OrderStatus.
    status: str
    #: The platform's own code of that status; None if it has none.
    platform_status: str | None = None
    title: str | None = None
    #: A BaiduOrderKind.
    kind: str | None = None
    created_at: int
    #: Whether `created_at` was corrected after the import, which sent another.
    created_at_corrected: bool = False
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


class AfterSalePayment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was paid for a returned item; `amount` is in fen, `method` a PaymentMethod."""

    amount: int
    method: str | None = None
    paid: bool = True
    paid_at: int | None = None
    discounts: tuple[PaymentLine, ...] = ()
    charges: tuple[PaymentLine, ...] = ()


class AfterSaleItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The returned items and their quantity; `refund` is in fen."""

    platform_product_id: str
    quantity: int
    refund: int | None = None
    payment: AfterSalePayment | None = None


class AfterSaleDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The whole after-sale as last pushed, or to be pushed."""

    platform_id: str
    #: The platform's id of the order that it belongs to.
    order_platform_id: str
    #: An AfterSaleStatus.
    status: str
    #: The platform's own code of that status.
    platform_status: str
    #: An AfterSaleKind.
    kind: str
    #: In fen; an exchange has none.
    refund: int | None = None
    items: tuple[AfterSaleItem, ...] = ()
    created_at: int
    updated_at: int | None = None
    page: PageLink | None = None


class ProductSku(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One SKU; the prices are in fen, `status` is a SkuStatusChange."""

    platform_id: str
    code: str | None = None
    price: int | None = None
    list_price: int | None = None
    status: str | None = None
    version: int | None = None
    attributes: tuple[Attribute, ...] = ()
    image: str | None = None


class ProductDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The product as last synced to the shopping list, or last seen in an order."""

    platform_product_id: str
    title: str
    description: str | None = None
    images: tuple[str, ...] = ()
    category_path: tuple[str, ...] = ()
    #: The Mini Program page that shows it.
    page_path: str | None = None
    #: The page that Baidu's app opens.
    page: PageLink | None = None
    product_attributes: tuple[Attribute, ...] = ()
    version: int | None = None
    skus: tuple[ProductSku, ...] = ()
    #: When it was added to the shopping list; None if it was only seen in an order.
    synced_at: int | None = None


class WantedItemDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A SKU that a buyer wants; the prices are in fen, `status` is a SkuStatusChange."""

    platform_product_id: str
    platform_sku_id: str | None = None
    #: The merchant's own code of the SKU; stored by the gateway only.
    code: str | None = None
    title: str
    description: str | None = None
    images: tuple[str, ...] = ()
    price: int | None = None
    list_price: int | None = None
    status: str
    #: The SKU's.
    attributes: tuple[Attribute, ...] = ()
    product_attributes: tuple[Attribute, ...] = ()
    category_path: tuple[str, ...] = ()
    version: int | None = None
    sku_version: int | None = None
    #: Stored by the gateway only, like `added_at`.
    quantity: int | None = None
    page_path: str
    added_at: int | None = None


class MirrorDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the target needs and the source does not report; None: the gateway's default."""

    title: str | None = None
    #: A BaiduOrderKind.
    kind: str | None = None
    paid_at: int | None = None
