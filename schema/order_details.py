"""order_details."""

from enum import Enum
from typing import Annotated

import strawberry

from schema.buyer import Invoice
from schema.declare import described, guarded, public_enum, public_type
from schema.money import Money
from schema.order_item import OrderItem
from schema.order_status import PaymentMethod
from schema.page_link import PageLink
from schema.scalars import DateTime
from schema.scope import Scope


@public_enum
class BaiduOrderKind(Enum):
    """BaiduOrderKind."""

    PHYSICAL = "PHYSICAL"
    VIRTUAL = "VIRTUAL"


@public_type
class PaymentLine:
    """`amount` is for one; `quantity` of them count."""

    name: str = described("")
    amount: Money = described("")
    quantity: int = described("")


@public_type
class BaiduPayment:
    """BaiduPayment."""

    method: PaymentMethod = described("")
    amount: Money = described("")
    paid: bool = described("")
    paid_at: DateTime | None = described("", default=None)
    discounts: list[PaymentLine] = described("")
    charges: list[PaymentLine] = described("")


@public_type
class PartnerOrderPrices:
    """The manual's price_info, field by field; what the platform left out is null."""

    products: Money | None = described("", default=None)
    estimated_products: Money | None = described("", default=None)
    original: Money | None = described("products + freight", default=None)
    paid: Money | None = described("", default=None)
    freight: Money | None = described("", default=None)
    changed_freight: Money | None = described("", default=None)
    freight_changed: bool | None = described("", default=None)
    discounted: Money | None = described("", default=None)
    merchant_discount: Money | None = described("", default=None)
    has_merchant_discount: bool | None = described("", default=None)
    finder_discount: Money | None = described("", default=None)
    uses_points: bool | None = described("", default=None)
    points_deduction: Money | None = described("", default=None)
    change_down: Money | None = described("", default=None)
    merchant_receives: Money | None = described("", default=None)
    consistent: bool | None = described(
        "True where the amounts satisfy the manual's three formulas (an absent discount counts as none), false where they do not, null where too much is missing to say.",
        default=None,
    )


@public_type
class WechatStoreOrderDetails:
    """WechatStoreOrderDetails."""

    product: OrderItem | None = described(
        "The single product that the older, flat form of the order names.", default=None
    )


@public_type
class MiniProgramOrderDetails:
    """An order in the buyer's Mini Program shopping list."""

    invoice_data: strawberry.Private[Invoice | None] = None

    page: PageLink | None = described("", default=None)
    remark: str | None = described("", default=None)
    brand_phone: str | None = described("", default=None)
    contact_page: str | None = described("", default=None)
    invoice: Invoice | None = guarded(
        "invoice_data", (Scope.PII_READ,), description="Needs the scope pii:read."
    )


@public_type
class PartnerOrderDetails:
    """An order placed in a Weixin Store through a Mini Program that is its cooperation account."""

    partner_app_id: str = described("The app id of the store that sold it.")
    prices: PartnerOrderPrices | None = described("", default=None)


@public_type
class BaiduOrderDetails:
    """BaiduOrderDetails."""

    title: str = described("")
    kind: BaiduOrderKind = described("")
    payment: BaiduPayment = described("")
    page: PageLink | None = described("", default=None)
    review_page: PageLink | None = described("", default=None)


OrderDetails = Annotated[
    WechatStoreOrderDetails | MiniProgramOrderDetails | PartnerOrderDetails | BaiduOrderDetails,
    strawberry.union("OrderDetails", description="OrderDetails."),
]
