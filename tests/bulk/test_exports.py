"""Exports in slices: killed and continued, cancelled, beside erasures, with and without rights."""

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from gateway.bulk.exports import ExportRunner, give_way
from gateway.bulk.worker import LEASE
from gateway.errors import StoreUnavailable
from gateway.ports import OrderQuery
from gateway.services.export_sources import ExportRequest, Place
from gateway.store.bulk_tables import bulk_operations
from gateway.store.order_changes import NewOrderChange
from gateway.store.products import ProductEntry
from gateway.store.tables import orders, products
from schema.order_status import OrderStatus
from tests.bulk.exporting import BUYERS, SELECTION, Exporting, drain, exporting
from tests.store.samples import product


@pytest.fixture
async def process(tmp_path: Path, ledger_template: Path) -> AsyncIterator[Exporting]:
    shutil.copy(ledger_template, tmp_path / "gateway.db")
    async with exporting(f"sqlite:///{tmp_path}/gateway.db") as opened:
        yield opened


async def test_pieces_are_whole_lines_in_the_order_of_creation(process: Exporting) -> None:
    number = await process.begin()

    await drain(process.worker("one"))

    found = await process.found(number)
    assert (found.state, found.done, found.failed, found.total) == ("DONE", 20, 0, 20)
    pieces = await process.pieces(number)
    # Shop by shop, a slice of three at most in each.
    assert [len(piece.lines) for piece in pieces] == [3, 3, 3, 1, 3, 3, 3, 1]
    objects = [json.loads(line) for piece in pieces for line in piece.lines]
    assert [one["buyer"]["openId"] for one in objects] == [
        BUYERS[index % 3] for index in range(10)
    ] * 2
    assert [one["platformId"] for one in objects[11]["afterSales"]] == ["second", "first"]
    assert found.result_bytes == len(await process.text(number))


async def kill_after(process: Exporting, slices: int) -> None:
    """Lets a process do so many slices of the operation that waits, and stop within the next."""
    left = iter(range(slices))

    class Killed(BaseException):
        pass

    class Mortal(ExportRunner):
        async def add_slice(self, *args: Any, **more: Any) -> Place | None:
            if next(left, None) is None:
                raise Killed
            return await super().add_slice(*args, **more)

    runner = Mortal(lambda: process.opened.services, process.selections, 3)
    with pytest.raises(Killed):
        await drain(process.worker("killed", runner=runner))


async def check_kills(process: Exporting) -> None:
    unharmed = await process.begin()
    await drain(process.worker("one"))
    expected = await process.text(unharmed)

    for slices in range(9):
        number = await process.begin()
        if slices < 8:
            await kill_after(process, slices)
            # Nobody else may go on before the lease has ended.
            await drain(process.worker("two"))
            assert (await process.found(number)).state == "RUNNING"
            process.clock.now += LEASE
        await drain(process.worker("two"))

        found = await process.found(number)
        assert (found.state, found.done, found.total) == ("DONE", 20, 20), slices
        assert await process.text(number) == expected, slices


async def test_a_killed_export_is_continued_byte_by_byte_as_if_it_had_not_been(
    process: Exporting,
) -> None:
    await check_kills(process)


async def test_the_same_on_postgresql(migrated_postgres_url: str) -> None:
    async with exporting(migrated_postgres_url) as process:
        await check_kills(process)


async def test_one_that_was_killed_behind_its_last_object_writes_nothing_more(
    process: Exporting,
) -> None:
    number = await process.begin()
    worker = process.worker("one")
    async with process.opened.store.transaction() as transaction:
        await transaction.connection.execute(update(bulk_operations).values(position="null"))

    await drain(worker)

    assert (await process.found(number)).state == "DONE"
    assert await process.text(number) == b""


async def test_one_without_objects_has_an_empty_result(process: Exporting) -> None:
    query = OrderQuery(statuses=frozenset({OrderStatus.COMPLETED}))
    number = await process.begin(orders=query)

    await drain(process.worker("one"))

    found = await process.found(number)
    assert (found.state, found.total, found.keeps_result) == ("DONE", 0, True)
    assert [piece.lines for piece in await process.pieces(number)] == [[]]


async def test_a_cancelled_export_keeps_what_it_wrote(process: Exporting) -> None:
    number = await process.begin()

    class Cancelling(ExportRunner):
        async def add_slice(self, *args: Any, **more: Any) -> Place | None:
            store = process.opened.store
            async with store.transaction() as transaction:
                await store.bulk_operations.cancel(transaction, number)
            return await super().add_slice(*args, **more)

    runner = Cancelling(lambda: process.opened.services, process.selections, 3)
    await drain(process.worker("one", runner=runner))

    found = await process.found(number)
    assert (found.state, found.done) == ("CANCELLED", 3)
    assert len(await process.text(number)) == found.result_bytes > 0


async def test_a_buyer_erased_while_a_slice_was_read_is_not_in_it(process: Exporting) -> None:
    number = await process.begin()
    erased: list[str] = []

    class Beside(ExportRunner):
        async def add_slice(self, *args: Any, **more: Any) -> Place | None:
            following = await super().add_slice(*args, **more)
            if not erased:
                erased.append(BUYERS[0])
                await process.erase("mini", BUYERS[0])
            return following

    runner = Beside(lambda: process.opened.services, process.selections, 3)
    await drain(process.worker("one", runner=runner))

    found = await process.found(number)
    assert (found.state, found.done) == ("DONE", 20)
    objects = [json.loads(line) for line in (await process.text(number)).splitlines()]
    assert [one["buyer"] for one in objects[:3]] == [
        None,
        {"openId": BUYERS[1]},
        {"openId": BUYERS[2]},
    ]


@pytest.mark.parametrize("kind", ["ORDERS_EXPORT", "AFTER_SALES_EXPORT", "CHANGES_EXPORT"])
async def test_a_buyer_erased_later_is_erased_from_the_result(
    process: Exporting, kind: str
) -> None:
    store = process.opened.store
    changed = NewOrderChange(
        shop="swan",
        platform_id="swan-1",
        status="SHIPPED",
        previous_status=None,
        cause="MUTATION",
        open_id=BUYERS[1],
    )
    async with store.transaction() as transaction:
        await store.order_changes.append(transaction, [changed])
    selections = {
        "ORDERS_EXPORT": SELECTION,
        "AFTER_SALES_EXPORT": "{ id order { buyer { openId } } }",
        "CHANGES_EXPORT": "{ orderId order { buyer { openId } } }",
    }
    number = await process.begin(kind, selection=selections[kind], shops=("swan",), until=9)
    await drain(process.worker("one"))
    before = await process.text(number)
    results = process.opened.services.bulk_results
    operation = await process.found(number)
    file = await results.file(operation)

    await process.erase("swan", BUYERS[1])

    after = await process.text(number)
    assert BUYERS[1].encode() in before
    assert BUYERS[1].encode() not in after
    assert len(after) == len(before)
    changed_lines = [
        json.loads(new)
        for new, old in zip(after.splitlines(), before.splitlines(), strict=True)
        if new != old
    ]
    assert changed_lines
    assert all(line == {"erased": True} for line in changed_lines)
    # What was fetched before must not be continued with what is there now.
    rewritten = await results.file(operation)
    assert file is not None
    assert rewritten is not None
    assert file.tag != rewritten.tag


async def test_without_personal_data_no_buyer_is_kept_beside_a_result(process: Exporting) -> None:
    plain = await process.begin(selection="{ id }", scopes={"orders:read"})
    personal = await process.begin(shops=("mini",))

    await drain(process.worker("one"))

    assert [piece.buyers for piece in await process.pieces(plain)] == [[]] * 8
    first = (await process.pieces(personal))[0]
    assert [(one.line, one.shop, one.buyer_id, one.swan) for one in first.buyers] == [
        (place, "mini", buyer, False) for place, buyer in enumerate(BUYERS)
    ]


async def test_orders_that_cannot_be_decrypted_are_counted_and_told_without_it(
    process: Exporting,
) -> None:
    async with process.opened.store.transaction() as transaction:
        damaged = orders.update().where(orders.c.platform_id == "mini-1").values(personal=b"x")
        await transaction.connection.execute(damaged)
    number = await process.begin(shops=("mini",))

    await drain(process.worker("one"))

    found = await process.found(number)
    assert (found.state, found.done, found.failed) == ("DONE", 10, 1)
    second = json.loads((await process.text(number)).splitlines()[1])
    assert (second["status"], second["buyer"]) == ("SHIPPED", None)


async def test_changes_are_those_of_the_chosen_shops_up_to_the_beginning(
    process: Exporting,
) -> None:
    store = process.opened.store

    def change(shop: str, name: str, status: str) -> NewOrderChange:
        return NewOrderChange(
            shop=shop, platform_id=name, status=status, previous_status=None, cause="POLL"
        )

    changes = [change("swan", f"swan-{place}", "SHIPPED") for place in range(4)]
    changes += [change("mini", "mini-1", "SHIPPED"), change("swan", "swan-9", "COMPLETED")]
    async with store.transaction() as transaction:
        await store.order_changes.append(transaction, changes)
    query = OrderQuery(statuses=frozenset({OrderStatus.SHIPPED}))
    number = await process.begin(
        "CHANGES_EXPORT",
        selection="{ order { platformId } }",
        shops=("swan",),
        orders=query,
        until=6,
        scopes={"orders:read"},
    )
    async with store.transaction() as transaction:
        await store.order_changes.append(transaction, [change("swan", "swan-5", "SHIPPED")])

    await drain(process.worker("one"))

    objects = [json.loads(line) for line in (await process.text(number)).splitlines()]
    assert [one["order"]["platformId"] for one in objects] == [
        f"swan-{place}" for place in range(4)
    ]


async def test_products_go_on_behind_the_last_id(process: Exporting) -> None:
    store = process.opened.store
    async with store.transaction() as transaction:
        await transaction.connection.execute(products.delete())
        for name in ("a", "b", "c", "d", "e", "f", "g"):
            await store.products.put_many(
                transaction, "swan", [ProductEntry(product(name), "ON_SHELF", 1)]
            )
    number = await process.begin(
        "PRODUCTS_EXPORT", selection="{ platformId }", shops=("mini", "swan"), scopes=set()
    )

    await drain(process.worker("one"))

    found = await process.found(number)
    assert (found.total, await process.text(number)) == (
        7,
        b"".join(b'{"platformId":"%c"}\n' % name for name in b"abcdefg"),
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scopes": {"orders:read", "gone:read"}}, "The API key has lost the scope gone:read."),
        ({"shops": ("mini", "closed")}, 'There is no shop "closed" any more.'),
        (
            {"selection": "{ id former }"},
            "The selection is not valid in this version of the gateway.",
        ),
    ],
)
async def test_an_export_that_cannot_go_on_ends_with_the_reason(
    process: Exporting, change: dict[str, Any], message: str
) -> None:
    number = await process.begin(**change)

    await drain(process.worker("one"))

    found = await process.found(number)
    assert (found.state, found.error) == ("FAILED", message)


async def test_a_request_that_was_erased_or_cannot_be_read_ends_the_export(
    process: Exporting,
) -> None:
    erased, unreadable = await process.begin(), await process.begin()
    table = bulk_operations
    async with process.opened.store.transaction() as transaction:
        for number, request in ((erased, None), (unreadable, b"x")):
            changed = update(table).where(table.c.id == number).values(request=request)
            await transaction.connection.execute(changed)

    await drain(process.worker("one"))

    found = [await process.found(number) for number in (erased, unreadable)]
    assert [one.state for one in found] == ["FAILED", "FAILED"]
    assert found[0].error == "What it was asked for was erased with a buyer's data."
    assert "cannot be decrypted" in (found[1].error or "")


async def test_a_slice_that_the_store_cannot_answer_now_is_done_again(process: Exporting) -> None:
    number = await process.begin(shops=("swan",))
    worker = process.worker("one")

    async def rename(table: str, to: str) -> None:
        async with process.opened.store.transaction() as transaction:
            await transaction.connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {to}")

    await rename("after_sales", "gone")
    with pytest.raises(StoreUnavailable):
        await worker.once()
    assert (await process.found(number)).done == 0
    await rename("gone", "after_sales")
    process.clock.now += LEASE
    await drain(worker)

    found = await process.found(number)
    assert (found.state, found.done, found.failed) == ("DONE", 10, 0)


@pytest.mark.parametrize(
    ("turn", "pauses"),
    [(0.0, [0]), (0.004, [0]), (0.02, [0, 0.08]), (3.0, [0, 0.25])],
)
async def test_an_export_gives_way_while_the_event_loop_is_busy(
    turn: float, pauses: list[float]
) -> None:
    slept: list[float] = []
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += turn

    await give_way(lambda: now, sleep)

    assert slept == pauses


def test_a_place_and_a_request_survive_their_storage() -> None:
    for place in (Place("swan"), Place("swan", 5, "a"), Place("", 9)):
        assert msgspec.json.decode(msgspec.json.encode(place), type=Place) == place
    request = ExportRequest(
        selection="{ id }",
        shops=("a",),
        orders=OrderQuery(statuses=frozenset({OrderStatus.SHIPPED}), buyer_open_id="o"),
    )
    assert msgspec.json.decode(msgspec.json.encode(request), type=ExportRequest) == request
