"""The ledger's documents behind the shopping list's samples."""

from typing import Final

from msgspec.structs import replace

from gateway.store.documents import (
    Attribute,
    Invoice,
    OrderDocument,
    OrderItem,
    OrderPersonal,
    PageLink,
    Payment,
    PaymentLine,
    ProductDocument,
    ProductSku,
    Shipment,
    ShipmentItem,
    ShippingAddress,
    WantedItemDocument,
)

PRODUCT: Final = "00003563372839_00000010001"
SKU: Final = "00003563372839_10000010014"
IMAGE: Final = "https://shp.qpic.cn/wechat_bs/0/4eb3dcee0edcd34939b87f232e9f0001"
PAGE: Final = "/portal/detail?code=00003563372839_00000010001"
SIZE: Final = Attribute(name="尺码", value="L")

ITEM: Final = OrderItem(
    platform_product_id=PRODUCT,
    platform_sku_id=SKU,
    title="潮流T恤",
    description="纯棉短袖",
    quantity=2,
    unit_price=9900,
    list_price=12900,
    images=(IMAGE,),
    attributes=(SIZE,),
    category_path=("衣服", "T恤"),
    page=PageLink(mini_program_path=PAGE),
)
#: importorder.add.request.json
PAID: Final = OrderDocument(
    platform_id="1517713509sample0001",
    status="AWAITING_SHIPMENT",
    created_at=1517713509,
    items=(ITEM,),
    total=20200,
    shipping_fee=500,
    discounts=(PaymentLine(name="优惠", amount=50, quantity=2),),
    payment=Payment(
        method="WECHAT_PAY",
        paid=True,
        paid_at=1517713560,
        reference="4200000000000000000000000001",
    ),
    brand_phone="400-000-0000",
    contact_page="/pages/contact",
    page=PageLink(mini_program_path="/portal/order-detail/1517713509sample0001"),
)
PERSONAL: Final = OrderPersonal(
    open_id="oMiniSampleBuyer00000000001",
    shipping_address=ShippingAddress(
        name="测试用户",
        national_code="440105",
        country="中国",
        province="广东省",
        city="广州市",
        district="海珠区",
        street="测试路1号",
        mobile="13800000000",
    ),
    invoice=Invoice(
        type="COMPANY",
        title="测试公司",
        tax_number="000000000000000",
        company_address="测试路1号",
        telephone="020-00000000",
        bank_name="招商银行",
        bank_account="0000000000000000",
        page=PageLink(mini_program_path="/portal/invoice-detail/1"),
    ),
    remark="请尽快发货",
)
PARCEL: Final = Shipment(
    carrier_code="2001",
    tracking_number="886273373870",
    shipped_at=1517713509,
    page=PageLink(mini_program_path="/portal/express-detail/1"),
    items=(ShipmentItem(platform_product_id=PRODUCT, platform_sku_id=SKU),),
)
#: importorder.update.request.json
SHIPPED: Final = replace(PAID, status="SHIPPED", shipments=(PARCEL,))
#: addshoppinglist.request.json
WANTED: Final = WantedItemDocument(
    platform_product_id=PRODUCT,
    platform_sku_id=SKU,
    title="潮流T恤",
    description="纯棉短袖",
    images=(IMAGE,),
    price=9900,
    list_price=12900,
    status="ON_SALE",
    attributes=(SIZE,),
    product_attributes=(Attribute(name="材质", value="纯棉"),),
    category_path=("衣服", "T恤"),
    version=1,
    sku_version=1,
    page_path=PAGE,
)
#: importproduct.request.json
SYNCED: Final = ProductDocument(
    platform_product_id=PRODUCT,
    title="潮流T恤",
    description="纯棉短袖",
    images=(IMAGE,),
    category_path=("衣服", "T恤"),
    page_path=PAGE,
    product_attributes=(Attribute(name="材质", value="纯棉"),),
    version=1,
    skus=(
        ProductSku(
            platform_id=SKU,
            price=9900,
            list_price=12900,
            status="ON_SALE",
            version=1,
            attributes=(SIZE,),
        ),
    ),
)
