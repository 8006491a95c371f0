"""Exports: what they hold, what is refused, and how their results are fetched."""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.auth.key_manager import KeyManager
from schema.key import Key
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.e2e.exports import begin, begun, ended, lines
from tests.e2e.order_samples import IMPORT, baidu_order
from tests.e2e.test_audit_log import events, in_store
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve

#: Relations, personal data, details of the platforms: all from the ledger.
ORDERS = """{
  id status createdAt total { amount } buyer { openId } shippingAddress { city }
  items { title attributes { name value } product { title status skus { id } } sku { id } }
  afterSales { id status order { id } } shop { key shoppingCartPath }
  details { __typename ... on BaiduOrderDetails { title } }
  pushes(first: 1) { nodes { state } }
}"""
PAGE = f"""
query ($shops: [String!]) {{
  orders(first: 15, filter: {{shops: $shops}}) {{
    nodes {ORDERS}
  }}
}}
"""
LEFT_OUT = "Left out, because only their platforms have them: flagship, partner orders of mini."
REMOTE = "Only the platform has the orders of flagship, and an export never calls a platform."
EXPORTS = (
    "Only these kinds are exports: ORDERS_EXPORT, CHANGES_EXPORT, AFTER_SALES_EXPORT,"
    " PRODUCTS_EXPORT."
)


@pytest.fixture
async def gateway(serve: Serve) -> AsyncIterator[Client]:
    """Answer a gateway without an index: exports of one are in tests/index/test_exports.py."""
    async with serve(index={"enabled": False}) as client:
        yield client


async def test_orders_are_exported_as_a_query_gives_them_and_no_platform_is_called(
    gateway: Client, sandbox: Sandbox
) -> None:
    page = (await gateway.ask(PAGE, {"shops": ["swan"]})).data["orders"]
    sandbox.clear_log()

    operation = await begun(gateway, "ORDERS_EXPORT", ORDERS, orders={"shops": ["swan"]})
    shown = await ended(gateway, operation)
    answer = await gateway.http.get(f"/bulk/{operation}")

    newest = page["nodes"]
    # In the order of the selection, as a query answers it, and nothing else.
    found = answer.content.splitlines()
    assert found[-15:] == [_dumped(one) for one in reversed(newest)]
    assert len(found) == shown["done"] == shown["total"] == 40
    assert (shown["state"], shown["failed"], shown["error"]) == ("DONE", 0, None)
    assert shown["resultUrl"] == f"http://127.0.0.1:8000/bulk/{operation}"
    assert int(shown["resultBytes"]) == len(answer.content)
    reads = [path for path in sandbox.counts() if "token" not in path]
    assert reads == []


def _dumped(one: Any) -> bytes:
    return json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode()


async def test_the_other_kinds_are_exported_too(gateway: Client) -> None:
    await gateway.ask(IMPORT, {"input": baidu_order("exported")})
    after_sales = await begun(
        gateway, "AFTER_SALES_EXPORT", "{ id createdAt order { id buyer { openId } } }"
    )
    products = await begun(
        gateway, "PRODUCTS_EXPORT", "{ id shop { key } status }", products={"shops": ["mini"]}
    )
    changes = await begun(
        gateway,
        "CHANGES_EXPORT",
        "{ cursor cause orderId previousStatus order { platformId } }",
        orders={"shops": ["swan"]},
    )
    empty = await begun(gateway, "CHANGES_EXPORT", "{ cursor }", orders={"statuses": ["REFUNDED"]})

    shown = await ended(gateway, after_sales)
    found = await lines(gateway, after_sales)
    assert (shown["state"], shown["done"], shown["error"]) == ("DONE", len(found), LEFT_OUT)
    asked = await gateway.ask(
        '{ afterSales(first: 100, filter: {shops: ["mini", "swan"]}) { nodes { id } } }'
    )
    others = [
        one["id"]
        for one in asked.data["afterSales"]["nodes"]
        if not Key.decode(one["id"]).part.startswith("partner:")
    ]
    assert sorted(one["id"] for one in found) == sorted(others)
    assert all(one["order"]["buyer"] for one in found)
    await ended(gateway, products)
    ids = [one["id"] for one in await lines(gateway, products)]
    asked = await gateway.ask(
        '{ products(first: 100, filter: {shops: ["mini"]}) { nodes { id } } }'
    )
    assert ids == [one["id"] for one in asked.data["products"]["nodes"]]
    assert (await ended(gateway, changes))["total"] is None
    (change,) = await lines(gateway, changes)
    assert (change["cause"], change["order"]) == ("MUTATION", {"platformId": "exported"})
    shown = await ended(gateway, empty)
    assert (shown["done"], shown["resultBytes"], await lines(gateway, empty)) == (0, 0, [])


@pytest.mark.parametrize(
    ("filters", "kind", "expected"),
    [
        (
            {"products": {}},
            "ORDERS_EXPORT",
            ("INVALID", ["products"], "ORDERS_EXPORT is filtered by `orders`."),
        ),
        (
            {"orders": {"shops": ["flagship"]}},
            "ORDERS_EXPORT",
            (
                "INVALID",
                ["orders", "shops"],
                REMOTE,
            ),
        ),
        (
            {"orders": {"platforms": ["WECHAT_STORE"]}},
            "ORDERS_EXPORT",
            (
                "INVALID",
                ["orders", "shops"],
                REMOTE,
            ),
        ),
        (
            {"afterSales": {"shops": ["nowhere"]}},
            "AFTER_SALES_EXPORT",
            (
                "NOT_FOUND",
                ["afterSales", "shops"],
                'There is no shop "nowhere". Shops of this API key: flagship, mini, swan.',
            ),
        ),
        (
            {"orders": {"shops": ["mini"], "platforms": ["BAIDU"]}},
            "ORDERS_EXPORT",
            ("INVALID", ["orders", "shops"], "The filter chooses no shop."),
        ),
        (
            {},
            "ORDERS_IMPORT",
            (
                "INVALID",
                ["kind"],
                EXPORTS,
            ),
        ),
    ],
)
async def test_what_cannot_be_exported_is_refused_with_its_place(
    gateway: Client, filters: dict[str, Any], kind: str, expected: tuple[str, list[str], str]
) -> None:
    payload = (await begin(gateway, kind, "{ id }", **filters)).data["bulkExport"]

    code, path, message = expected
    assert payload == {
        "operation": None,
        "userErrors": [{"code": code, "field": path, "message": message}],
    }


async def test_a_field_of_a_platform_is_refused_when_the_export_is_asked_for(
    gateway: Client, tmp_path: Path
) -> None:
    payload = (await begin(gateway, "CHANGES_EXPORT", "{ order { id } }")).data["bulkExport"]

    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID", ["selection", "order"])
    assert "OrderChange.order of flagship, mini," in error["message"]
    assert await in_store(tmp_path, "SELECT 1 FROM bulk_operations") == []


async def test_rights_are_those_of_a_query_and_the_result_is_the_keys_own(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    reads = key(book, ["orders:read", "pii:read"], ["mini", "swan"])
    plain, catalog = key(book, ["orders:read"], ["swan"]), key(book, ["catalog:read"])
    every = key(book, Scope)
    personal = "{ id buyer { openId } }"
    async with serve(**keys) as gateway:
        by_buyer = {"buyerOpenId": "somebody"}
        for header, filters in ((catalog, None), (plain, by_buyer)):
            refused = await begin(gateway, "ORDERS_EXPORT", "{ id }", header, orders=filters)
            assert refused.codes == ["FORBIDDEN"]
            assert refused.body["data"] == {"bulkExport": None}
        payload = (await begin(gateway, "ORDERS_EXPORT", personal, plain)).data["bulkExport"]
        assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [
            ("FORBIDDEN", ["selection", "buyer"])
        ]
        operation = await begun(gateway, "ORDERS_EXPORT", personal, headers=reads)
        assert (await ended(gateway, operation, reads))["done"] == 80

        url = f"/bulk/{operation}"
        assert (await gateway.http.get(url)).status_code == 401
        # Another key's result does not exist, whatever that key may see.
        for header in (plain, every):
            hidden = await gateway.http.get(url, headers=header)
            assert (hidden.status_code, hidden.json()["errors"][0]["message"]) == (
                404,
                "There is no such bulk operation of this API key",
            )
        assert len(await lines(gateway, operation, reads)) == 80
        part = await gateway.http.get(url, headers={**reads, "Range": "bytes=0-0"})
        assert (part.status_code, part.content) == (206, b"{")
        found = await events(gateway, every, actions=["bulkResult"])

    assert [(one["outcome"], one["revealed"], one["shops"]) for one in found] == [
        ("OK", 80, ["mini", "swan"]),
        ("OK", 80, ["mini", "swan"]),
    ]
    assert {one["subject"] for one in found} == {operation}


async def test_a_result_is_fetched_whole_in_parts_or_compressed(gateway: Client) -> None:
    operation = await begun(gateway, "ORDERS_EXPORT", "{ id items { title } }")
    await ended(gateway, operation)
    url, plain = f"/bulk/{operation}", {"Accept-Encoding": "identity"}

    whole = await gateway.http.get(url, headers=plain)
    etag, size = whole.headers["etag"], len(whole.content)
    assert (whole.headers["content-length"], whole.headers["accept-ranges"]) == (
        str(size),
        "bytes",
    )
    assert whole.headers["cache-control"] == "private, no-cache"
    assert whole.headers["content-disposition"] == 'attachment; filename="orders-export.jsonl"'
    assert "content-encoding" not in whole.headers

    async def part(wanted: str, **more: str) -> tuple[int, bytes, str | None]:
        headers = {"Range": wanted, **{name.replace("_", "-"): more[name] for name in more}}
        answer = await gateway.http.get(url, headers=headers)
        return answer.status_code, answer.content, answer.headers.get("content-range")

    of = f"/{size}"
    assert await part("bytes=5-9") == (206, whole.content[5:10], f"bytes 5-9{of}")
    assert await part("bytes=-7") == (
        206,
        whole.content[-7:],
        f"bytes {size - 7}-{size - 1}{of}",
    )
    assert await part(f"bytes=7-{10 * size}") == (206, whole.content[7:], f"bytes 7-{size - 1}{of}")
    assert await part("bytes=7-", if_range=etag) == (
        206,
        whole.content[7:],
        f"bytes 7-{size - 1}{of}",
    )
    # Changed since, not one range, or not a range at all: the whole.
    assert await part("bytes=7-", if_range='"other"') == (200, whole.content, None)
    for wanted in ("bytes=0-1,3-4", "bytes=9-5", "bytes=-", "lines=1-2"):
        assert await part(wanted) == (200, whole.content, None), wanted
    for wanted in (f"bytes={size}-", "bytes=-0"):
        status, body, place = await part(wanted)
        assert (status, place) == (416, f"bytes */{size}")
        assert json.loads(body)["errors"][0]["message"] == f"The result has {size} bytes"

    packed = await gateway.http.send(
        gateway.http.build_request("GET", url, headers={"Accept-Encoding": "br, gzip"}), stream=True
    )
    raw = b"".join([chunk async for chunk in packed.aiter_raw()])
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == (
        "gzip",
        "Accept-Encoding, Authorization",
    )
    assert gzip.decompress(raw) == whole.content
    assert packed.headers["etag"] == f'{etag[:-1]}-gzip"'
    for accepted in ("gzip;q=0", "br", "*;q=0", "gzip;q=x"):
        refused = await gateway.http.get(url, headers={"Accept-Encoding": accepted})
        assert "content-encoding" not in refused.headers, accepted
    known = await gateway.http.get(url, headers={"If-None-Match": etag, **plain})
    assert (known.status_code, known.content) == (304, b"")


async def test_a_head_tells_of_a_result_without_reading_it(gateway: Client) -> None:
    operation = await begun(gateway, "PRODUCTS_EXPORT", "{ id }")
    shown = await ended(gateway, operation)

    head = await gateway.http.head(f"/bulk/{operation}", headers={"Accept-Encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(shown["resultBytes"])
    part = await gateway.http.head(f"/bulk/{operation}", headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.headers["content-length"]) == (206, "3")
    assert await events(gateway, actions=["bulkResult"]) == []


async def test_there_is_no_result_before_the_end_or_without_an_operation(
    gateway: Client, tmp_path: Path
) -> None:
    operation = await begun(gateway, "ORDERS_EXPORT", "{ id }")
    early = await gateway.http.get(f"/bulk/{operation}")
    await ended(gateway, operation)
    await in_store(tmp_path, "UPDATE bulk_operations SET keeps_result = 0")
    late = await gateway.http.get(f"/bulk/{operation}")

    assert (early.status_code, early.headers["retry-after"]) == (409, "2")
    assert early.json()["errors"][0]["message"] == (
        "The bulk operation has not ended: its state is WAITING"
    )
    assert late.status_code == 410
    assert late.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    for unknown in ("nothing", Key("Order", "swan", "1").encode(), operation[:-4] + "AAAA"):
        absent = await gateway.http.get(f"/bulk/{unknown}")
        assert absent.status_code == 404, unknown


async def test_an_export_that_is_asked_for_again_under_its_key_is_begun_once(
    gateway: Client, tmp_path: Path
) -> None:
    headers = {"Idempotency-Key": "once"}
    first = await begun(gateway, "PRODUCTS_EXPORT", "{ id }", headers=headers)
    second = await begun(gateway, "PRODUCTS_EXPORT", "{ id }", headers=headers)

    assert first == second
    assert await in_store(tmp_path, "SELECT count(*) FROM bulk_operations") == [(1,)]
    (event,) = await events(gateway, actions=["bulkExport"])
    assert (event["outcome"], event["subject"]) == ("OK", first)
