"""An entry of a platform's list that cannot be read is left out, and its source says so."""

from typing import Any

import pytest
import structlog

from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

PRODUCTS = """{ products(filter: { shops: ["flagship"] }) {
  totalCount nodes { platformId } sources { state count unreadable }
} }"""
SHELVES = """{ shelves(shops: ["flagship"]) {
  nodes { platformId } sources { state count unreadable }
} }"""
ODD: Any = {"product_id": "b", "product_base": {"name": "a buyer's own words", "buy_limit": "1.5"}}


async def test_products_that_cannot_be_read_are_counted(gateway: Client, sandbox: Sandbox) -> None:
    listed = [{"product_id": "a"}, ODD, {"product_id": 3, "sku_list": {}}, None]
    body = {"errcode": None, "products_info": listed}
    sandbox.fault("body", body, path="/merchant/getbystatus", times=None)

    with structlog.testing.capture_logs() as logged:
        asked = [(await gateway.ask(PRODUCTS)).data["products"] for _ in range(3)]

    assert asked[0] == {
        "totalCount": 2,
        "nodes": [{"platformId": "3"}, {"platformId": "a"}],
        "sources": [{"state": "LIVE", "count": 2, "unreadable": 2}],
    }
    assert asked[2]["sources"] == [{"state": "CACHED", "count": 2, "unreadable": 2}]
    lines = [line for line in logged if line["event"] == "upstream.list.entry_unreadable"]
    assert [(line["shop"], line["endpoint"], line["entry"]) for line in lines] == [
        ("flagship", "getbystatus", "b"),
        ("flagship", "getbystatus", None),
    ]
    assert "own words" not in str(logged)


async def test_shelves_that_cannot_be_read_are_counted(gateway: Client, sandbox: Sandbox) -> None:
    listed = [{"shelf_id": "22", "shelf_name": 7}, {"shelf_id": True}]
    sandbox.fault("body", {"shelves": listed}, path="/merchant/shelf/getall", times=None)

    asked = await gateway.ask(SHELVES)

    assert asked.data["shelves"] == {
        "nodes": [{"platformId": "22"}],
        "sources": [{"state": "LIVE", "count": 1, "unreadable": 1}],
    }


@pytest.mark.parametrize("lifetime", ["7200", 7200.0, " 7200 "])
async def test_a_token_whose_lifetime_is_a_text_is_taken(
    gateway: Client, sandbox: Sandbox, lifetime: object
) -> None:
    token = sandbox.token(FLAGSHIP)
    granted = {"errcode": None, "access_token": token, "expires_in": lifetime}
    sandbox.fault("body", granted, path="/cgi-bin/stable_token", times=None)

    asked = await gateway.ask(PRODUCTS, headers={"Cache-Control": "no-cache"})

    assert asked.data["products"]["sources"][0]["state"] == "LIVE"
    assert asked.data["products"]["sources"][0]["unreadable"] == 0
