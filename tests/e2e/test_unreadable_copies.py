"""An order whose copy's buyer cannot be decrypted: whoever copies it again is told so."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.test_mirrors import (
    ADD,
    BUYER,
    CHANGE,
    MINI_BUYER,
    MIRROR,
    PAGES,
    link,
    mini_order,
    mirrored,
    named,
    placed,
    shops,
)
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve

KEY = {"Idempotency-Key": "copy"}


@pytest.fixture
async def copying(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Client]:
    """Ask a gateway that has pages for orders of the shopping list."""
    mirrors = [{"from": "flagship", "to": "mini", **PAGES}]
    async with serve(mirrors=mirrors, shops=shops(sandbox, tmp_path)) as client:
        yield client


def spoil(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "gateway.db") as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    ("column", "spoiled"),
    [
        (
            "buyer_links.to_open_id of shop flagship",
            "UPDATE buyer_links SET to_open_id = x'00'",
        ),
        ("orders.personal of shop mini", "UPDATE orders SET personal = x'00' WHERE shop = 'mini'"),
    ],
)
async def test_what_would_lose_the_buyer_of_a_copy_is_refused(
    copying: Client, sandbox: Sandbox, tmp_path: Path, column: str, spoiled: str
) -> None:
    order_id, other = placed(sandbox), placed(sandbox)
    await link(copying, "mini", {BUYER: MINI_BUYER})
    await mirrored(copying, order_id, "mini")
    # Not on the gateway's own loop: what it writes meanwhile must be able to end.
    await asyncio.to_thread(spoil, tmp_path, spoiled)
    sandbox.set_order_status(order_id, 5)

    # Under a key as well: what was refused is no outcome that is kept.
    for _ in range(2):
        asked = await copying.ask(MIRROR, {"id": named(order_id), "toShop": "mini"}, KEY)

        assert asked.body["data"] == {"orderMirror": None}
        assert asked.codes == ["STORE_UNAVAILABLE"]
        assert asked.body["errors"][0]["message"] == (
            f"{column} in the ledger cannot be decrypted:"
            " it was written with another key, or was tampered with"
        )
        assert "extensions" not in asked.body
    assert sandbox.requests(CHANGE) == []
    assert len(sandbox.requests(ADD)) == 1

    payload = await mirrored(copying, other, "mini", openId=MINI_BUYER)

    assert payload["push"]["state"] == "DELIVERED"
    assert mini_order(sandbox, other)["ext_info"]["user_open_id"] == MINI_BUYER
