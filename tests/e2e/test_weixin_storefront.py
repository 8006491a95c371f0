"""The home page of a Weixin Store by GraphQL: one shelf, whose products can be placed."""

from typing import Any

import pytest

from schema.key import Key
from tests.e2e.mutations import told
from tests.e2e.test_weixin_delivery_templates import weixin
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve
from tests.platforms.weixin_store.samples import tree

FOLDER = "/channels/ec/"
WINDOW = f"{FOLDER}store/window/product/"
BANNER = f"{FOLDER}basics/homepage/banner/get"
PRODUCTS = "products { platformId }"
SHELF = f"""{{ shelves(first: 1, shops: ["weixin"]) {{ nodes {{
  id platformId name banner raw
  modules {{
    __typename
    ... on ShelfBanner {{ image title url product {{ platformId title }} }}
    ... on ShelfGroupTabs {{ entries {{ platformId group {{ name }} }} }}
    ... on ShelfProductList {{ count entry {{ platformId group {{ id }} }} {PRODUCTS} }}
  }}
}} }} }}"""
GROUPS = (
    '{ productGroups(shop: "weixin") { platformId name products(first: 50) { nodes { platformId } }'
    " } }"
)
SET = """mutation ($id: ID!, $position: Int, $hidden: Boolean, $pinned: Boolean) {
  done: storefrontProductSet(id: $id, position: $position, hidden: $hidden, pinned: $pinned) {
    product { platformId } userErrors { code field message }
  }
}"""


def product(platform_id: str, shop: str = "weixin") -> str:
    return Key("Product", shop, platform_id).encode()


def sent(sandbox: Sandbox, call: str) -> list[Any]:
    return [request["body"] for request in sandbox.requests(f"{WINDOW}{call}")]


async def shelf(gateway: Client) -> dict[str, Any]:
    asked = await gateway.ask(SHELF, headers={"Cache-Control": "no-cache"})
    [one] = asked.data["shelves"]["nodes"]
    found: dict[str, Any] = one
    return found


async def shown(gateway: Client) -> list[str]:
    """The ids of the products that the home page shows."""
    products = (await shelf(gateway))["modules"][-1]
    return [one["platformId"] for one in products["products"]]


async def test_the_home_page_is_the_one_shelf(serve: Serve, sandbox: Sandbox) -> None:
    (state,) = sandbox.shops("weixin_store").values()
    page = state["home_page"]
    async with serve(shops=[weixin(sandbox)]) as gateway:
        one = await shelf(gateway)
        again = await gateway.ask(f'{{ shelf(id: "{one["id"]}") {{ name }} }}')

    assert (one["platformId"], one["name"], one["banner"]) == ("1", "微信小店", None)
    assert again.data["shelf"] == {"name": "微信小店"}
    opens, article, tabs, products = one["modules"]
    assert opens["product"]["platformId"] == page["banner"]["banner"][0]["product"]["product_id"]
    assert (article["title"], article["product"]) == ("店主手记", None)
    assert article["url"] == "https://mp.weixin.qq.com/s/sandbox"
    assert [entry["group"]["name"] for entry in tabs["entries"]] == [
        level["name"] for level in page["classes"]
    ]
    ids = [entry["platformId"] for entry in products["products"]]
    assert products["entry"] == {"platformId": "home", "group": None}
    assert products["count"] == len(ids)
    assert ids[0] in page["pinned"]
    assert set(page["hidden"]).isdisjoint(ids)
    assert set(one["raw"]) == {"classification", "products", "banner"}


async def test_a_store_without_a_banner_has_its_other_modules(
    serve: Serve, sandbox: Sandbox
) -> None:
    sandbox.fault("errcode", 268549675, path=BANNER, times=None)
    async with serve(shops=[weixin(sandbox)]) as gateway:
        kinds = [module["__typename"] for module in (await shelf(gateway))["modules"]]

    assert kinds == ["ShelfGroupTabs", "ShelfProductList"]


async def test_classes_are_groups_with_their_products(serve: Serve, sandbox: Sandbox) -> None:
    (state,) = sandbox.shops("weixin_store").values()
    page = state["home_page"]
    first = page["classes"][0]
    async with serve(shops=[weixin(sandbox)]) as gateway:
        groups = (await gateway.ask(GROUPS)).data["productGroups"]

    assert (groups[0]["platformId"], groups[0]["name"]) == (str(first["id"]), first["name"])
    below = first["level_2"][0]
    assert groups[1]["platformId"] == f"{first['id']}-{below['id']}"
    assert [one["platformId"] for one in groups[1]["products"]["nodes"]] == (
        page["class_products"][groups[1]["platformId"]]
    )


async def test_a_product_is_moved_hidden_and_pinned_as_the_samples_send_it(
    serve: Serve, sandbox: Sandbox
) -> None:
    async with serve(shops=[weixin(sandbox)]) as gateway:
        before = await shown(gateway)
        last = before[-1]
        change = {"id": product(last), "position": 1, "hidden": False, "pinned": True}
        done = await gateway.ask(SET, change)
        assert told(done.data["done"]) == []
        assert done.data["done"]["product"] == {"platformId": last}
        assert (await shown(gateway))[0] == last
        await gateway.ask(SET, {"id": product(last), "hidden": True})
        assert last not in await shown(gateway)

    for call, member in (
        ("reorder", "index_num"),
        ("hide", "is_set_hide"),
        ("settop", "is_set_top"),
    ):
        sample = tree(f"store.window.product.{call}.request")
        assert sent(sandbox, call)[-1] == {**sample, "product_id": last}, member


@pytest.mark.parametrize(
    ("change", "field"),
    [({}, None), ({"position": 0}, ["position"]), ({"position": -1}, ["position"])],
)
async def test_a_place_that_is_none_is_refused_before_it_is_sent(
    serve: Serve, sandbox: Sandbox, change: dict[str, Any], field: list[str] | None
) -> None:
    async with serve(shops=[weixin(sandbox)]) as gateway:
        done = await gateway.ask(SET, {"id": product("1"), **change})

    [error] = done.data["done"]["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID", field)
    assert sent(sandbox, "reorder") == []


async def test_what_the_platform_refuses_is_told(serve: Serve, sandbox: Sandbox) -> None:
    async with serve(shops=[weixin(sandbox)]) as gateway:
        done = await gateway.ask(SET, {"id": product("404"), "hidden": True})

    [error] = done.data["done"]["userErrors"]
    assert error["code"] == "REJECTED_BY_PLATFORM"


async def test_a_lost_answer_is_not_sent_again(serve: Serve, sandbox: Sandbox) -> None:
    async with serve(shops=[weixin(sandbox)]) as gateway:
        [first, *_] = await shown(gateway)
        sandbox.fault("reset", path=f"{WINDOW}hide", after=True)
        done = await gateway.ask(SET, {"id": product(first), "hidden": True})

    [error] = done.data["done"]["userErrors"]
    assert error["code"] == "OUTCOME_UNKNOWN"
    assert len(sent(sandbox, "hide")) == 1


async def test_other_platforms_have_no_home_page(gateway: Client) -> None:
    done = await gateway.ask(SET, {"id": product("1", "flagship"), "hidden": True})

    [error] = done.data["done"]["userErrors"]
    assert (error["code"], error["field"]) == ("UNSUPPORTED_BY_PLATFORM", ["id"])
