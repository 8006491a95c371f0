"""Imports of files: stored while they arrive, accepted line by line, refused with the reason."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest

from gateway.auth.key_manager import KeyManager
from tests.e2e.api_keys import key
from tests.e2e.bulk_files import (
    BULK_IMPORT,
    HEADERS,
    TAIL,
    begun,
    ended,
    head,
    lines_of,
    result,
    send,
)
from tests.e2e.order_samples import baidu_order, mini_order
from tests.fixtures_served import Client, Serve
from tests.waiting import eventually

ORDERS = """
query ($shop: String!, $id: String!) {
  orderByPlatformId(shop: $shop, platformId: $id) {
    status shipments { trackingNumber carrier { name } }
  }
}"""


async def order_of(gateway: Client, shop: str, id_: str) -> Any:
    return (await gateway.ask(ORDERS, {"shop": shop, "id": id_})).data["orderByPlatformId"]


async def test_orders_are_imported_and_refused_lines_have_their_reasons(gateway: Client) -> None:
    lines = [
        baidu_order("b1"),
        baidu_order("b2", items=[baidu_order("b2")["items"][0] | {"quantity": "two"}]),
        baidu_order("b3", shop="mini"),
        baidu_order("b4", total={"fen": 1}),
        baidu_order("b1"),
        baidu_order("b5", title="x" * 501),
    ]
    content = lines_of(lines) + b'\n{"platformId": \n[]\n' + lines_of([baidu_order("b6")])

    operation = await begun(gateway, content)
    assert (operation["state"], operation["total"]) == ("WAITING", 9)
    done = await ended(gateway, operation["id"])

    assert (done["state"], done["done"], done["failed"], done["total"]) == ("DONE", 2, 7, 9)
    refused = await result(gateway, done)
    assert [(one["line"], one["platformId"], one["code"], one["path"]) for one in refused] == [
        (2, "b2", "INVALID", ["items", "0", "quantity"]),
        (3, "b3", "INVALID", ["shop"]),
        (4, "b4", "INVALID", ["total"]),
        (5, "b1", "CONFLICT", ["platformId"]),
        (6, "b5", "INVALID", ["title"]),
        (8, None, "INVALID", []),
        (9, None, "INVALID", []),
    ]
    by_line = {one["line"]: one for one in refused}
    assert by_line[2]["message"] == 'Int cannot represent non-integer value: "two"'
    assert by_line[3]["message"] == "The line is for another shop: this import is for swan."
    assert by_line[6]["message"] == "`title` has 501 characters; the limit is 500"
    assert by_line[8]["message"] == "The line is not JSON at column 16"
    assert by_line[9]["message"] == "The line is not a JSON object."
    for name in ("b1", "b6"):
        assert await order_of(gateway, "swan", name) is not None


async def test_pieces_are_stored_before_the_file_has_ended(gateway: Client, tmp_path: Path) -> None:
    ready = asyncio.Event()
    line = lines_of([baidu_order("p", remark="好" * 1_000)])
    part = line * (1_200_000 // len(line))

    async def content() -> AsyncIterator[bytes]:
        yield part
        await ready.wait()
        yield b"{}\n"

    async def stored() -> bool:
        with connect(tmp_path / "gateway.db") as database:
            return bool(database.execute("SELECT count(*) FROM bulk_pieces").fetchone()[0])

    sending = asyncio.create_task(send(gateway, content()))
    await eventually(stored)
    assert not sending.done()
    ready.set()
    answer = (await sending).data["bulkImport"]
    assert answer["operation"]["total"] == len(part) // len(line) + 1


COLUMNS = "The columns are platformId, carrier, otherCarrier, trackingNumber."
SHIPPED = "platformId,carrier,otherCarrier,trackingNumber\r\n"


@pytest.mark.parametrize(
    "content",
    [
        f'﻿{SHIPPED}b1,,顺丰速运,"SF1"\r\n"b2",,"圆通\n速递",YT2\r\n\r\n,,,\r\nb3,,,x\r\n'.encode(),
        f"{SHIPPED}b1,,顺丰速运,SF1\r\nb2,,圆通速递,YT2\r\nb3,,,x\r\n".encode("gb18030"),
        lines_of(
            [
                {"platformId": "b1", "otherCarrier": "顺丰速运", "trackingNumber": "SF1"},
                {"platformId": "b2", "otherCarrier": "圆通速递", "trackingNumber": "YT2"},
                {"platformId": "b3", "trackingNumber": "x"},
            ]
        ),
    ],
    ids=["utf8", "gb18030", "json"],
)
async def test_shipments_of_the_ledger_are_imported_from_csv_and_json(
    gateway: Client, content: bytes
) -> None:
    orders = await begun(gateway, lines_of([baidu_order("b1"), baidu_order("b2")]))
    assert (await ended(gateway, orders["id"]))["done"] == 2

    operation = await begun(gateway, content, kind="SHIPMENTS_IMPORT")
    done = await ended(gateway, operation["id"])

    assert (done["state"], done["done"], done["failed"]) == ("DONE", 2, 1), await result(
        gateway, done
    )
    (refused,) = await result(gateway, done)
    assert (refused["platformId"], refused["path"]) == ("b3", ["carrier"])
    shipped = await order_of(gateway, "swan", "b1")
    assert shipped["status"] == "SHIPPED"
    assert [one["trackingNumber"] for one in shipped["shipments"]] == ["SF1"]


async def test_orders_that_the_platform_ships_are_shipped_by_its_calls(
    gateway: Client,
) -> None:
    found = await gateway.ask(
        '{ orders(first: 1, filter: {shops: ["flagship"], statuses: [AWAITING_SHIPMENT]})'
        " { nodes { platformId } } }"
    )
    (order,) = found.data["orders"]["nodes"]
    content = lines_of(
        [
            order | {"carrier": "003shunfeng", "trackingNumber": "SF123"},
            {"platformId": "none", "carrier": "003shunfeng", "trackingNumber": "SF1"},
            order | {"carrier": "003shunfeng", "trackingNumber": "1.23E+11"},
        ]
    )

    operation = await begun(gateway, content, shop="flagship", kind="SHIPMENTS_IMPORT")
    done = await ended(gateway, operation["id"])

    assert (done["state"], done["done"], done["failed"]) == ("DONE", 1, 2), await result(
        gateway, done
    )
    assert (await order_of(gateway, "flagship", order["platformId"]))["status"] == "SHIPPED"


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b"", "ORDERS_IMPORT", "The file is empty: it has no line to import."),
        (b"\n \n", "ORDERS_IMPORT", "The file is empty: it has no line to import."),
        (SHIPPED.encode(), "SHIPMENTS_IMPORT", "The file is empty: it has no line to import."),
        (
            "{}\n{苹果}".encode("gb18030"),
            "ORDERS_IMPORT",
            "Line 2 is not in UTF-8: save the file as UTF-8.",
        ),
        (
            b"{}\n" + b"x" * 1_000_001,
            "ORDERS_IMPORT",
            "Line 2 is longer than 1,000,000 bytes: end each object with a line end.",
        ),
        (
            b"platformId,Sum,trackingNumber\n",
            "SHIPMENTS_IMPORT",
            f'The head line has unknown columns: "Sum". {COLUMNS} Separate them by commas.',
        ),
        (
            b"platformId,carrier\n",
            "SHIPMENTS_IMPORT",
            f"The head line lacks trackingNumber. {COLUMNS}",
        ),
        (
            b"platformId,carrier,carrier,trackingNumber\n",
            "SHIPMENTS_IMPORT",
            f"The head line has a column twice. {COLUMNS}",
        ),
        (
            SHIPPED.encode() + b'1,"SF"x,Z\n',
            "SHIPMENTS_IMPORT",
            "Line 2 is not CSV: put cells with quotes between quotes.",
        ),
        (
            SHIPPED.encode() + b'1,SF,"x\n',
            "SHIPMENTS_IMPORT",
            "The quote that a cell of line 2 begins with never ends.",
        ),
        (
            SHIPPED.encode() + b"1,SF,,\xff\xff\n",
            "SHIPMENTS_IMPORT",
            "Line 2 is neither UTF-8 nor GB18030: save the file as UTF-8.",
        ),
    ],
)
async def test_a_file_that_cannot_be_imported_is_refused_with_what_to_do(
    gateway: Client, content: bytes, kind: str, message: str
) -> None:
    answer = (await send(gateway, content, kind=kind)).data["bulkImport"]

    error = {"code": "INVALID", "message": message, "field": ["file"]}
    assert answer == {"operation": None, "userErrors": [error]}


async def test_bulk_import_is_the_only_field_of_its_operation(gateway: Client) -> None:
    other = '  bulkCancel(id: "none") { userErrors { code } }\n  bulkImport('
    both = BULK_IMPORT.replace("  bulkImport(", other)
    body = head("swan", "ORDERS_IMPORT", both) + lines_of([baidu_order("b1")]) + TAIL
    answer = await gateway.http.post("/graphql", content=body, headers=HEADERS)
    listed = await gateway.ask("{ bulkOperations { totalCount } }")

    (error,) = answer.json()["data"]["bulkImport"]["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID", ["file"])
    assert "Send bulkImport as the only field of its operation" in error["message"]
    assert listed.data == {"bulkOperations": {"totalCount": 0}}


async def test_a_file_that_is_too_large_or_broken_leaves_nothing(serve: Serve) -> None:
    async with serve(limits={"max_bulk_bytes": 1_000}) as gateway:
        large = await send(gateway, b"x" * 1_001)
        listed = await gateway.ask("{ bulkOperations { totalCount } }")

    assert (large.status, large.codes) == (413, ["BAD_USER_INPUT"])
    assert "limits.max_bulk_bytes" in large.body["errors"][0]["message"]
    assert listed.data == {"bulkOperations": {"totalCount": 0}}


async def test_a_form_that_ends_early_is_refused(gateway: Client) -> None:
    body = head("swan", "ORDERS_IMPORT") + lines_of([baidu_order("b1")])
    answer = await gateway.http.post("/graphql", content=body, headers=HEADERS)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == "The form is incomplete"


async def test_what_a_key_may_not_do_is_refused_without_the_file(
    serve: Serve, keys: dict[str, Any], book: KeyManager
) -> None:
    reader = key(book, ["orders:read"])
    writer = key(book, ["orders:write", "orders:read"], ["swan"])
    content = lines_of([baidu_order("b1")])
    async with serve(**keys) as gateway:
        forbidden = await send(gateway, content, headers=reader)
        export = await send(gateway, content, kind="ORDERS_EXPORT", headers=writer)
        hidden = await send(gateway, content, shop="mini", headers=writer)
        mine = await begun(gateway, content, headers=writer)
        theirs = await gateway.ask(
            "query ($id: ID!) { bulkOperation(id: $id) { id } }", {"id": mine["id"]}, reader
        )

    assert forbidden.codes == ["FORBIDDEN"]
    assert [one.data["bulkImport"]["userErrors"][0]["code"] for one in (export, hidden)] == [
        "INVALID",
        "NOT_FOUND",
    ]
    assert theirs.data == {"bulkOperation": None}


async def test_a_repetition_under_an_idempotency_key_begins_nothing_more(gateway: Client) -> None:
    header = {"Idempotency-Key": "file-1"}
    content = lines_of([mini_order("m1")])
    first = await send(gateway, content, shop="mini", headers=header)
    again = await send(gateway, content, shop="mini", headers=header)
    other = await send(gateway, lines_of([mini_order("m2")]), shop="mini", headers=header)

    assert again.body["data"] == first.body["data"]
    assert again.body["extensions"]["idempotentReplay"]
    assert other.codes == ["IDEMPOTENCY_MISMATCH"]
    listed = await gateway.ask("{ bulkOperations { totalCount } }")
    assert listed.data == {"bulkOperations": {"totalCount": 1}}


async def test_an_import_is_cancelled_while_it_waits_or_runs(gateway: Client) -> None:
    operation = await begun(gateway, lines_of([baidu_order(f"c{n}") for n in range(600)]))
    cancel = "mutation ($id: ID!) { bulkCancel(id: $id) { userErrors { code } } }"
    asked = await gateway.ask(cancel, {"id": operation["id"]})
    assert asked.data["bulkCancel"]["userErrors"] == []

    done = await ended(gateway, operation["id"])
    again = await gateway.ask(cancel, {"id": operation["id"]})

    assert done["state"] == "CANCELLED"
    assert done["done"] < 600
    assert again.data["bulkCancel"]["userErrors"] == [{"code": "CONFLICT"}]
