"""From an order in dispute to AfterSale: all that the WeChat Store tells of after-sales."""

from schema.after_sale import AfterSale, AfterSaleItem, AfterSaleKind, AfterSaleStatus
from schema.key import Key
from schema.order import Order
from schema.platform import Platform


def after_sale_of(order: Order) -> AfterSale:
    """The dispute over an order.

    It has the order's id. When it began and what is asked for, the platform does not tell: its
    time is the order's, its kind UNKNOWN, its refund None.
    """
    return AfterSale(
        key=Key("AfterSale", order.key.shop, order.platform_id, order.platform_id),
        order_key=order.key,
        shop=order.shop,
        platform=Platform.WECHAT_STORE,
        platform_id=order.platform_id,
        status=AfterSaleStatus.IN_DISPUTE,
        platform_status=order.platform_status or "",
        kind=AfterSaleKind.UNKNOWN,
        items=[
            AfterSaleItem(
                product_key=item.product_key,
                platform_product_id=item.platform_product_id,
                quantity=item.quantity,
            )
            for item in order.items
        ],
        created_at=order.created_at,
    )
