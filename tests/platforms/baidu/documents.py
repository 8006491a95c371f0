"""The manual's sample order, and its after-sale, as the ledger keeps them."""

from gateway.store.documents import (
    AfterSaleDocument,
    AfterSaleItem,
    Attribute,
    OrderDocument,
    OrderItem,
    PageLink,
    Payment,
    PaymentLine,
)

KEY = "a392qXwK8L5GDUWhFoC01cKwoy7tmehg"
SWAN = (
    "baiduboxapp://swan/B3GF3AWvCSr59myIs61uqaoYz7pPCSY1/wjz/bdxd/order-detail/order-detail"
    "?orderId=159259079195"
)
ITEM = OrderItem(
    platform_product_id="1014093064",
    title="四川大凉山丑苹果脆甜红将军盐源丑苹果",
    description="四川大凉山丑苹果脆甜:5斤小果25个左右偏小;",
    quantity=1,
    unit_price=2390,
    list_price=2390,
    images=("https://imagelib.cdn.bcebos.com/cip_ml_picbc34db9a-7e10-4a96-bf8e-1c690640c6a4.jpeg",),
    attributes=(Attribute(name="四川大凉山丑苹果脆甜", value="5斤小果25个左右偏小"),),
)
#: add.main.info.request.json
ORDER = OrderDocument(
    platform_id="2221554346520",
    status="COMPLETED",
    title="test",
    kind="PHYSICAL",
    created_at=1233212343,
    updated_at=1233212343,
    items=(ITEM,),
    total=2390,
    shipping_fee=100,
    discounts=(PaymentLine(name="优惠券使用", amount=100),),
    payment=Payment(method="ONLINE", paid=False),
    page=PageLink(state="SHOWN_AND_OPENS", name="", h5="", swan=SWAN),
    review_page=PageLink(state="HIDDEN", name="", h5="", swan=""),
)
AFTER_SALE = AfterSaleDocument(
    platform_id="onlyOne",
    order_platform_id="2221554346520",
    status="APPLYING",
    platform_status="400",
    kind="REFUND_ONLY",
    refund=10,
    items=(AfterSaleItem(platform_product_id="1014093064", quantity=1, refund=0),),
    created_at=1571026201,
    updated_at=1571026201,
    page=PageLink(state="SHOWN_AND_OPENS", name="", h5="", swan=SWAN, ios="", android=""),
)
