"""A refunded order of the shopping list, seen as an after-sale."""

from schema.after_sale import AfterSale, AfterSaleItem, AfterSaleKind, AfterSaleStatus
from schema.key import Key
from schema.order import Order


def refunded_order(order: Order) -> AfterSale:
    """The after-sale of a refunded order.

    The platform knows no more than the status: its id and its times are the order's, and
    neither the amount that went back nor whether goods did is told.
    """
    shop = order.shop
    return AfterSale(
        key=Key("AfterSale", shop.key_name, order.platform_id, order.platform_id),
        order_key=order.key,
        shop=shop,
        platform=order.platform,
        platform_id=order.platform_id,
        status=AfterSaleStatus.REFUNDED,
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
        updated_at=order.updated_at,
    )
