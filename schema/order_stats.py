"""Counts and sums of orders, grouped."""

from enum import Enum

from schema.connection import Source
from schema.declare import described, means, public_enum, public_type
from schema.money import Money
from schema.order_status import OrderStatus
from schema.platform import Platform
from schema.shop import Shop


@public_enum
class OrderStatsDimension(Enum):
    """What orders are grouped by. Days, weeks and months are those of China."""

    DAY = means("DAY", "By day: `period` is 2026-03-01.")
    WEEK = means("WEEK", "By ISO week, from Monday on: `period` is 2026-W09.")
    MONTH = means("MONTH", "By month: `period` is 2026-03.")
    SHOP = means("SHOP", "By shop.")
    PLATFORM = means("PLATFORM", "By platform.")
    STATUS = means("STATUS", "By the order's status.")
    PRODUCT = means("PRODUCT", "By the platform's own id of the lines' product.")
    SKU_CODE = means("SKU_CODE", "By the merchant's own code of the lines' SKU.")


@public_type
class OrderStatsRow:
    """Counts and sums of one group of orders.

    By PRODUCT or SKU_CODE, `units` and `total` are those of the lines, without shipping and the
    order's discounts, and `orders` are those that have such a line. What is not grouped by is null.
    """

    period: str | None = described(
        "The day, ISO week or month in China; of `createdAt`, or of `paidAt` if the filter has"
        " `paidFrom` or `paidTo`.",
        default=None,
    )
    shop: Shop | None = described("The shop.", default=None)
    platform: Platform | None = described("The platform.", default=None)
    status: OrderStatus | None = described("The status of the orders.", default=None)
    platform_product_id: str | None = described(
        "The platform's own id of the product.", default=None
    )
    sku_code: str | None = described(
        "The merchant's own code of the SKU; also null for lines without one.", default=None
    )
    orders: int = described("The number of orders.")
    units: int = described("The number of units of all lines.")
    total: Money = described("The sum of the amounts that buyers pay.")
    refunded: Money = described(
        "The sum of what was refunded; 0 by PRODUCT or SKU_CODE, as refunds are of orders."
    )


@public_type
class OrderStats:
    """Counts and sums of orders, from the gateway's index."""

    rows: list[OrderStatsRow] = described(
        "One row for each group that has orders, sorted by period, shop, platform, status, product"
        " and code."
    )
    sources: list[Source] = described(
        "How far the index of each shop reaches; `count` is the number of its orders that are"
        " counted."
    )
