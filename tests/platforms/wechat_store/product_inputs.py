"""The manual's sample products as inputs of mutations."""

from typing import Any, Final

import strawberry

from schema.delivery import DeliveryService
from schema.inputs.product import (
    DetailBlockInput,
    FlatRateInput,
    LocationInput,
    ProductCreateInput,
    ProductDeliveryInput,
    PropertyInput,
    SkuAttributeChoiceInput,
    SkuInput,
)
from schema.key import Key
from schema.money import MoneyInput
from tests.platforms.wechat_store.samples import tree

SERVICES: Final = {
    10000027: DeliveryService.SURFACE_MAIL,
    10000028: DeliveryService.EXPRESS,
    10000029: DeliveryService.EMS,
}


def fen(amount: int) -> MoneyInput:
    """An amount in fen."""
    return MoneyInput(fen=amount)


def id_of(kind: str, platform_id: str, shop: str = "flagship") -> strawberry.ID:
    """An id as callers have it."""
    return strawberry.ID(Key(kind, shop, platform_id).encode())


def sku(**changes: Any) -> SkuInput:
    """The first SKU of the sample of 1.1, with changes."""
    raw = tree("create.request")["sku_list"][0]
    given = {
        "platform_id": raw["sku_id"],
        "price": fen(raw["price"]),
        "list_price": fen(raw["ori_price"]),
        "stock": raw["quantity"],
        "image": raw["icon_url"],
        "code": raw["product_code"],
    }
    return SkuInput(**{**given, **changes})


def axis(name: str, *values: str) -> SkuAttributeChoiceInput:
    """An attribute of a SKU table."""
    return SkuAttributeChoiceInput(name_id=name, value_ids=list(values))


def rates(*prices: tuple[DeliveryService, int]) -> ProductDeliveryInput:
    """Flat rates in fen."""
    return ProductDeliveryInput(
        flat_rates=[FlatRateInput(service=service, price=fen(price)) for service, price in prices]
    )


def new_product(**changes: Any) -> ProductCreateInput:
    """The sample of 1.1, with changes."""
    raw = tree("create.request")
    base, attrext = raw["product_base"], raw["attrext"]
    given: dict[str, Any] = {
        "shop": "flagship",
        "title": base["name"],
        "category_ids": [id_of("Category", one) for one in base["category_id"]],
        "properties": [PropertyInput(name_id=p["id"], value_id=p["vid"]) for p in base["property"]],
        "main_image": base["main_img"],
        "images": base["img"],
        "detail": [
            DetailBlockInput(text=block["text"])
            if "text" in block
            else DetailBlockInput(image=block["img"])
            for block in base["detail"]
        ],
        "purchase_limit": base["buy_limit"],
        "sku_attributes": [axis(one["id"], *one["vid"]) for one in base["sku_info"]],
        "skus": [
            sku(platform_id=one["sku_id"], code=one["product_code"]) for one in raw["sku_list"]
        ],
        "origin": LocationInput(**attrext["location"]),
        "has_receipt": True,
        "delivery": rates(
            *((SERVICES[fee["id"]], fee["price"]) for fee in raw["delivery_info"]["express"])
        ),
    }
    return ProductCreateInput(**{**given, **changes})
