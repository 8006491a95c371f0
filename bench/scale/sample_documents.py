"""Some hundred distinct orders, as text in which only what differs by order is filled in."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from bench.scale.shops import MINI
from gateway.ledger.seen_products import products_seen
from gateway.store.documents import (
    Attribute,
    OrderDocument,
    OrderItem,
    OrderPersonal,
    PageLink,
    Payment,
    PaymentLine,
    Shipment,
    ShipmentItem,
    ShippingAddress,
)
from gateway.store.products import ProductEntry

DISTINCT: Final = 200
PRODUCTS: Final = 300
#: What stands in the text where an order's own values go, in this order.
_ID, _CREATED, _PAID = "@ID@", 1_111_111_111, 1_111_111_112
_STATUSES: Final = ("COMPLETED",) * 16 + ("SHIPPED", "AWAITING_SHIPMENT", "CLOSED", "REFUNDED")
_WORDS: Final = (
    "手工粗陶马克杯",
    "潮流T恤",
    "红将军苹果",
    "护手霜",
    "蓝牙耳机",
    "帆布双肩包",
)
_CITIES: Final = (
    ("广东省", "广州市", "天河区"),
    ("北京市", "北京市", "海淀区"),
    ("浙江省", "杭州市", "西湖区"),
)


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """An order's document but for its id and times, of one status."""

    status: str
    _text: str
    #: How many times after its creation stand in the text.
    _later: int

    @classmethod
    def of(cls, document: OrderDocument) -> "SampleOrder":
        """The sample of a document that has the marks in place of its id and times."""
        text = msgspec.json.encode(document).decode().replace("%", "%%").replace(_ID, "%s")
        later = text.count(str(_PAID))
        return cls(
            document.status,
            text.replace(str(_CREATED), "%d").replace(str(_PAID), "%d"),
            later,
        )

    def text(self, platform_id: str, created_at: int) -> str:
        """The document as JSON."""
        return self._text % (platform_id, created_at, *((created_at + 60,) * self._later))


@dataclass(frozen=True, slots=True)
class Samples:
    """The distinct documents of a platform: of orders that ended, and of orders just paid."""

    past: Sequence[SampleOrder]
    fresh: Sequence[SampleOrder]
    products: Sequence[ProductEntry]


def samples(platform: str, chance: random.Random) -> Samples:
    """The documents of a platform."""
    past = [_document(platform, chance, chance.choice(_STATUSES)) for _ in range(DISTINCT)]
    fresh = [_document(platform, chance, "AWAITING_SHIPMENT") for _ in range(DISTINCT)]
    return Samples(
        [SampleOrder.of(document) for document in past],
        [SampleOrder.of(document) for document in fresh],
        list(products_seen([*past, *fresh])),
    )


def _document(platform: str, chance: random.Random, status: str) -> OrderDocument:
    items = tuple(
        _item(platform, chance.randrange(PRODUCTS), chance)
        for _ in range(chance.choice((1, 1, 2, 3)))
    )
    goods = sum(item.unit_price * item.quantity for item in items)
    shipped = status in {"SHIPPED", "COMPLETED"}
    mini = platform == MINI
    return OrderDocument(
        platform_id=_ID,
        status=status,
        title=None if mini else items[0].title,
        kind=None if mini else "PHYSICAL",
        created_at=_CREATED,
        items=items,
        total=goods + 500 - 100,
        shipping_fee=500,
        discounts=(PaymentLine(name="优惠券使用", amount=100),),
        payment=Payment(
            method="WECHAT_PAY" if mini else "ONLINE",
            paid=True,
            paid_at=_PAID,
            reference="4200000000000000000000000001" if mini else None,
        ),
        shipments=(_shipment(items, chance),) if shipped and mini else (),
        brand_phone="400-000-0000" if mini else None,
        contact_page="/pages/contact" if mini else None,
        page=_page(platform, "order"),
    )


def _item(platform: str, number: int, chance: random.Random) -> OrderItem:
    return OrderItem(
        platform_product_id=f"p{number:04d}",
        platform_sku_id=f"p{number:04d}-s{number % 5}",
        code=f"SKU-{number}",
        title=f"{_WORDS[number % len(_WORDS)]} {number}",
        quantity=chance.choice((1, 1, 1, 2, 5)),
        unit_price=1000 + 37 * number,
        images=(f"https://img.example.com/product/{number}/0.jpg",),
        attributes=(
            Attribute(name="颜色", value="红色"),
            Attribute(name="规格", value=f"{number % 9}号"),
        ),
        category_path=("日用", _WORDS[number % len(_WORDS)]),
        page=_page(platform, "product"),
    )


def _page(platform: str, name: str) -> PageLink:
    if platform == MINI:
        return PageLink(mini_program_path=f"/pages/{name}")
    return PageLink(state="SHOWN_AND_OPENS", swan=f"baiduboxapp://swan/scale/{name}")


def _shipment(items: Sequence[OrderItem], chance: random.Random) -> Shipment:
    return Shipment(
        carrier_code="2011",
        carrier_name="顺丰速运",
        tracking_number=f"SF{chance.randrange(10**12):012d}",
        shipped_at=_PAID,
        page=PageLink(mini_program_path="/pages/parcel"),
        items=tuple(
            ShipmentItem(
                platform_product_id=one.platform_product_id, platform_sku_id=one.platform_sku_id
            )
            for one in items
        ),
    )


def buyer(shop: str, number: int) -> OrderPersonal:
    """A buyer of a shop; the same number is the same person."""
    province, city, district = _CITIES[number % len(_CITIES)]
    return OrderPersonal(
        open_id=f"o{shop}-{number:020d}",
        nickname=f"买家{number}",
        shipping_address=ShippingAddress(
            name=f"收件人{number}",
            province=province,
            city=city,
            district=district,
            street=f"示例路{number % 500}号",
            mobile=f"13{number % 10**9:09d}",
        ),
        remark="请尽快发货" if number % 7 == 0 else None,
    )
