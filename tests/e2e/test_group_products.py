"""The products of a group, page by page, while the group changes."""

from typing import Any, Final

import pytest

from tests.e2e.storefront_samples import CHANGE_GROUP, id_of
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

#: 服装馆, with nine products.
GROUP: Final = id_of("ProductGroup", 49)

PRODUCTS: Final = """
query ($id: ID!, $first: Int, $after: String) {
  node(id: $id) {
    ... on ProductGroup {
      products(first: $first, after: $after) {
        edges { cursor node { id platformId } }
        pageInfo { hasNextPage hasPreviousPage endCursor }
        totalCount
        sources { state fetchedAt count error { code } }
      }
    }
  }
}
"""


async def page(
    gateway: Client, first: int, after: str | None = None, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    variables = {"id": GROUP, "first": first, "after": after}
    found: dict[str, Any] = (await gateway.ask(PRODUCTS, variables, headers)).data["node"]
    return dict(found["products"])


def ids(shown: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in shown["edges"]]


async def test_what_leaves_the_group_neither_repeats_nor_hides_others(gateway: Client) -> None:
    whole = ids(await page(gateway, 100))
    first = await page(gateway, 4)
    # The last one shown, which the cursor stands behind; one shown before; one not shown yet.
    gone = [whole[3], whole[1], whole[5]]
    await gateway.ask(CHANGE_GROUP, {"id": GROUP, "remove": gone})
    second = await page(gateway, 2, first["pageInfo"]["endCursor"])
    third = await page(gateway, 4, second["pageInfo"]["endCursor"])

    assert len(whole) == 9
    assert ids(first) == whole[:4]
    assert ids(second) == [whole[4], whole[6]]
    assert ids(third) == [whole[7], whole[8]]
    assert [shown["pageInfo"]["hasNextPage"] for shown in (first, second, third)] == [
        True,
        True,
        False,
    ]
    assert second["pageInfo"]["hasPreviousPage"]
    assert second["totalCount"] == 6


async def test_every_edge_has_a_cursor_to_go_on_from(gateway: Client) -> None:
    whole = await page(gateway, 100)

    behind = [await page(gateway, 100, edge["cursor"]) for edge in whole["edges"]]

    assert [ids(rest) for rest in behind] == [
        ids(whole)[place + 1 :] for place in range(len(behind))
    ]


async def test_products_that_the_platform_no_longer_has_are_passed_over(
    gateway: Client, sandbox: Sandbox
) -> None:
    first, *_, last = [edge["node"]["platformId"] for edge in (await page(gateway, 9))["edges"]]
    members = ["gone1", first, "gone2", "gone3", "gone4", last, "gone5"]
    group = {"group_id": 49, "group_name": "服装馆", "product_list": members}
    told = {"errcode": 0, "errmsg": "success", "group_detail": group}
    sandbox.fault("body", told, path="/merchant/group/getbyid")

    one = await page(gateway, 1, headers={"cache-control": "no-cache"})
    two = await page(gateway, 1, one["pageInfo"]["endCursor"])
    three = await page(gateway, 1, two["pageInfo"]["endCursor"])

    assert [
        edge["node"]["platformId"] for shown in (one, two, three) for edge in shown["edges"]
    ] == [
        first,
        last,
    ]
    assert not three["pageInfo"]["hasNextPage"]


async def test_the_source_tells_how_fresh_the_group_is(gateway: Client, sandbox: Sandbox) -> None:
    fresh = await page(gateway, 1)
    kept = await page(gateway, 1)
    sandbox.fault("errcode", 45009, path="/merchant/group/getbyid")
    stale = await page(gateway, 1, headers={"cache-control": "no-cache"})

    sources = [shown["sources"][0] for shown in (fresh, kept, stale)]
    assert [source["state"] for source in sources] == ["LIVE", "CACHED", "STALE"]
    assert {source["fetchedAt"] for source in sources} == {sources[0]["fetchedAt"]}
    assert sources[0]["fetchedAt"] is not None
    assert sources[2]["error"] == {"code": "45009"}


@pytest.mark.parametrize("after", ["e30x", "eyJmbGFnc2hpcCI6WyJ4Il19"])
async def test_another_cursor_is_refused(gateway: Client, after: str) -> None:
    asked = await gateway.ask(PRODUCTS, {"id": GROUP, "first": 1, "after": after})

    assert asked.codes == ["BAD_USER_INPUT"]
    assert "`after` is not a cursor of this list" in asked.body["errors"][0]["message"]
