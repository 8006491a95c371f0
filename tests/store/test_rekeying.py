"""Another encryption key: read beside the former one, then rewritten with, on each database."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec
import pytest
from sqlalchemy import Table, insert, select, update

from gateway.errors import ConfigurationError
from gateway.store import index_tables, tables
from gateway.store.bulk_operations import BulkCaller, NewBulkOperation
from gateway.store.bulk_pieces import LineBuyer, PieceContent
from gateway.store.crypto import Vault
from gateway.store.engine import Transaction
from gateway.store.idempotency import Buyer, KeyName
from gateway.store.inbox import EventBody, NewEvent
from gateway.store.indexed_contacts import IndexedContact, contact_indexes, phone_indexes
from gateway.store.mirrors import Mirror
from gateway.store.order_changes import NewOrderChange
from gateway.store.orders import StoredOrderQuery
from gateway.store.personal import PLACES
from gateway.store.push_exchanges import NewExchange, PushExchange
from gateway.store.pushes import NewPush
from gateway.store.sealed_columns import SEALED
from gateway.store.store import Store
from gateway.store.wanted_items import WantedItemKey
from schema.key import Key
from tests.store.conftest import Clock
from tests.store.samples import KEY, OTHER_KEY, PERSONAL, order, wanted_item
from tests.store.webhook_rows import endpoint

OPEN_ID = str(PERSONAL.open_id)
REFUSED = (
    "store.encryption_key: this store was written with another key; give that one,"
    " name it in store.former_encryption_keys, or give another store.url"
)
KEYS_ROW = KeyName("web", "k", "owner")
EVENT = NewEvent(
    shop="mini",
    kind="order",
    identity=("order", "1"),
    trusted=True,
    event_at=None,
    body=EventBody(order_id="1"),
)
BULK = NewBulkOperation(
    kind="ORDERS_EXPORT",
    caller=BulkCaller(name="web", key_id="k", by_key=False, scopes=frozenset(), shops=None),
    request=OPEN_ID.encode(),
)
PIECE = PieceContent([b'{"id":"1"}', b'{"id":"2"}'], [LineBuyer(1, "mini", OPEN_ID)])
#: Keyed hashes of sealed values, and a hash.
NOT_SEALED = {"buyer", "to_buyer", "phone", "receiver", "operation_hash"}
CONTACT = IndexedContact(open_id=OPEN_ID, phone="13800138000", receiver="收件人")


def unwatched(_name: str, _seen: int, _total: int) -> None:
    pass


async def link(store: Store, transaction: Transaction, number: str) -> None:
    links = {OPEN_ID: f"at swan {number}"}
    await store.buyer_links.put_many(transaction, "mini", "swan", links)


def indexed_rows(store: Store, number: str) -> dict[Table, dict[str, Any]]:
    """An order and an after-sale of the index, with what is personal in them."""
    order_place = {"shop": "mini", "row": f"{number}/"}
    sale_place = {"shop": "mini", "row": f"{number}//{number}"}
    seal = store.vault.seal
    contact = msgspec.json.encode(CONTACT)
    told = {"shop": "mini", "part": "", "created_at": 1, "updated_at": 1, "status": "PAID"}
    told |= {"platform_id": number, "seen_at": 1.0, "written_at": 1.0}
    return {
        index_tables.index_orders: told
        | dict.fromkeys(("paid_at", "total", "refunded", "units"), 0)
        | contact_indexes(store.vault, "mini", CONTACT)
        | {
            "number": int(number),
            "open_after_sale": False,
            "digest": "",
            "words": "",
            "contact": seal(contact, **order_place, column="index_orders.contact"),
            "personal": seal(b"{}", **order_place, column="index_orders.personal"),
        },
        index_tables.index_after_sales: told
        | {
            "order_platform_id": number,
            "answer_before": 1,
            "kind": "REFUND_ONLY",
            "open": True,
            "buyer": store.vault.blind_index("mini", OPEN_ID),
            "open_id": seal(OPEN_ID.encode(), **sale_place, column="index_after_sales.open_id"),
            "personal": seal(b"{}", **sale_place, column="index_after_sales.personal"),
        },
    }


async def fill(store: Store, number: str = "1") -> None:
    """Writes a row into each table that has sealed values."""
    event = dataclasses.replace(EVENT, identity=("order", number))
    push = NewPush(
        shop="mini",
        operation="ORDER_IMPORT",
        aggregate=f"order/{number}",
        version=1,
        payload="{}",
        personal=PERSONAL,
    )
    mirror = Mirror(
        shop="mini", platform_id=number, to_shop="swan", to_platform_id=number, open_id=OPEN_ID
    )
    change = NewOrderChange(
        shop="mini",
        platform_id=number,
        status="PAID",
        previous_status=None,
        cause="MUTATION",
        open_id=OPEN_ID,
    )
    async with store.transaction() as transaction:
        await store.orders.put(transaction, "mini", order(number), PERSONAL)
        push_id = await store.pushes.add(transaction, push)
        call = NewExchange(push_id, "mini", PushExchange(b"{}", b"{}"))
        await store.push_exchanges.put_many(transaction, [call])
        await store.wanted_items.put_many(transaction, "mini", OPEN_ID, [wanted_item(number)])
        await store.mirrors.put(transaction, mirror)
        await link(store, transaction, number)
        of_order = Key("Order", "mini", number)
        await store.metadata_items.change(transaction, of_order, {"erp": "7"}, OPEN_ID)
        await store.inbox.receive(transaction, event)
        await store.dead_letters.keep(
            transaction, "mini", f"<xml>{OPEN_ID} {number}".encode(), trusted=True, reason="broken"
        )
        name = KEYS_ROW._replace(key=number)
        await store.idempotency.claim(transaction, name, b"operation", 60)
        await store.idempotency.finish(
            transaction, name, b"outcome", personal=b"who", buyers=[Buyer("mini", OPEN_ID)]
        )
        await store.order_changes.append(transaction, [change])
        operations = store.bulk_operations
        bulk = await operations.create(transaction, BULK)
        await operations.pieces.add(transaction, operations.pieces.sealed(bulk, "OUT", 0, PIECE))
        await store.webhook_endpoints.add(transaction, endpoint(), most=9)
        for table, values in indexed_rows(store, number).items():
            await transaction.connection.execute(insert(table).values(values))


async def rows(store: Store, table: Table) -> list[Mapping[str, Any]]:
    async with store.transaction() as transaction:
        result = await transaction.connection.execute(select(table))
        return [dict(row) for row in result.mappings()]


async def check_found(store: Store, number: str = "1") -> None:
    """Checks that all that `fill` wrote is found by the buyer and can be read."""
    found = await store.orders.page("mini", StoredOrderQuery(buyer_open_id=OPEN_ID), limit=9)
    assert {one.personal for one in found} == {PERSONAL}
    items = await store.wanted_items.page("mini", OPEN_ID, limit=9)
    assert {one.found for one in items} == {OPEN_ID}
    mirrors = await store.mirrors.of_buyers("mini", "swan", [OPEN_ID])
    assert {one.open_id for one in mirrors} == {OPEN_ID}
    links = await store.buyer_links.get_many("mini", "swan", [OPEN_ID])
    assert links == {OPEN_ID: f"at swan {number}"}
    metadata = await rows(store, tables.metadata_items)
    assert {one["buyer"] for one in metadata} <= set(store.vault.blind_indexes("mini", OPEN_ID))
    changes = await store.order_changes.after(0, limit=9)
    assert {one.buyer for one in changes} <= store.order_changes.buyer_indexes("mini", OPEN_ID)
    [letter, *_] = await store.dead_letters.page(["mini"], limit=9)
    assert isinstance(letter.found, bytes)
    async with store.transaction() as transaction:
        claim = await store.idempotency.claim(
            transaction, KEYS_ROW._replace(key=number), b"operation", 60
        )
    assert (claim.outcome, claim.personal) == (b"outcome", b"who")
    assert await store.bulk_operations.pieces.get(int(number), "OUT", 0) == PIECE
    phones = phone_indexes(store.vault, "mini", "138 0013 8000")
    assert {row["phone"] in phones for row in await rows(store, index_tables.index_orders)} == {
        True
    }


def every_table(count: int) -> dict[str, int]:
    # A link is one row of its buyer, and the inbox has an event and a message.
    return dict.fromkeys(SEALED, count) | {"buyer_links": 1, "inbox_events": 2 * count}


@pytest.fixture
async def old(store_url: str, clock: Clock) -> AsyncIterator[Store]:
    """A gateway that still writes with the old key, and knows the new one."""
    store = await Store.open(
        store_url, encryption_key=KEY, former_encryption_keys=[OTHER_KEY], clock=clock
    )
    yield store
    await store.close()


@pytest.fixture
async def new(old: Store, store_url: str, clock: Clock) -> AsyncIterator[Store]:
    """A gateway that writes with the new key, and knows the old one; `old` wrote before."""
    await fill(old)
    store = await Store.open(
        store_url, encryption_key=OTHER_KEY, former_encryption_keys=[KEY], clock=clock
    )
    yield store
    await store.close()


async def test_gateways_with_either_key_read_what_the_other_wrote(
    old: Store, new: Store, clock: Clock
) -> None:
    await check_found(new)
    await check_found(old)
    clock.now += 1
    await fill(new, "2")
    await check_found(old, "2")
    await check_found(new, "2")
    assert (
        len(await old.orders.page("mini", StoredOrderQuery(buyer_open_id=OPEN_ID), limit=100)) == 2
    )


async def test_ids_stay_when_the_key_changes(old: Store, new: Store) -> None:
    key = WantedItemKey("p")
    assert new.wanted_items.item_id("mini", OPEN_ID, key) == old.wanted_items.item_id(
        "mini", OPEN_ID, key
    )
    async with new.transaction() as transaction:
        await new.wanted_items.put_many(transaction, "mini", OPEN_ID, [wanted_item("1")])
        await link(new, transaction, "2")
        assert not await new.inbox.receive(transaction, EVENT)
    assert len(await rows(new, tables.wanted_items)) == 1
    assert len(await rows(new, tables.buyer_links)) == 1


async def test_everything_is_rewritten_and_the_former_key_is_needed_no_more(
    new: Store, store_url: str, clock: Clock
) -> None:
    seen: dict[str, tuple[int, int]] = {}

    def watched(name: str, count: int, total: int) -> None:
        seen[name] = (count, total)

    report = await new.rekeying.run(watched)

    assert report.rewritten == every_table(1)
    assert (report.left, report.unreadable) == ({}, {})
    # A link is found again under its new index.
    counts = every_table(1) | {"buyer_links": 2}
    assert seen == {name: (count, count) for name, count in counts.items()}
    async with new.transaction() as transaction:
        await new.rekeying.finish(transaction)
    alone = await Store.open(store_url, encryption_key=OTHER_KEY, clock=clock)
    await check_found(alone)
    vault = Vault(bytes.fromhex(OTHER_KEY))
    for columns in SEALED.values():
        async with alone.transaction() as transaction:
            for row in await transaction.connection.execute(select(columns.table)):
                for name in columns.names:
                    sealed = getattr(row, name)
                    assert sealed is None or vault.unseal(sealed, **columns.place_of(row, name))
    assert (await alone.rekeying.run(unwatched)).rewritten == dict.fromkeys(SEALED, 0)
    assert (await alone.personal.erase_buyer("mini", OPEN_ID)).rows == 14
    piece = await alone.bulk_operations.pieces.get(1, "OUT", 0)
    assert piece == PieceContent([PIECE.lines[0], b'{"erased":true}'])
    await alone.close()
    with pytest.raises(ConfigurationError) as refused:
        await Store.open(store_url, encryption_key=KEY, clock=clock)
    assert refused.value.message == REFUSED


@pytest.mark.usefixtures("new")
async def test_a_store_of_two_keys_is_opened_with_both_only(store_url: str, clock: Clock) -> None:
    for key in (KEY, OTHER_KEY, "aa" * 32):
        with pytest.raises(ConfigurationError) as refused:
            await Store.open(store_url, encryption_key=key, clock=clock)
        assert refused.value.message == REFUSED


async def test_what_was_interrupted_continues(old: Store, new: Store) -> None:
    await fill(old, "2")
    await fill(old, "3")

    class Killed(BaseException):
        pass

    def die(name: str, seen: int, _total: int) -> None:
        if (name, seen) == ("orders", 2):
            raise Killed

    with pytest.raises(Killed):
        await new.rekeying.run(die, batch=1)

    await check_found(new, "3")
    await check_found(old, "3")
    report = await new.rekeying.run(unwatched)
    assert report.rewritten == every_table(3) | {"orders": 1, "buyer_links": 0}
    assert report.left == {}


async def test_rows_may_be_written_meanwhile_with_either_key(old: Store, new: Store) -> None:
    async def write() -> None:
        for number in range(2, 6):
            await fill(old if number % 2 else new, str(number))

    writing = asyncio.create_task(write())
    while not writing.done():
        await new.rekeying.run(unwatched, batch=2)
    await writing
    report = await new.rekeying.run(unwatched)

    assert report.left == {}
    assert (
        len(await new.orders.page("mini", StoredOrderQuery(buyer_open_id=OPEN_ID), limit=100)) == 5
    )
    assert (
        len(await old.orders.page("mini", StoredOrderQuery(buyer_open_id=OPEN_ID), limit=100)) == 5
    )
    await check_found(new, "5")
    assert (await new.rekeying.run(unwatched)).rewritten == dict.fromkeys(SEALED, 0)


async def test_the_later_of_two_links_of_a_buyer_stays(
    old: Store, new: Store, clock: Clock
) -> None:
    """The process with the old key adds its own link beside one of the new key."""
    for first, second, number in ((new, old, "2"), (old, new, "3")):
        clock.now += 1
        for store, name in ((first, "earlier"), (second, number)):
            async with store.transaction() as transaction:
                await link(store, transaction, name)
            clock.now += 1
        for _ in range(2):
            links = await new.buyer_links.get_many("mini", "swan", [OPEN_ID])
            assert links == {OPEN_ID: f"at swan {number}"}
            await new.rekeying.run(unwatched)
        assert len(await rows(new, tables.buyer_links)) == 1


async def clear_open_ids(store: Store) -> None:
    """Makes links and changes those of a version that kept their indexes only."""
    async with store.transaction() as transaction:
        for table in (tables.buyer_links, tables.order_changes):
            await transaction.connection.execute(update(table).values(open_id=None))


async def test_rows_of_an_index_alone_are_rewritten_by_the_buyers_of_others(new: Store) -> None:
    await clear_open_ids(new)

    report = await new.rekeying.run(unwatched)

    assert (report.rewritten, report.left) == (every_table(1), {})
    await check_found(new)


async def test_rows_of_an_index_that_nothing_explains_are_left_and_counted(new: Store) -> None:
    await clear_open_ids(new)
    async with new.transaction() as transaction:
        for table in (tables.orders, tables.pushes, tables.mirrors):
            await transaction.connection.execute(update(table).values(personal=None))
        await transaction.connection.execute(tables.wanted_items.delete())

    report = await new.rekeying.run(unwatched)

    assert report.left == {"buyer_links": 1, "order_changes": 1}
    assert await new.buyer_links.get_many("mini", "swan", [OPEN_ID]) == {OPEN_ID: "at swan 1"}


async def test_what_no_key_decrypts_is_counted_and_stays(new: Store) -> None:
    async with new.transaction() as transaction:
        damaged = update(tables.orders).values(personal=b"damaged")
        await transaction.connection.execute(damaged)

    report = await new.rekeying.run(unwatched)

    assert (report.unreadable, report.left) == ({"orders": 1}, {})
    assert [row["personal"] for row in await rows(new, tables.orders)] == [b"damaged"]


async def test_an_erasure_reaches_rows_of_either_key(old: Store, new: Store, clock: Clock) -> None:
    clock.now += 1
    await fill(new, "2")
    erased = await new.personal.erase_buyer("mini", OPEN_ID)

    assert erased.rows_by_place == {
        "outcomes of mutations": 2,
        "files and results of bulk operations": 2,
        "requests of bulk operations": 2,
        "orders": 2,
        "calls of pushes": 2,
        "pushes": 2,
        "order changes": 2,
        "want-to-buy lists": 2,
        "buyer links": 1,
        "events and unreadable messages": 2,
        "metadata of orders": 2,
        "indexed after-sales": 2,
        "indexed orders": 2,
        "mirrors": 2,
    }
    assert (
        len(await old.orders.page("mini", StoredOrderQuery(buyer_open_id=OPEN_ID), limit=100)) == 0
    )


async def test_an_erasure_reaches_the_outcome_of_a_copy_that_another_key_indexed(
    old: Store, new: Store
) -> None:
    name = KEYS_ROW._replace(key="copy")
    there = msgspec.structs.replace(PERSONAL, open_id="there")
    async with old.transaction() as transaction:
        await old.idempotency.claim(transaction, name, b"operation", 60)
        await old.idempotency.finish(
            transaction, name, b"outcome", personal=b"who", buyers=[Buyer("swan", "there")]
        )
    async with new.transaction() as transaction:
        await new.orders.put(transaction, "swan", order("1"), there)
    await new.personal.erase_buyer("mini", OPEN_ID)
    async with new.transaction() as transaction:
        claim = await new.idempotency.claim(transaction, name, b"operation", 60)

    assert (claim.outcome, claim.personal) == (b"outcome", None)


async def test_an_outcome_that_was_rewritten_is_erased_with_any_buyer(new: Store) -> None:
    await new.rekeying.run(unwatched)
    await new.personal.erase_buyer("swan", "another")

    [row] = await rows(new, tables.idempotency_keys)
    assert (row["personal"], row["buyers"]) == (None, "")


async def test_the_ids_of_a_store_of_an_earlier_version_stay(
    new: Store, store_url: str, clock: Clock
) -> None:
    async with new.transaction() as transaction:
        await transaction.connection.execute(
            tables.meta.delete().where(tables.meta.c.name == "id_key")
        )
    again = await Store.open(
        store_url, encryption_key=OTHER_KEY, former_encryption_keys=[KEY], clock=clock
    )
    expected = Vault(bytes.fromhex(KEY)).blind_index("mini", OPEN_ID, "p", "")[:16].hex()

    assert again.wanted_items.item_id("mini", OPEN_ID, WantedItemKey("p")) == expected
    await again.close()


def test_every_sealed_column_is_rewritten() -> None:
    for place in PLACES:
        assert set(place.columns) - NOT_SEALED == set(SEALED[place.table.name].names)
    # Secrets of integrators are no person's.
    assert {place.table.name for place in PLACES} == set(SEALED) - {"webhook_endpoints"}
