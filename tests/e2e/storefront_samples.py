"""The manual's samples of chapters 3 to 6 as callers give them, and what carries them."""

import json
from pathlib import Path
from typing import Any, Final

from schema.key import Key

FIXTURES: Final = Path(__file__).parents[1] / "fixtures" / "wechat_store"

ERRORS: Final = "userErrors { code field message platformError { endpoint code } }"
RULE: Final = "startUnits startFee { fen } additionalUnits additionalFee { fen }"
GROUP: Final = "id platformId name products { nodes { id } }"
TEMPLATE: Final = f"""
  id platformId name payer valuation
  fees {{
    service standard {{ {RULE} }} regional {{ country province city rule {{ {RULE} }} }}
  }}"""
SHELF: Final = """
  id platformId name banner
  modules {
    __typename
    ... on ShelfProductList { entry { platformId } count }
    ... on ShelfGroupTabs { entries { platformId } }
    ... on ShelfGroupBanner { entry { platformId image } }
    ... on ShelfGroupGallery { entries { platformId image } }
    ... on ShelfCover { entries { platformId } background }
  }"""
ORDER: Final = "id status platformStatus shipments { carrier { code name } trackingNumber }"

CREATE_GROUP: Final = f"""
mutation ($input: ProductGroupCreateInput!) {{
  done: productGroupCreate(input: $input) {{ productGroup {{ {GROUP} }} {ERRORS} }}
}}"""
RENAME_GROUP: Final = f"""
mutation ($id: ID!, $name: String!) {{
  done: productGroupRename(id: $id, name: $name) {{ productGroup {{ {GROUP} }} {ERRORS} }}
}}"""
CHANGE_GROUP: Final = f"""
mutation ($id: ID!, $add: [ID!], $remove: [ID!]) {{
  done: productGroupChangeProducts(id: $id, add: $add, remove: $remove) {{
    productGroup {{ {GROUP} }} {ERRORS}
  }}
}}"""
DELETE_GROUP: Final = (
    f"mutation ($id: ID!) {{ done: productGroupDelete(id: $id) {{ deletedId {ERRORS} }} }}"
)
CREATE_SHELF: Final = f"""
mutation ($input: ShelfCreateInput!) {{
  done: shelfCreate(input: $input) {{ shelf {{ {SHELF} }} {ERRORS} }}
}}"""
UPDATE_SHELF: Final = f"""
mutation ($input: ShelfUpdateInput!) {{
  done: shelfUpdate(input: $input) {{ shelf {{ {SHELF} }} {ERRORS} }}
}}"""
DELETE_SHELF: Final = (
    f"mutation ($id: ID!) {{ done: shelfDelete(id: $id) {{ deletedId {ERRORS} }} }}"
)
CREATE_TEMPLATE: Final = f"""
mutation ($shop: String!, $input: DeliveryTemplateInput!) {{
  done: deliveryTemplateCreate(shop: $shop, input: $input) {{
    deliveryTemplate {{ {TEMPLATE} }} {ERRORS}
  }}
}}"""
UPDATE_TEMPLATE: Final = f"""
mutation ($id: ID!, $input: DeliveryTemplateInput!) {{
  done: deliveryTemplateUpdate(id: $id, input: $input) {{
    deliveryTemplate {{ {TEMPLATE} }} {ERRORS}
  }}
}}"""
DELETE_TEMPLATE: Final = (
    f"mutation ($id: ID!) {{ done: deliveryTemplateDelete(id: $id) {{ deletedId {ERRORS} }} }}"
)
SHIP: Final = f"""
mutation ($input: OrderShipInput!) {{
  done: orderShip(input: $input) {{ order {{ {ORDER} }} {ERRORS} }}
}}"""
CLOSE: Final = (
    f"mutation ($id: ID!) {{ done: orderClose(id: $id) {{ order {{ {ORDER} }} {ERRORS} }} }}"
)

SERVICES: Final = {10000027: "SURFACE_MAIL", 10000028: "EXPRESS", 10000029: "EMS"}


def sample(name: str) -> Any:
    """A sample request of the manual."""
    return json.loads((FIXTURES / f"{name}.request.json").read_bytes())


def id_of(kind: str, platform_id: object) -> str:
    """The id of a thing of the shop "flagship"."""
    return Key(kind, "flagship", str(platform_id)).encode()


def new_group() -> dict[str, Any]:
    """What asks for the group of manual 4.1."""
    detail = sample("group.add")["group_detail"]
    products = [id_of("Product", product) for product in detail["product_list"]]
    return {"shop": "flagship", "name": detail["group_name"], "productIds": products}


def new_shelf(name: str = "shelf.add") -> dict[str, Any]:
    """What asks for a shelf of manual 5.1."""
    given = sample(name)
    return {
        "shop": "flagship",
        "name": given["shelf_name"],
        "banner": given["shelf_banner"],
        "modules": [_module(module) for module in given["shelf_data"]["module_infos"]],
    }


def template(name: str = "express.add") -> dict[str, Any]:
    """What asks for the delivery template of manual 3.1."""
    given = sample(name)["delivery_template"]
    return {
        "name": given["Name"],
        "payer": "BUYER",
        "valuation": "BY_PIECE",
        "fees": [
            {
                "service": SERVICES[fee["Type"]],
                "standard": _rule(fee["Normal"]),
                "regional": [
                    {
                        "country": one["DestCountry"],
                        "province": one["DestProvince"],
                        "city": one["DestCity"],
                        "rule": _rule(one),
                    }
                    for one in fee["Custom"]
                ],
            }
            for fee in given["TopFee"]
        ],
    }


def _rule(given: dict[str, int]) -> dict[str, Any]:
    return {
        "startUnits": given["StartStandards"],
        "startFee": {"fen": given["StartFees"]},
        "additionalUnits": given["AddStandards"],
        "additionalFee": {"fen": given["AddFees"]},
    }


def _module(given: dict[str, Any]) -> dict[str, Any]:
    one, several = given.get("group_info", {}), given.get("group_infos", {})
    ids = [id_of("ProductGroup", group["group_id"]) for group in several.get("groups", [])]
    if given["eid"] == 1:
        group = id_of("ProductGroup", one["group_id"])
        return {"productList": {"groupId": group, "count": one["filter"]["count"]}}
    if given["eid"] == 2:
        return {"groupTabs": {"groupIds": ids}}
    if given["eid"] == 3:
        return {"groupBanner": _pictured(one)}
    if given["eid"] == 4:
        return {"groupGallery": {"entries": [_pictured(group) for group in several["groups"]]}}
    return {"cover": {"groupIds": ids, "background": several["img_background"]}}


def _pictured(group: dict[str, Any]) -> dict[str, Any]:
    return {"groupId": id_of("ProductGroup", group["group_id"]), "image": group["img"]}
