"""A shop of the Weixin Store beside the sandbox, and products to put into it."""

import struct
from typing import Any, Final

from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from schema.key import Key
from tests.e2e.uploads import upload
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

SHOP: Final = "weixin"
#: Seconds after which the sandbox's audit of a draft has ended.
AUDIT: Final = 61
FRESH: Final = {"Cache-Control": "no-cache"}

ERRORS: Final = "userErrors { code field message platformError { endpoint code } }"
#: What a product of the tests is read back as.
PRODUCT: Final = """
id platformId title status totalStock
skus { id platformId code barcode stock status price { fen } attributes { name value } }
details { ... on WeixinStoreProductDetails {
  shortTitle draftStatus draftRefusal brandId detailImages
  categories { name } properties { name value } template { id }
} }"""

CREATE: Final = (
    "mutation ($input: ProductCreateInput!)"
    f" {{ done: productCreate(input: $input) {{ product {{ {PRODUCT} }} {ERRORS} }} }}"
)
UPDATE: Final = (
    "mutation ($input: ProductUpdateInput!)"
    f" {{ done: productUpdate(input: $input) {{ product {{ {PRODUCT} }} {ERRORS} }} }}"
)
SUBMIT: Final = (
    "mutation ($id: ID!) { done: productSetStatus(ids: [$id], status: ON_SHELF)"
    f" {{ products {{ {PRODUCT} }} {ERRORS} }} }}"
)

WITHDRAW: Final = (
    "mutation ($id: ID!)"
    f" {{ done: productWithdraw(id: $id) {{ product {{ {PRODUCT} }} {ERRORS} }} }}"
)
DELIST: Final = (
    "mutation ($id: ID!) { done: productSetStatus(ids: [$id], status: OFF_SHELF)"
    f" {{ products {{ {PRODUCT} }} {ERRORS} }} }}"
)
DELETE: Final = f"mutation ($id: ID!) {{ done: productDelete(id: $id) {{ deletedId {ERRORS} }} }}"
PRICE: Final = (
    "mutation ($id: ID!, $price: MoneyInput!) { done: skuSetPrice(id: $id, price: $price)"
    f" {{ sku {{ id price {{ fen }} }} {ERRORS} }} }}"
)
ADJUST: Final = (
    "mutation ($id: ID!, $delta: Int!) { done: skuAdjustStock(id: $id, delta: $delta)"
    f" {{ sku {{ stock }} {ERRORS} }} }}"
)
SET_STOCK: Final = (
    "mutation ($input: [SkuStockInput!]!)"
    f" {{ done: skusSetStock(input: $input) {{ skus {{ stock }} {ERRORS} }} }}"
)

#: Products of the sample shop: listed, and listed with a draft that is in audit.
LISTED, IN_AUDIT = "10000900000004", "10000900000002"


def png(width: int = 640, height: int = 600) -> bytes:
    """A PNG file as far as its size in pixels."""
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x02"


def section(sandbox: Sandbox) -> dict[str, Any]:
    """The shop's section of the configuration."""
    return {
        "key": SHOP,
        "platform": "weixin_store",
        "name": "微信小店",
        "app_id": WEIXIN.app_id,
        "app_secret": WEIXIN.secret,
        "base_url": sandbox.base_url,
    }


def requests(sandbox: Sandbox, call: str) -> list[dict[str, Any]]:
    """The bodies of the requests of a call, by its path below /channels/ec/."""
    return [one["body"] for one in sandbox.requests(f"/channels/ec/{call}")]


def id_of(kind: str, platform_id: str, part: str = "") -> str:
    """The id of a thing of the shop."""
    return Key(kind, SHOP, platform_id, part).encode()


async def uploaded(gateway: Client, count: int) -> list[str]:
    """The addresses of so many pictures, just uploaded."""
    return [
        (await upload(gateway, png(640 + number), shop=SHOP)).data["imageUpload"]["url"]
        for number in range(count)
    ]


def address(number: int) -> str:
    """An address as the upload answers it."""
    return f"https://mmecimage.cn/p/{WEIXIN.app_id}/invented{number}"


def new_product(**changes: Any) -> dict[str, Any]:
    """The variables that create a product of two SKUs."""
    given = {
        "shop": SHOP,
        "title": "明前龙井绿茶礼盒",
        "categoryIds": [id_of("Category", "10000113"), id_of("Category", "545712")],
        "properties": [{"name": "产地", "value": "浙江杭州"}],
        "mainImage": address(1),
        "images": [address(2), address(3)],
        "detail": [{"image": address(4)}],
        "skus": [sku("250g", 16800), sku("500g", 29800)],
        "delivery": {"templateId": id_of("DeliveryTemplate", "38000000001")},
        "weixinStore": {"shortTitle": "龙井礼盒", "detailText": "豆香清雅", "sevenDayReturn": True},
    }
    return {"input": {**given, **changes}}


def sku(weight: str, price: int, **changes: Any) -> dict[str, Any]:
    """A SKU, told apart by its weight."""
    given = {
        "price": {"fen": price},
        "listPrice": {"fen": price + 1000},
        "stock": 20,
        "image": address(5),
        "code": f"TEA-{weight}",
        "barcode": "6901234567892",
        "attributes": [{"name": "净含量", "value": weight}],
    }
    return {**given, **changes}


async def done(gateway: Client, operation: str, **variables: Any) -> Any:
    """The payload of an operation that is named `done`."""
    return (await gateway.ask(operation, variables)).data["done"]


def errors_of(payload: Any) -> list[tuple[str, str | None, str | None]]:
    """Code, path and platform's code of each user error."""
    return [
        (
            error["code"],
            error["field"] and ".".join(error["field"]),
            error["platformError"] and error["platformError"]["code"],
        )
        for error in payload["userErrors"]
    ]
