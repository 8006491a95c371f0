import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Table, insert, select

from gateway.store import tables
from gateway.store.crypto import Vault
from gateway.store.documents import (
    AfterSaleDocument,
    AfterSaleItem,
    MirrorDocument,
    OrderDocument,
    OrderItem,
    OrderPersonal,
    Payment,
    PaymentLine,
    ProductDocument,
    ProductSku,
    Shipment,
    WantedItemDocument,
)
from gateway.store.idempotency import Buyer, Claim, KeyName, Standing
from gateway.store.orders import StoredOrderQuery
from gateway.store.personal import FREE, PLACES, sealed_columns
from gateway.store.pushes import NewPush
from gateway.store.store import Store
from schema.key import Key
from tests.store.conftest import Clock
from tests.store.samples import KEY, NOW, PERSONAL, order, wanted_item

OPEN_ID = str(PERSONAL.open_id)
OTHER = OrderPersonal(open_id="oABC-buyer-2", nickname="小红")
DAY = 86_400.0
VAULT = Vault(bytes.fromhex(KEY))
#: What the tables hold in plain.
DOCUMENTS = [
    AfterSaleDocument,
    AfterSaleItem,
    MirrorDocument,
    OrderDocument,
    OrderItem,
    Payment,
    PaymentLine,
    ProductDocument,
    ProductSku,
    Shipment,
    WantedItemDocument,
]
PERSONAL_NAMES = {"nickname", "open_id", "union_id", "shipping_address", "invoice"}
PERSONAL_NAMES |= {"remark", "mobile", "phone", "telephone", "street", "swan_id", "buyer"}


def push(order_id: str, personal: OrderPersonal) -> NewPush:
    """Answer the push of an order of one buyer."""
    return NewPush(
        shop="mini",
        operation="ORDER_IMPORT",
        aggregate=f"order/{order_id}",
        version=1,
        payload="{}",
        personal=personal,
    )


async def add(store: Store, table: Table, **values: object) -> None:
    """Add a row as a later part of the gateway writes it."""
    async with store.transaction() as transaction:
        await transaction.connection.execute(insert(table).values(values))


async def rows(store: Store, table: Table) -> list[Mapping[str, Any]]:
    async with store.transaction() as transaction:
        result = await transaction.connection.execute(select(table))
        return [dict(row) for row in result.mappings()]


async def metadata(store: Store) -> set[tuple[str, str]]:
    """Answer of which objects there is metadata."""
    return {(row["kind"], row["platform_id"]) for row in await rows(store, tables.metadata_items)}


def files_holding(folder: Path, content: bytes) -> list[str]:
    return [path.name for path in folder.iterdir() if content in path.read_bytes()]


@pytest.fixture
async def filled(store: Store) -> Store:
    """Answer a ledger with two buyers' data in every place."""
    for number, personal in (("1", PERSONAL), ("2", OTHER)):
        buyer = VAULT.blind_index("mini", str(personal.open_id))
        async with store.transaction() as transaction:
            await store.orders.put(transaction, "mini", order(number), personal)
            await store.pushes.add(transaction, push(number, personal))
            await store.wanted_items.put_many(
                transaction, "mini", str(personal.open_id), [wanted_item("p")]
            )
            for kind, buyer_id in (("Order", personal.open_id), ("Product", None)):
                of = Key(kind, "mini", number)
                await store.metadata_items.change(transaction, of, {"erp": number}, buyer_id)
        await add(
            store,
            tables.buyer_links,
            shop="mini",
            buyer=buyer,
            to_shop="swan",
            to_buyer=VAULT.blind_index("swan", f"at swan {number}"),
            to_open_id=b"sealed",
            written_at=NOW,
        )
        await add(
            store,
            tables.mirrors,
            shop="mini",
            platform_id=number,
            to_shop="swan",
            to_platform_id=number,
            buyer=buyer,
            settings="{}",
            personal=b"sealed",
            version=1,
            written_at=NOW,
        )
        await add(
            store,
            tables.order_changes,
            cursor=int(number),
            shop="mini",
            platform_id=number,
            cause="MUTATION",
            buyer=buyer,
            written_at=NOW,
        )
    return store


async def test_a_buyer_is_erased_everywhere_and_the_others_stay(filled: Store) -> None:
    erased = await filled.personal.erase_buyer("mini", OPEN_ID)

    # Order, its metadata, push, mirror, change, wanted item, link.
    assert erased.rows == 7
    orders = await filled.orders.get_many("mini", ["1", "2"])
    assert (orders["1"].document, orders["1"].personal) == (order("1"), None)
    assert orders["2"].personal == OTHER
    for table in (tables.orders, tables.pushes, tables.mirrors):
        first, second = sorted(await rows(filled, table), key=lambda row: row["buyer"] is not None)
        assert (first["buyer"], first["personal"]) == (None, None)
        assert second["buyer"] == VAULT.blind_index("mini", str(OTHER.open_id))
        assert second["personal"] is not None
    changes = {row["cursor"]: row["buyer"] for row in await rows(filled, tables.order_changes)}
    assert changes == {1: None, 2: VAULT.blind_index("mini", str(OTHER.open_id))}
    assert len(await filled.wanted_items.page("mini", OPEN_ID, limit=100)) == 0
    assert len(await filled.wanted_items.page("mini", str(OTHER.open_id), limit=100)) == 1
    assert len(await rows(filled, tables.buyer_links)) == 1
    assert await metadata(filled) == {("Order", "2"), ("Product", "1"), ("Product", "2")}


async def test_a_buyer_who_is_not_logged_in_is_erased_by_the_swan_id(store: Store) -> None:
    guest = OrderPersonal(swan_id="guest", nickname="访客")
    namesake = OrderPersonal(open_id="another")
    async with store.transaction() as transaction:
        for number, personal in (("1", guest), ("2", namesake)):
            await store.orders.put(transaction, "mini", order(number), personal)
            await store.pushes.add(transaction, push(number, personal))

    assert (await store.personal.erase_buyer("mini", "guest")).rows == 2
    assert (await store.personal.erase_buyer("mini", "guest")).rows == 0

    orders = await store.orders.get_many("mini", ["1", "2"])
    assert (orders["1"].personal, orders["2"].personal) == (None, namesake)
    for table in (tables.orders, tables.pushes):
        first, second = sorted(await rows(store, table), key=lambda row: row["buyer"] is not None)
        assert (first["buyer"], first["personal"]) == (None, None)
        assert second["buyer"] == VAULT.blind_index("mini", "another")


async def test_a_push_that_was_put_back_is_erased_with_its_new_buyer(store: Store) -> None:
    async with store.transaction() as transaction:
        first = await store.pushes.add(transaction, push("1", OrderPersonal(swan_id="guest")))
        claimed = await store.outbox.lock(transaction, first)
        assert claimed is not None
        await store.outbox.requeue(transaction, claimed, "{}", OTHER)

    assert (await store.personal.erase_buyer("mini", "guest")).rows == 0
    assert (await store.personal.erase_buyer("mini", str(OTHER.open_id))).rows == 1
    assert [row["personal"] for row in await rows(store, tables.pushes)] == [None]


async def test_an_erased_buyer_finds_no_orders(filled: Store) -> None:
    await filled.personal.erase_buyer("mini", OPEN_ID)

    assert (
        len(await filled.orders.page("mini", StoredOrderQuery(buyer_open_id=OPEN_ID), limit=100))
        == 0
    )
    assert len(await filled.orders.page("mini", StoredOrderQuery(), limit=100)) == 2


async def test_erasing_again_finds_nothing(filled: Store) -> None:
    await filled.personal.erase_buyer("mini", OPEN_ID)
    assert (await filled.personal.erase_buyer("mini", OPEN_ID)).rows == 0
    assert (await filled.personal.erase_buyer("swan", OPEN_ID)).rows == 0


async def test_a_link_is_erased_from_its_other_end_too(filled: Store) -> None:
    assert (await filled.personal.erase_buyer("swan", "at swan 2")).rows == 1

    (left,) = await rows(filled, tables.buyer_links)
    assert left["buyer"] == VAULT.blind_index("mini", OPEN_ID)


async def test_what_is_too_old_is_erased_and_the_rest_stays(filled: Store, clock: Clock) -> None:
    clock.now += 10 * DAY
    async with filled.transaction() as transaction:
        await filled.orders.put(transaction, "mini", order("2"), OTHER)
    assert (await filled.personal.erase_older_than(11 * DAY)).rows == 0
    erased = await filled.personal.erase_older_than(9 * DAY)

    # Order 1, and of both buyers: metadata, push, mirror, wanted item, link.
    assert erased.rows == 11
    assert await metadata(filled) == {("Product", "1"), ("Product", "2")}
    orders = await filled.orders.get_many("mini", ["1", "2"])
    assert (orders["1"].personal, orders["2"].personal) == (None, OTHER)
    for table in (tables.pushes, tables.mirrors):
        assert [row["personal"] for row in await rows(filled, table)] == [None, None]
    assert await rows(filled, tables.wanted_items) == []
    assert await rows(filled, tables.buyer_links) == []


async def test_old_outcomes_and_events_are_erased(store: Store, clock: Clock) -> None:
    await add(
        store,
        tables.idempotency_keys,
        caller="web",
        key="k",
        operation_hash=b"",
        owner="",
        lease_until=NOW,
        outcome=b"sealed",
        written_at=NOW,
    )
    await add(
        store,
        tables.inbox_events,
        shop="mini",
        event_key="k",
        kind="merchant_order",
        trusted=True,
        event_at=int(NOW),
        body=b"sealed",
        state="DONE",
        attempts=1,
        written_at=NOW,
    )
    clock.now += DAY

    assert (await store.personal.erase_older_than(DAY / 2)).rows == 2
    assert (await store.personal.erase_older_than(DAY / 2)).rows == 0

    assert await rows(store, tables.idempotency_keys) == []
    assert [row["body"] for row in await rows(store, tables.inbox_events)] == [None]


async def test_nothing_of_what_was_erased_stays_in_the_file(
    migrated_sqlite_url: str, tmp_path: Path, clock: Clock
) -> None:
    store = await Store.open(migrated_sqlite_url, encryption_key=KEY, clock=clock)
    async with store.transaction() as transaction:
        await store.orders.put(transaction, "mini", order("1"), PERSONAL)
    (row,) = await rows(store, tables.orders)
    await store.personal.erase_buyer("mini", OPEN_ID)
    await store.close()

    assert files_holding(tmp_path, b"SHIPPED") == ["gateway.db"]
    assert files_holding(tmp_path, row["personal"]) == []
    assert files_holding(tmp_path, row["buyer"]) == []


async def test_an_order_can_get_a_buyer_again(filled: Store) -> None:
    await filled.personal.erase_buyer("mini", OPEN_ID)
    async with filled.transaction() as transaction:
        personal = msgspec.structs.replace(PERSONAL, nickname="again")
        await filled.orders.put(transaction, "mini", order("1"), personal)

    stored = await filled.orders.get("mini", "1")
    assert stored is not None
    assert stored.personal == personal


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
async def test_messages_that_could_not_be_read_are_erased_with_their_buyer(
    store: Store, encoding: str
) -> None:
    letters = store.dead_letters
    kept = {
        "mini": [f"<xml>{OPEN_ID}&".encode(encoding), b"<xml>oABC-buyer-2&"],
        "swan": [OPEN_ID.encode()],
    }
    async with store.transaction() as transaction:
        for shop, messages in kept.items():
            for message in messages:
                await letters.keep(transaction, shop, message, trusted=True, reason="broken")
        place = {"shop": "mini", "kind": "unreadable", "state": "DEAD", "body": b"damaged"}
        damaged = {**place, "event_key": "damaged", "trusted": True, "event_at": 1, "attempts": 0}
        await transaction.connection.execute(
            insert(tables.inbox_events).values(
                **damaged, reason="broken", written_at=NOW - 1, dead_at=NOW - 1
            )
        )

    assert (await store.personal.erase_buyer("mini", OPEN_ID)).rows == 1
    assert (await store.personal.erase_buyer("mini", OPEN_ID)).rows == 0
    left = await letters.page(["mini", "swan"], limit=9)
    assert {letter.found for letter in left if isinstance(letter.found, bytes)} == {
        b"<xml>oABC-buyer-2&",
        OPEN_ID.encode(),
    }


async def test_messages_that_could_not_be_read_are_erased_by_age(
    store: Store, clock: Clock
) -> None:
    async with store.transaction() as transaction:
        await store.dead_letters.keep(transaction, "mini", b"x", trusted=True, reason="broken")
    clock.now += DAY
    assert (await store.personal.erase_older_than(2 * DAY)).rows == 0
    assert (await store.personal.erase_older_than(DAY / 2)).rows == 1

    (row,) = await rows(store, tables.inbox_events)
    assert row["body"] is None


def test_every_table_is_a_place_of_personal_data_or_declared_free_of_it() -> None:
    places = {place.table.name for place in PLACES}

    assert places.isdisjoint(FREE)
    assert places | set(FREE) == set(tables.metadata.tables)
    assert all(FREE.values())


def test_every_sealed_column_of_a_place_is_listed() -> None:
    for place in PLACES:
        assert set(place.columns) == sealed_columns(place.table), place.name
        assert place.of_buyer is not None or place.search is not None, place.name


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_no_plain_document_holds_what_names_a_person(kind: type[msgspec.Struct]) -> None:
    names = {field.name for field in msgspec.structs.fields(kind)}

    assert names.isdisjoint(PERSONAL_NAMES)


async def test_a_copy_in_another_shop_is_erased_with_its_original(
    filled: Store, clock: Clock
) -> None:
    clock.now += 1
    async with filled.transaction() as transaction:
        for number in ("1", "2"):
            there = msgspec.structs.replace(PERSONAL, open_id=f"at swan {number}")
            await filled.orders.put(transaction, "swan", order(number), there)
            copied = dataclasses.replace(push(number, there), shop="swan", order_id=number)
            await filled.pushes.add(transaction, copied)
    erased = await filled.personal.erase_buyer("mini", OPEN_ID)

    copies = await filled.orders.get_many("swan", ["1", "2"])
    assert copies["1"].personal is None
    assert copies["2"].personal is not None
    assert (erased.rows_by_place["orders"], erased.rows_by_place["pushes"]) == (2, 2)


@pytest.mark.parametrize(
    ("buyer", "left"),
    [
        (Buyer("mini", OPEN_ID), None),
        (Buyer("mini", None), None),
        (Buyer("mini", "another"), b"personal"),
        (Buyer("swan", OPEN_ID), b"personal"),
        (Buyer("swan", None), b"personal"),
    ],
)
async def test_an_outcome_loses_what_is_the_buyers(
    store: Store, buyer: Buyer, left: bytes | None
) -> None:
    name = KeyName("web", "k", "owner")
    keys = store.idempotency
    async with store.transaction() as transaction:
        await keys.claim(transaction, name, b"op", 30.0)
        await keys.finish(
            transaction, name, b"outcome", personal=b"personal", buyers=[buyer, Buyer("mini", "x")]
        )
    erased = await store.personal.erase_buyer("mini", OPEN_ID)
    async with store.transaction() as transaction:
        claim = await keys.claim(transaction, name, b"op", 30.0)

    assert claim == Claim(Standing.DONE, b"outcome", left)
    assert erased.rows == (1 if left is None else 0)
