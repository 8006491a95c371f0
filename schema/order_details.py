"""What only one platform tells of an order."""

from enum import Enum
from typing import Annotated

import strawberry

from schema.buyer import Invoice
from schema.declare import described, guarded, means, public_enum, public_type
from schema.money import Money
from schema.order_item import OrderItem
from schema.order_status import PaymentMethod
from schema.page_link import PageLink
from schema.scalars import DateTime
from schema.scope import Scope


@public_enum
class BaiduOrderKind(Enum):
    """Whether goods are sent."""

    PHYSICAL = means("PHYSICAL", "Goods that are sent (实物).")
    VIRTUAL = means("VIRTUAL", "Goods that are not sent (虚拟物品).")


@public_type
class PaymentLine:
    """`amount` is for one; `quantity` of them count."""

    name: str = described("What it is for, such as 运费.")
    amount: Money = described("How much for one.")
    quantity: int = described("How many.")


@public_type
class BaiduPayment:
    """How a Baidu order is paid: its amount is the goods and charges less the discounts."""

    method: PaymentMethod = described("ONLINE or CASH_ON_DELIVERY.")
    amount: Money = described("What the buyer pays in all.")
    paid: bool = described("Whether it was paid.")
    paid_at: DateTime | None = described("When it was paid.", default=None)
    discounts: list[PaymentLine] = described("What is taken off.")
    charges: list[PaymentLine] = described("What is added, such as 运费.")


@public_type
class PartnerOrderPrices:
    """The manual's price_info, field by field; what the platform left out is null."""

    products: Money | None = described("The goods (product_price).", default=None)
    estimated_products: Money | None = described(
        "The goods after all offers (estimate_product_price).", default=None
    )
    original: Money | None = described("products + freight", default=None)
    paid: Money | None = described("What the buyer pays (order_price).", default=None)
    freight: Money | None = described("Delivery.", default=None)
    changed_freight: Money | None = described("Delivery after the price was changed.", default=None)
    freight_changed: bool | None = described(
        "Whether the delivery price was changed.", default=None
    )
    discounted: Money | None = described("The merchant's offers (discounted_price).", default=None)
    merchant_discount: Money | None = described(
        "The merchant's discount; means the same as `discounted`.", default=None
    )
    has_merchant_discount: bool | None = described(
        "Whether the merchant gave a coupon.", default=None
    )
    finder_discount: Money | None = described("What the channel's owner gave.", default=None)
    uses_points: bool | None = described("Whether membership points were used.", default=None)
    points_deduction: Money | None = described("What the points took off.", default=None)
    change_down: Money | None = described("What a changed price took off.", default=None)
    merchant_receives: Money | None = described(
        "What the merchant receives (merchant_receieve_price).", default=None
    )
    consistent: bool | None = described(
        "True where the amounts satisfy the manual's three formulas (an absent discount "
        "counts as none), false where they do not, null where too much is missing to say.",
        default=None,
    )


@public_type
class WechatStoreOrderDetails:
    """What only the WeChat Store tells of an order."""

    product: OrderItem | None = described(
        "The single product that the older, flat form of the order names.", default=None
    )


@public_type
class MiniProgramOrderDetails:
    """An order in the buyer's Mini Program shopping list."""

    invoice_data: strawberry.Private[Invoice | None] = None
    #: Why the invoice, which may be kept, cannot be told.
    unreadable: strawberry.Private[Exception | None] = None

    page: PageLink | None = described("The page that shows it.", default=None)
    remark: str | None = described("The buyer's remark.", default=None)
    brand_phone: str | None = described("The merchant's telephone number.", default=None)
    contact_page: str | None = described(
        "The page that leads to the merchant's service.", default=None
    )
    invoice: Invoice | None = guarded(
        "told_invoice",
        (Scope.PII_READ,),
        description="Its invoice; null where the buyer wants none.",
    )

    @property
    def told_invoice(self) -> Invoice | None:
        """The invoice; raises `unreadable`."""
        if self.unreadable is not None:
            raise self.unreadable
        return self.invoice_data


@public_type
class PartnerOrderDetails:
    """An order placed in a Weixin Store through a Mini Program that is its cooperation account."""

    partner_app_id: str = described("The app id of the store that sold it.")
    prices: PartnerOrderPrices | None = described(
        "The amounts, as the platform tells them.", default=None
    )


@public_type
class BaiduOrderDetails:
    """An order in Baidu's order centre."""

    title: str = described("What people see it called.")
    kind: BaiduOrderKind = described("Whether the goods are sent.")
    payment: BaiduPayment = described("How it is paid.")
    page: PageLink | None = described("The page that shows it.", default=None)
    review_page: PageLink | None = described("The page on which the buyer rates it.", default=None)


OrderDetails = Annotated[
    WechatStoreOrderDetails | MiniProgramOrderDetails | PartnerOrderDetails | BaiduOrderDetails,
    strawberry.union("OrderDetails", description="What only one platform tells of an order."),
]
