"""Orders to import through GraphQL, and the operations that do it."""

from typing import Any

FIELDS = """
  order { id platformId status platformStatus total { fen } afterSaleStatus }
  push { id state operation attempts lastError { endpoint code message } }
  userErrors { code field message platformError { code } }
"""
IMPORT = f"mutation($input: OrderImportInput!) {{ orderImport(input: $input) {{ {FIELDS} }} }}"
UPDATE = f"mutation($input: OrderUpdateInput!) {{ orderUpdate(input: $input) {{ {FIELDS} }} }}"
MANY = """
  orders { id platformId status }
  pushes { id state lastError { code message } }
  userErrors { code field message }
"""
IMPORT_MANY = (
    f"mutation($input: [OrderImportInput!]!) {{ ordersImport(input: $input) {{ {MANY} }} }}"
)
SET_STATUS = (
    f"mutation($input: [OrderStatusInput!]!) {{ orderSetStatus(input: $input) {{ {MANY} }} }}"
)
DELETE = (
    "mutation($id: ID!) { orderDelete(id: $id) { deletedId userErrors { code field message } } }"
)


def baidu_order(platform_id: str, **changes: Any) -> dict[str, Any]:
    """Answer an order that Baidu takes."""
    order: dict[str, Any] = {
        "shop": "swan",
        "openId": "swan-buyer-1",
        "platformId": platform_id,
        "title": "苹果",
        "kind": "PHYSICAL",
        "status": "AWAITING_SHIPMENT",
        "createdAt": "2024-01-31T08:00:00+08:00",
        "items": [
            {
                "platformProductId": "1014093064",
                "title": "红将军",
                "quantity": 2,
                "unitPrice": {"amount": "11.95"},
                "images": ["https://example.com/1.jpeg"],
                "attributes": [{"name": "规格", "value": "5斤"}],
            }
        ],
        "total": {"fen": 2390},
        "shippingFee": {"fen": 100},
        "discounts": [{"name": "优惠券使用", "amount": {"fen": 100}}],
        "payment": {"method": "ONLINE", "paid": True, "paidAt": "2024-01-31T08:01:00+08:00"},
        "page": {"state": "SHOWN_AND_OPENS", "swan": "baiduboxapp://swan/x"},
    }
    return order | changes


def mini_order(platform_id: str, **changes: Any) -> dict[str, Any]:
    """Answer an order that the shopping list takes."""
    order: dict[str, Any] = {
        "shop": "mini",
        "openId": "oMiniSampleBuyer00000000001",
        "platformId": platform_id,
        "status": "AWAITING_SHIPMENT",
        "createdAt": "2024-01-31T08:00:00+08:00",
        "items": [
            {
                "platformProductId": "p1",
                "platformSkuId": "s1",
                "title": "潮流T恤",
                "quantity": 2,
                "unitPrice": {"fen": 9900},
                "categoryPath": ["衣服", "T恤"],
                "page": {"miniProgramPath": "/pages/product?id=p1"},
            }
        ],
        "total": {"fen": 20300},
        "shippingFee": {"fen": 500},
        "payment": {
            "method": "WECHAT_PAY",
            "paid": True,
            "paidAt": "2024-01-31T08:01:00+08:00",
            "reference": "4200000000000000000000000001",
        },
        "brandPhone": "400-000-0000",
        "contactPage": "/pages/contact",
        "page": {"miniProgramPath": "/pages/order?id=1"},
    }
    return order | changes


def paid_elsewhere(platform_id: str, **changes: Any) -> dict[str, Any]:
    """Answer an order that the shopping list takes, and of whose shipping nobody wants a report."""
    paid = {"method": "OTHER", "paid": True, "paidAt": "2024-01-31T08:01:00+08:00"}
    return mini_order(platform_id, **{"payment": paid} | changes)


#: What the shopping list wants of an order that was shipped.
PARCEL = {
    "carrierCode": "2011",
    "trackingNumber": "SF1",
    "shippedAt": "2024-02-01T08:00:00+08:00",
    "page": {"miniProgramPath": "/pages/parcel"},
    "items": [{"platformProductId": "p1", "platformSkuId": "s1"}],
}
