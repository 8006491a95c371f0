"""What ends an import: rights that were taken away, and parts of the file that are gone."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.auth.keys_file import KeyRecord
from gateway.auth.viewer import Viewer
from gateway.bulk.imports import ImportHandler
from gateway.bulk.order_lines import LineReader
from gateway.bulk.reception import receive_file
from gateway.bulk.worker import LEASE, BulkWorker, CallerRights
from gateway.concurrency.clock import Clock
from gateway.ports import ReadOptions
from gateway.registry import PLATFORMS
from gateway.runtime.resources import RuntimeResources, open_resources
from gateway.settings import Settings
from gateway.store.bulk_operations import BulkCaller, BulkProgress, StoredBulkOperation
from resolvers.schema import executable
from schema.bulk_operation import BulkKind
from schema.inputs.order import OrderShipInput
from schema.key import Key
from schema.scalars import BulkUpload
from schema.scope import Scope
from tests.e2e.bulk_files import lines_of
from tests.e2e.order_samples import baidu_order
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import configuration

RECORD = KeyRecord(
    name="web",
    sha256="5a" * 32,
    scopes=frozenset({Scope.ORDERS_WRITE}),
    shops=frozenset({"swan"}),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)
CALLER = BulkCaller(
    name="web",
    key_id=RECORD.id,
    by_key=True,
    scopes=frozenset({"orders:write"}),
    shops=frozenset({"swan"}),
)


DELIVERY, ORDER = "/merchant/order/setdelivery", "/merchant/order/getbyid"


class Skipped:
    """Seconds that the store's clock is ahead."""

    seconds = 0.0


@pytest.fixture
def skipped() -> Skipped:
    return Skipped()


@pytest.fixture
async def opened(
    sandbox: Sandbox, tmp_path: Path, skipped: Skipped
) -> AsyncIterator[RuntimeResources]:
    settings = Settings.from_dict(PLATFORMS, configuration(sandbox, tmp_path))
    clock = Clock(wall=lambda: time.time() + skipped.seconds)
    async with open_resources(settings, clock) as resources:
        yield resources


async def begin(
    opened: RuntimeResources,
    content: bytes | None = None,
    shop: str = "swan",
    kind: BulkKind = BulkKind.ORDERS_IMPORT,
) -> int:
    async def chunks() -> AsyncIterator[bytes]:
        yield content or lines_of([baidu_order("b1")])

    upload = BulkUpload("orders.jsonl")
    caller = replace(CALLER, shops=frozenset({shop}))
    await receive_file(opened.store, upload, chunks(), kind, shop, caller)
    assert upload.number is not None
    async with opened.store.transaction() as transaction:
        await opened.store.bulk_operations.received(transaction, upload.number, upload.lines)
    return upload.number


async def work(
    opened: RuntimeResources, number: int, record: KeyRecord, clock: Clock | None = None
) -> StoredBulkOperation:
    clock = clock or Clock()
    handler = ImportHandler(
        opened.store, lambda: opened.services, LineReader(executable()), clock.monotonic
    )
    rights = CallerRights(lambda: [record], clock.wall)
    handlers = {"ORDERS_IMPORT": handler, "SHIPMENTS_IMPORT": handler}
    worker = BulkWorker(opened.store, handlers, rights, clock, "one", logs=False)
    assert await worker.once() == 1
    return (await opened.store.bulk_operations.get_many([number]))[number]


def changed(**fields: Any) -> KeyRecord:
    kept = {name: getattr(RECORD, name) for name in ("name", "sha256", "scopes", "shops")}
    return KeyRecord(**kept | {"created_at": RECORD.created_at} | fields)


@pytest.mark.parametrize(
    ("record", "error"),
    [
        (
            changed(scopes=frozenset({Scope.ORDERS_READ})),
            "The API key no longer has the scope orders:write.",
        ),
        (
            changed(shops=frozenset({"mini"})),
            'There is no shop "swan". Shops of this API key: none.',
        ),
        (changed(sha256="a5" * 32), "The API key that asked for it is no longer valid."),
    ],
    ids=["scope", "shop", "key"],
)
async def test_an_import_ends_with_the_rights_to_it(
    opened: RuntimeResources, record: KeyRecord, error: str
) -> None:
    ended = await work(opened, await begin(opened), record)

    assert (ended.state, ended.error, ended.done) == ("FAILED", error, 0)
    assert await opened.store.orders.get_many("swan", ["b1"]) == {}


async def test_the_line_of_an_erased_buyer_is_not_imported(opened: RuntimeResources) -> None:
    number = await begin(opened)
    await opened.store.personal.erase_buyer("swan", "swan-buyer-1")

    ended = await work(opened, number, RECORD)

    assert (ended.state, ended.done, ended.failed) == ("DONE", 0, 1)
    result = await opened.store.bulk_operations.pieces.get(number, "OUT", 0)
    assert result is not None
    assert b"The buyer was erased before the line was imported." in result.lines[0]


async def test_a_file_whose_part_is_gone_ends_the_import(opened: RuntimeResources) -> None:
    number = await begin(opened)
    async with opened.store.transaction() as transaction:
        await opened.store.bulk_operations.pieces.delete(transaction, number, "IN", 0)

    ended = await work(opened, number, RECORD)

    reason = "A part of the file was deleted: it was older than its retention."
    assert (ended.state, ended.error) == ("FAILED", reason)


async def test_a_shipment_waits_for_its_platform_and_is_told_once(
    sandbox: Sandbox, opened: RuntimeResources, skipped: Skipped
) -> None:
    order = str(sandbox.order()["order_id"])
    line = {"platformId": order, "carrier": "003shunfeng", "trackingNumber": "SF123"}
    number = await begin(opened, lines_of([line]), "flagship", BulkKind.SHIPMENTS_IMPORT)
    record = changed(shops=frozenset({"flagship"}))
    states = []

    async def turn() -> StoredBulkOperation:
        clock = Clock(wall=lambda: time.time() + skipped.seconds)
        done = await work(opened, number, record, clock)
        states.append(done.state)
        skipped.seconds += LEASE + 1
        return done

    # Neither the call nor the look at what may have been done is answered; then both are.
    sandbox.fault("errcode", 45009, path=DELIVERY, times=1)
    await turn()
    sandbox.fault("errcode", 45009, path=ORDER)
    await turn()
    calls = len(sandbox.requests(DELIVERY))
    sandbox.clear_faults()
    done = await turn()

    assert states == ["RUNNING", "RUNNING", "DONE"]
    assert (done.done, done.failed, calls) == (1, 0, 1)
    assert len(sandbox.requests(DELIVERY)) == 2


async def test_what_a_killed_worker_has_shipped_is_not_shipped_again(
    sandbox: Sandbox, opened: RuntimeResources
) -> None:
    order = str(sandbox.order()["order_id"])
    line = {"platformId": order, "carrier": "003shunfeng", "trackingNumber": "SF123"}
    number = await begin(opened, lines_of([line]), "flagship", BulkKind.SHIPMENTS_IMPORT)
    operations, services = opened.store.bulk_operations, opened.services
    async with opened.store.transaction() as transaction:
        claimed = await operations.claim(transaction, "killed", ["SHIPMENTS_IMPORT"], lease=-1)
        assert claimed is not None
        called = BulkProgress(position="[0,0,1]")
        await operations.advance(transaction, claimed, called, lease=-1)
    viewer = Viewer(
        name="web", scopes=RECORD.scopes, shops=frozenset({"flagship"}), key_id=RECORD.id
    )
    shipped = OrderShipInput(
        id=Key("Order", "flagship", order).encode(),  # type: ignore[arg-type]
        carrier="003shunfeng",
        tracking_number="SF123",
    )
    await services.fulfilment.ship({(): shipped}, viewer, ReadOptions())

    done = await work(opened, number, changed(shops=frozenset({"flagship"})))

    assert (done.state, done.done, done.failed) == ("DONE", 1, 0)
    assert len(sandbox.requests(DELIVERY)) == 1


async def test_a_file_that_took_too_long_to_arrive_is_refused(opened: RuntimeResources) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield lines_of([baidu_order("b1")])

    upload = BulkUpload("orders.jsonl")
    kind = BulkKind.ORDERS_IMPORT
    await receive_file(opened.store, upload, chunks(), kind, "swan", CALLER)
    assert upload.number is not None
    async with opened.store.transaction() as transaction:
        # As another process does when nothing arrived for long.
        await opened.store.bulk_operations.drop(transaction, upload.number, 10)
    viewer = Viewer(name="web", scopes=RECORD.scopes, shops=frozenset({"swan"}), key_id=RECORD.id)

    done = await opened.services.bulk_imports.begin("swan", kind, upload, viewer)

    assert [(one.code.name, one.message, one.field) for one in done.errors] == [
        ("CONFLICT", "The file took too long to arrive: send it again.", ["file"])
    ]
