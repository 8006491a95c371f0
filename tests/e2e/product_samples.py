"""The manual's sample product as callers give it, and the mutations that carry it."""

import json
from pathlib import Path
from typing import Any

from schema.key import Key

FIXTURES = Path(__file__).parents[1] / "fixtures" / "wechat_store"

ERRORS = "userErrors { code field message platformError { endpoint code } }"
PRODUCT = """
  id platformId title mainImage images status
  skus { id platformId code price { fen } listPrice { fen } stock image }
  details { ... on WechatStoreProductDetails {
    categories { id } properties { nameId valueId }
    skuAttributes { nameId values { platformId } }
    blocks { __typename ... on DetailText { text } ... on DetailImage { url } }
    purchaseLimit origin { country province city address }
    postageFree hasReceipt underGuaranty supportsReplacement
    delivery { template { id } flatRates { service price { fen } } }
  } }"""
CREATE = f"""
mutation ($input: ProductCreateInput!) {{
  productCreate(input: $input) {{ product {{ {PRODUCT} }} {ERRORS} }}
}}"""
UPDATE = f"""
mutation ($input: ProductUpdateInput!) {{
  productUpdate(input: $input) {{ product {{ {PRODUCT} }} {ERRORS} }}
}}"""
READ = f"query ($id: ID!) {{ product(id: $id) {{ {PRODUCT} }} }}"

SERVICES = {10000027: "SURFACE_MAIL", 10000028: "EXPRESS", 10000029: "EMS"}


def sample(name: str) -> Any:
    """A sample request of the manual."""
    return json.loads((FIXTURES / f"{name}.request.json").read_bytes())


def given(name: str) -> dict[str, Any]:
    """A sample product as the input of a mutation, without what names shop or product."""
    wire = sample(name)
    base, attrext = wire["product_base"], wire["attrext"]
    return {
        "title": base["name"],
        "categoryIds": [Key("Category", "flagship", id_).encode() for id_ in base["category_id"]],
        "properties": [{"nameId": pair["id"], "valueId": pair["vid"]} for pair in base["property"]],
        "mainImage": base["main_img"],
        "images": base["img"],
        "detail": [
            {"text": block["text"]} if "text" in block else {"image": block["img"]}
            for block in base["detail"]
        ],
        "purchaseLimit": base["buy_limit"],
        "skuAttributes": [
            {"nameId": axis["id"], "valueIds": axis["vid"]} for axis in base["sku_info"]
        ],
        "skus": [
            {
                "platformId": sku["sku_id"],
                "price": {"fen": sku["price"]},
                "listPrice": {"fen": sku["ori_price"]},
                "stock": sku["quantity"],
                "image": sku["icon_url"],
                "code": sku["product_code"],
            }
            for sku in wire["sku_list"]
        ],
        "origin": attrext["location"],
        "postageFree": attrext["isPostFree"] == 1,
        "hasReceipt": attrext["isHasReceipt"] == 1,
        "underGuaranty": attrext["isUnderGuaranty"] == 1,
        "supportsReplacement": attrext["isSupportReplace"] == 1,
        "delivery": {
            "flatRates": [
                {"service": SERVICES[fee["id"]], "price": {"fen": fee["price"]}}
                for fee in wire["delivery_info"]["express"]
            ]
        },
    }


def new_product(**changes: Any) -> dict[str, Any]:
    """The sample of 1.1 as the variables of `CREATE`, with changes of its input."""
    return {"input": {"shop": "flagship", **given("create"), **changes}}
