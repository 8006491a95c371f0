"""Exports read what the ledger lacks from the index, and call no platform."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.auth import ALL_SHOPS, Viewer
from gateway.bulk.exports import ExportRunner, Lines
from gateway.bulk.worker import BulkFailed
from gateway.concurrency.clock import Clock
from gateway.errors import BadUserInput
from gateway.ports.writing.problems import InputRefused
from gateway.registry import PLATFORMS
from gateway.runtime import RuntimeResources, open_resources
from gateway.services.export_sources import ExportRequest, Filter
from gateway.settings import Settings
from schema.after_sale import AfterSaleFilter
from schema.bulk_operation import BulkKind
from schema.key import Key
from schema.order import OrderFilter
from schema.product import ProductFilter
from schema.scope import Scope
from tests.bulk.exporting import selections
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve, configuration
from tests.index.contents import platform_orders
from tests.index.test_backfill import backfill_of, finished
from tests.index.test_ledger_reconciliation import reconciliation_of

VIEWER = Viewer(name="erp", scopes=frozenset(Scope), shops=ALL_SHOPS, key_id="erp")
ORDERS = BulkKind.ORDERS_EXPORT


async def exported(
    opened: RuntimeResources, kind: BulkKind, selection: str | None, chosen: Filter | None
) -> tuple[ExportRequest, list[Any]]:
    """Answer what an export was asked for, and its objects."""
    exports = opened.services.exports
    request, _ = await exports.request(kind, selection, chosen, VIEWER)
    # As the operation stores it.
    request = msgspec.json.decode(msgspec.json.encode(request), type=ExportRequest)
    runner = ExportRunner(lambda: opened.services, selections(), 3)
    lines, place = Lines(), None
    while True:
        place = await runner.add_slice(kind.name, request, place, VIEWER, lines)
        if place is None:
            break
    assert lines.failed == 0
    assert await runner.total(kind.name, request, VIEWER) == len(lines.lines)
    return request, [json.loads(line) for line in lines.lines]


@pytest.fixture
async def filled(opened: RuntimeResources, sandbox: Sandbox) -> RuntimeResources:
    """Answer the parts with what the platforms have in the index."""
    await finished(backfill_of(opened))
    await reconciliation_of(opened).once()
    sandbox.clear_log()
    return opened


async def test_orders_of_platforms_come_from_the_index_and_none_is_called(
    filled: RuntimeResources, sandbox: Sandbox
) -> None:
    selection = "{ platformId createdAt items { title product { id status } } afterSales { id } }"
    request, found = await exported(filled, ORDERS, selection, OrderFilter(shops=["flagship"]))

    assert sandbox.counts() == {}
    (remark,) = request.remarks
    assert remark.startswith("Of flagship only what was created from ")
    there = await platform_orders(filled, "flagship")
    assert {one["platformId"] for one in found} == set(there)
    assert [one["createdAt"] for one in found] == sorted(one["createdAt"] for one in found)
    products = [item["product"] for one in found for item in one["items"] if item["product"]]
    assert products
    assert all(product["status"] for product in products)
    assert any(one["afterSales"] for one in found)


async def test_a_filter_that_only_the_index_can_answer_chooses_in_every_shop(
    filled: RuntimeResources, sandbox: Sandbox
) -> None:
    since = datetime.fromtimestamp(time.time(), UTC) - timedelta(days=300)
    recent = OrderFilter(shops=["flagship"], created_from=since)
    request, some = await exported(filled, ORDERS, "{ id platformId }", recent)
    wanted = some[len(some) // 2]
    by_id = OrderFilter(created_from=since, platform_ids=[wanted["platformId"]])
    named, found = await exported(filled, ORDERS, "{ id platformId }", by_id)

    # It reaches over the range that is asked for.
    assert (request.remarks, request.indexed) == ([], ("flagship",))
    assert named.indexed == ("flagship", "mini", "swan")
    assert found == [wanted]
    assert sandbox.counts() == {}


async def test_orders_of_partner_stores_are_exported_with_what_the_ledger_has(
    filled: RuntimeResources, sandbox: Sandbox
) -> None:
    since = datetime.fromtimestamp(time.time(), UTC) - timedelta(days=300)
    chosen = OrderFilter(shops=["mini"], created_from=since)
    request, found = await exported(filled, ORDERS, "{ id afterSales { id } }", chosen)

    keys = [Key.decode(one["id"]) for one in found]
    assert request.indexed == ("mini",)
    assert request.remarks == []
    assert {bool(key.part) for key in keys} == {True, False}
    assert sandbox.counts() == {}


async def test_products_and_after_sales_of_platforms_are_exported(
    filled: RuntimeResources, sandbox: Sandbox
) -> None:
    goods = ProductFilter(shops=["flagship"])
    _, products = await exported(
        filled, BulkKind.PRODUCTS_EXPORT, "{ platformId status skus { code status } }", goods
    )
    low = ProductFilter(shops=["flagship"], stock_at_most=5)
    _, few = await exported(filled, BulkKind.PRODUCTS_EXPORT, "{ skus { stock } }", low)
    sales = AfterSaleFilter(shops=["flagship"])
    _, found = await exported(filled, BulkKind.AFTER_SALES_EXPORT, "{ id createdAt }", sales)

    ids = [product["platformId"] for product in products]
    assert ids == sorted(ids)
    assert len(ids) > 10
    assert {product["status"] for product in products} >= {"ON_SHELF", "OFF_SHELF"}
    assert 0 < len(few) < len(ids)
    assert all(min(sku["stock"] for sku in product["skus"]) <= 5 for product in few)
    assert [one["createdAt"] for one in found] == sorted(one["createdAt"] for one in found)
    assert found
    assert sandbox.counts() == {}


async def test_a_platform_is_never_called_whatever_is_selected(
    filled: RuntimeResources, sandbox: Sandbox
) -> None:
    goods = ProductFilter(shops=["flagship"])
    exports = filled.services.exports
    request, _ = await exports.request(BulkKind.PRODUCTS_EXPORT, "{ id }", goods, VIEWER)
    # What the check would have refused.
    of_platform = "{ details { ... on WechatStoreProductDetails { categories { name } } } }"
    request = msgspec.structs.replace(request, selection=of_platform)
    runner = ExportRunner(lambda: filled.services, selections(), 3)

    with pytest.raises(BulkFailed, match="A selected field is not in the ledger"):
        await runner.add_slice("PRODUCTS_EXPORT", request, None, VIEWER, Lines())
    assert sandbox.counts() == {}


async def test_without_a_selection_a_line_has_all_that_is_stored_of_every_shop(
    filled: RuntimeResources, sandbox: Sandbox
) -> None:
    for kind in (ORDERS, BulkKind.AFTER_SALES_EXPORT, BulkKind.PRODUCTS_EXPORT):
        request, found = await exported(filled, kind, None, None)

        assert {one["shop"]["key"] for one in found} >= {"flagship", "mini"}
        assert "flagship" in request.indexed
    assert sandbox.counts() == {}


async def test_a_shop_whose_index_is_not_filled_is_refused_or_left_out(
    opened: RuntimeResources,
) -> None:
    with pytest.raises(InputRefused) as refused:
        await exported(opened, ORDERS, "{ id }", OrderFilter(shops=["flagship"]))
    (error,) = refused.value.errors
    request, _ = await exported(opened, ORDERS, "{ id }", None)

    assert (error.code.name, error.field) == ("INVALID", ["orders", "shops"])
    assert error.message == (
        "The index is not filled yet with the orders of flagship: `Shop.index` tells how far it"
        " reaches."
    )
    assert request.remarks[-1] == "Left out, because the index is not filled yet: flagship."


async def test_an_export_of_the_index_ends_where_it_was_turned_off(
    filled: RuntimeResources, serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    assert serve is not None
    chosen = OrderFilter(shops=["flagship"])
    request, _ = await exported(filled, ORDERS, "{ id }", chosen)
    settings = configuration(sandbox, tmp_path) | {"index": {"enabled": False}}
    made = Settings.from_dict(PLATFORMS, settings)
    async with open_resources(made, Clock(), selections=selections()) as off:
        with pytest.raises(BadUserInput, match="read from the index, which is off now"):
            await off.services.exports.following(ORDERS.name, request, None, VIEWER, 3)
        with pytest.raises(InputRefused) as refused:
            await off.services.exports.request(ORDERS, "{ id }", chosen, VIEWER)
        assert "Only the platform has the orders of flagship" in refused.value.errors[0].message


async def test_filters_that_no_export_can_answer_are_refused(opened: RuntimeResources) -> None:
    async def refused(kind: BulkKind, chosen: OrderFilter) -> tuple[Any, str]:
        exports = opened.services.exports
        result = await exports.begin(kind, "{ id }", {"orders": chosen}, VIEWER, [])
        (error,) = result.errors
        return error.field, error.message

    changes, other = BulkKind.CHANGES_EXPORT, "Changes cannot be filtered by this."
    assert await refused(ORDERS, OrderFilter(linked_buyers=True)) == (
        ["orders"],
        "`linkedBuyers` needs a `buyerOpenId` whose links are followed.",
    )
    assert await refused(changes, OrderFilter(search="a")) == (["orders", "search"], other)
    assert await refused(changes, OrderFilter(copies=True)) == (["orders", "copies"], other)
