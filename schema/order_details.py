"""Fields of orders that only one platform has."""

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
    """Whether an order's goods are shipped."""

    PHYSICAL = means("PHYSICAL", "Physical goods, which are shipped (实物).")
    VIRTUAL = means("VIRTUAL", "Virtual goods, which are not shipped (虚拟物品).")


@public_type
class PaymentLine:
    """A discount or a charge: `amount` for each of `quantity` units."""

    name: str = described("The name, such as 运费.")
    amount: Money = described("The amount of one unit.")
    quantity: int = described("The number of units.")


@public_type
class BaiduPayment:
    """The payment of a Baidu order. Its amount is goods plus charges minus discounts."""

    method: PaymentMethod = described("ONLINE or CASH_ON_DELIVERY.")
    amount: Money = described("The total amount that the buyer pays.")
    paid: bool = described("Whether it has been paid.")
    paid_at: DateTime | None = described("When it was paid.", default=None)
    discounts: list[PaymentLine] = described("The discounts.")
    charges: list[PaymentLine] = described("The charges, such as 运费.")


@public_type
class PartnerOrderPrices:
    """The fields of the manual's price_info; null if the platform omitted them."""

    products: Money | None = described("The price of the goods (product_price).", default=None)
    estimated_products: Money | None = described(
        "The price of the goods after all discounts (estimate_product_price).", default=None
    )
    original: Money | None = described("`products` plus `freight` (original_price).", default=None)
    paid: Money | None = described("The amount that the buyer pays (order_price).", default=None)
    freight: Money | None = described("The shipping fee (freight).", default=None)
    changed_freight: Money | None = described(
        "The shipping fee after it was changed (change_freight).", default=None
    )
    freight_changed: bool | None = described("Whether the shipping fee was changed.", default=None)
    discounted: Money | None = described(
        "The merchant's discounts (discounted_price).", default=None
    )
    merchant_discount: Money | None = described(
        "The merchant's discount; has the same meaning as `discounted`.", default=None
    )
    has_merchant_discount: bool | None = described(
        "Whether the merchant's coupon was used.", default=None
    )
    finder_discount: Money | None = described(
        "The discount granted by the Channels (视频号) creator.", default=None
    )
    uses_points: bool | None = described("Whether loyalty points were used.", default=None)
    points_deduction: Money | None = described("The discount for loyalty points.", default=None)
    change_down: Money | None = described("The discount from a changed price.", default=None)
    merchant_receives: Money | None = described(
        "The amount that the merchant receives (merchant_receieve_price).", default=None
    )
    consistent: bool | None = described(
        "True if the amounts satisfy the manual's formulas, where a missing discount"
        " counts as 0; false if they do not; null if too many amounts are missing, or a"
        " discount is among them of which the manual does not say how it counts.",
        default=None,
    )


@public_type
class WechatStoreOrderDetails:
    """Fields of orders that only the WeChat Store has."""

    product: OrderItem | None = described(
        "The order's only product, if the platform sent the order in its older, flat form.",
        default=None,
    )


@public_type
class WeixinStoreOrderDetails:
    """An order of a Weixin Store."""

    customer_note_data: strawberry.Private[str | None] = None

    customer_note: str | None = guarded(
        "customer_note_data",
        (Scope.PII_READ,),
        description="The buyer's note; null if there is none.",
    )
    merchant_note: str | None = described(
        "The shop's own note; null if there is none.", default=None
    )
    scene: str | None = described(
        "Where it was placed: LIVE, VIDEO, SHARE, WINDOW, ARTICLE or OTHER, or the platform's"
        " number of a newer one; null if the platform does not report it.",
        default=None,
    )
    gift: bool = described("Whether it was bought as a gift for somebody else.", default=False)
    ship_before: DateTime | None = described(
        "The latest time to ship it without a fine, the earliest of its lines; null if the platform"
        " does not report it.",
        default=None,
    )
    address_requested: bool = described(
        "Whether the buyer asks for another address, and waits for an answer.", default=False
    )
    prices: PartnerOrderPrices | None = described(
        "The amounts, as the platform reports them.", default=None
    )


@public_type
class MiniProgramOrderDetails:
    """An order in the buyer's Mini Program shopping list."""

    invoice_data: strawberry.Private[Invoice | None] = None
    remark_data: strawberry.Private[str | None] = None
    #: Why invoice and note, if stored, cannot be decrypted.
    unreadable: strawberry.Private[Exception | None] = None

    page: PageLink | None = described("The page that shows it.", default=None)
    remark: str | None = guarded(
        "readable_remark",
        (Scope.PII_READ,),
        description="The buyer's note; null if there is none.",
    )
    brand_phone: str | None = described("The merchant's phone number.", default=None)
    contact_page: str | None = described(
        "The page of the merchant's customer service.", default=None
    )
    invoice: Invoice | None = guarded(
        "readable_invoice",
        (Scope.PII_READ,),
        description="The invoice; null if the buyer requested none.",
    )

    @property
    def readable_remark(self) -> str | None:
        """The buyer's note; raises `unreadable`."""
        if self.unreadable is not None:
            raise self.unreadable
        return self.remark_data

    @property
    def readable_invoice(self) -> Invoice | None:
        """The invoice; raises `unreadable`."""
        if self.unreadable is not None:
            raise self.unreadable
        return self.invoice_data


@public_type
class PartnerOrderDetails:
    """An order placed in a Weixin Store through a Mini Program that is its cooperation account."""

    partner_app_id: str = described("The app id of the store that sold it.")
    prices: PartnerOrderPrices | None = described(
        "The amounts, as the platform reports them.", default=None
    )


@public_type
class BaiduOrderDetails:
    """An order in Baidu's order centre."""

    title: str = described("The title that buyers see.")
    kind: BaiduOrderKind = described("Whether the goods are shipped.")
    payment: BaiduPayment = described("How it is paid.")
    page: PageLink | None = described("The page that shows it.", default=None)
    review_page: PageLink | None = described(
        "The page on which the buyer can review the order.", default=None
    )


OrderDetails = Annotated[
    WechatStoreOrderDetails
    | WeixinStoreOrderDetails
    | MiniProgramOrderDetails
    | PartnerOrderDetails
    | BaiduOrderDetails,
    strawberry.union("OrderDetails", description="Fields of orders that only one platform has."),
]
