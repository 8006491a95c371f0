"""`Push.request` and `response`: what was sent last and answered, to whom it is shown."""

from pathlib import Path
from typing import Any

from gateway.auth.key_manager import KeyManager
from schema.scope import Scope
from tests.e2e.test_wanted_items import ADD, BUYER, IMPORT, SYNC_PRODUCTS, line, product, put
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve
from tests.inbox.test_webhooks import alter

PUSHES = """
query ($filter: PushFilter, $first: Int, $after: String) {
  pushes(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes { state queuedBy queuedAt request response }
    edges { cursor }
    pageInfo { hasNextPage endCursor }
  }
}"""


async def pushes(client: Client, **variables: Any) -> Any:
    return (await client.ask(PUSHES, variables)).data["pushes"]


async def test_a_push_shows_what_was_sent_and_answered(gateway: Client, sandbox: Sandbox) -> None:
    await put(gateway, line("s1"))

    (push,) = (await pushes(gateway))["nodes"]

    (sent,) = sandbox.requests(ADD)
    assert push["request"] == sent["body"]
    assert push["response"] == {"errcode": 0, "errmsg": "success"}
    assert push["request"]["user_open_id"] == BUYER


async def test_a_refusal_shows_the_platform_s_answer(gateway: Client, sandbox: Sandbox) -> None:
    sandbox.fault("errcode", 9009203, path=ADD, times=None)
    await put(gateway, line("s1"))

    (push,) = (await pushes(gateway))["nodes"]

    assert push["state"] == "REJECTED"
    assert push["request"]["sku_product_list"][0]["sku_info"]["sku_id"] == "s1"
    assert push["response"]["errcode"] == 9009203


async def test_a_push_that_never_left_shows_nothing(gateway: Client, sandbox: Sandbox) -> None:
    for _ in range(8):
        sandbox.fault("http_status", 503, path=ADD, times=1)
    for number in range(6):
        await put(gateway, line(f"s{number}"), open_id=f"{BUYER[:-1]}{number}")

    newest, *_, oldest = (await pushes(gateway))["nodes"]

    # The circuit is open by then.
    assert (newest["state"], newest["request"], newest["response"]) == ("PENDING", None, None)
    assert oldest["request"]["user_open_id"] == f"{BUYER[:-1]}0"


async def test_calls_need_three_scopes_and_pushes_tell_who_queued_them(
    serve: Serve, book: KeyManager, keys: dict[str, Any]
) -> None:
    def header(name: str, *scopes: Scope) -> dict[str, str]:
        added = book.add(name, frozenset(scopes), frozenset({"*"}))
        return {"Authorization": f"Bearer {added.get_secret_value()}"}

    warehouse = header("warehouse", *Scope)
    looker = header("looker", Scope.OPS_READ, Scope.RAW_READ)
    given = {"input": {"shop": "mini", "openId": BUYER, "items": [line("s1")]}}
    async with serve(**keys) as gateway:
        await gateway.ask(IMPORT, given, warehouse)
        mine = (await gateway.ask(PUSHES, None, warehouse)).data["pushes"]["nodes"][0]
        theirs = await gateway.ask(PUSHES, None, looker)

    assert mine["queuedBy"] == "warehouse"
    assert mine["request"] is not None
    assert theirs.codes == ["FORBIDDEN", "FORBIDDEN"]
    shown = theirs.body["data"]["pushes"]["nodes"][0]
    assert (shown["queuedBy"], shown["request"], shown["response"]) == ("warehouse", None, None)


async def test_pushes_of_a_range_of_time_are_listed(gateway: Client, tmp_path: Path) -> None:
    for name in ("p1", "p2", "p3"):
        given = {"shop": "mini", "products": [product(name)]}
        await gateway.ask(SYNC_PRODUCTS, {"input": given})
    await alter(tmp_path, "update pushes set queued_at = 1600000000 + id")
    third, second, _ = (await pushes(gateway))["nodes"]
    chosen = {"queuedFrom": second["queuedAt"]}

    whole = await pushes(gateway, filter=chosen)
    first = await pushes(gateway, filter=chosen, first=1)
    rest = await pushes(gateway, filter=chosen, after=first["pageInfo"]["endCursor"])
    before = await pushes(gateway, filter={"queuedTo": second["queuedAt"]})
    other = await gateway.ask(PUSHES, {"after": first["pageInfo"]["endCursor"]})

    assert (whole["nodes"], whole["totalCount"]) == ([third, second], 2)
    assert (first["nodes"], first["totalCount"]) == ([third], None)
    assert first["pageInfo"]["hasNextPage"] is True
    assert rest["nodes"] == [second]
    assert [len(one["request"]["product_list"]) for one in before["nodes"]] == [1]
    assert other.codes == ["BAD_USER_INPUT"]
