"""What version 1 stored in plain is read, sealed at the next start, and erased."""

import json
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, select, update

from gateway.outbox.message import OrderPayload, written
from gateway.store import tables
from gateway.store.documents import OrderPersonal
from gateway.store.outbox import Settlement
from gateway.store.pushes import NewPush, PushError, PushQuery
from gateway.store.store import Store
from tests.store.claims import claim_due
from tests.store.conftest import Clock
from tests.store.samples import KEY, NOW, PERSONAL, order

NOTE = "请在 18 点后送到"
OPEN_ID = str(PERSONAL.open_id)


async def fill(store: Store) -> None:
    """Two orders of one buyer with their pushes, the second one with a note in plain."""
    async with store.transaction() as transaction:
        for number in ("1", "2"):
            await store.orders.put(transaction, "mini", order(number), PERSONAL)
            await store.pushes.add(
                transaction,
                NewPush(
                    shop="mini",
                    operation="ORDER_IMPORT",
                    aggregate=f"order/{number}",
                    version=1,
                    payload=written(OrderPayload(order=order(number))),
                    personal=PERSONAL,
                    order_id=number,
                ),
            )
        plain = json.loads(msgspec.json.encode(order("2"))) | {"remark": NOTE}
        texts = {"ensure_ascii": False, "separators": (",", ":")}
        document, payload = json.dumps(plain, **texts), json.dumps({"order": plain}, **texts)  # type: ignore[arg-type]
        of_order = tables.orders.c.platform_id == "2"
        await transaction.connection.execute(
            update(tables.orders).where(of_order).values(document=document)
        )
        of_push = tables.pushes.c.order_id == "2"
        await transaction.connection.execute(
            update(tables.pushes).where(of_push).values(payload=payload)
        )
        # As version 1 left it.
        await transaction.connection.execute(
            delete(tables.meta).where(tables.meta.c.name == "plain_personal_sealed")
        )


async def texts(store: Store) -> str:
    """All documents and payloads, as they are stored."""
    async with store.transaction() as transaction:
        columns: list[Any] = [tables.orders.c.document, tables.pushes.c.payload]
        found = [(await transaction.connection.execute(select(one))).scalars() for one in columns]
        return "\n".join(text for rows in found for text in rows)


async def notes(store: Store) -> list[str | None]:
    """The notes of the two orders and of their pushes, as they are read."""
    found = await store.orders.get_many("mini", ["1", "2"])
    read = [order.personal for order in found.values()]
    async with store.transaction() as transaction:
        pushes = await claim_due(store, transaction, "o", "mini", lease=1, limit=9)
        await store.outbox.give_back(transaction, "o", [push.id for push in pushes])
    assert all(NOTE not in push.payload for push in pushes)
    # PostgreSQL gives the rows that it claims in any order.
    read += [push.personal for push in sorted(pushes, key=lambda push: push.order_id or "")]
    return [None if one is None else one.remark for one in read]


async def test_a_note_in_plain_is_read_as_the_buyers(store: Store) -> None:
    await fill(store)

    assert await notes(store) == [None, NOTE, None, NOTE]


async def test_the_next_start_seals_notes(store: Store, store_url: str, clock: Clock) -> None:
    await fill(store)
    assert NOTE in await texts(store)
    again = await Store.open(store_url, encryption_key=KEY, clock=clock)
    sealed = await texts(again), await notes(again)
    await again.close()

    assert NOTE not in sealed[0]
    assert sealed[1] == [None, NOTE, None, NOTE]
    (first, second) = (await store.orders.get_many("mini", ["1", "2"])).values()
    assert second.personal == msgspec.structs.replace(PERSONAL, remark=NOTE)
    assert (first.version, second.version) == (1, 1)


async def test_the_note_of_an_erased_buyer_is_not_sealed_but_deleted(
    store: Store, store_url: str, clock: Clock
) -> None:
    await fill(store)
    async with store.transaction() as transaction:
        for table in (tables.orders, tables.pushes):
            erased = update(table).values(buyer=None, personal=None)
            await transaction.connection.execute(erased)
    again = await Store.open(store_url, encryption_key=KEY, clock=clock)
    left = await texts(again), await notes(again)
    await again.close()

    assert NOTE not in left[0]
    assert left[1] == [None, None, None, None]


@pytest.mark.parametrize("by_age", [False, True])
async def test_a_note_that_is_still_in_plain_is_erased(
    store: Store, clock: Clock, *, by_age: bool
) -> None:
    await fill(store)
    clock.now = NOW + 100
    if by_age:
        await store.personal.erase_older_than(50)
    else:
        await store.personal.erase_buyer("mini", OPEN_ID)

    assert NOTE not in await texts(store)
    assert await notes(store) == [None, None, None, None]


WORDS = "收件人王小明的手机号13800138000无效"
SAFE = "收件人[…]的手机号[…]无效"


@pytest.mark.parametrize("buyer", [PERSONAL, None])
async def test_the_next_start_seals_what_platforms_said_of_a_person(
    store: Store, store_url: str, clock: Clock, buyer: OrderPersonal | None
) -> None:
    await fill(store)
    error = json.dumps({"endpoint": "e", "message": WORDS, "code": "1"}, ensure_ascii=False)
    other = json.dumps({"endpoint": "e", "message": "busy"})
    async with store.transaction() as transaction:
        for order_id, text in (("1", error), ("2", other)):
            row = tables.pushes.c.order_id == order_id
            changed = update(tables.pushes).where(row).values(last_error=text)
            if buyer is None:
                changed = changed.values(buyer=None, personal=None)
            await transaction.connection.execute(changed)
    again = await Store.open(store_url, encryption_key=KEY, clock=clock)
    found = await again.pushes.page(PushQuery(["mini"]), limit=2)
    async with again.transaction() as transaction:
        plain = (await transaction.connection.execute(select(tables.pushes.c.last_error))).all()
    await again.close()

    told = None if buyer is None else WORDS
    assert [push.last_error for push in reversed(found)] == [
        PushError(endpoint="e", message=SAFE, told=told, code="1"),
        PushError(endpoint="e", message="busy"),
    ]
    assert WORDS not in str(plain)


@pytest.mark.parametrize(
    ("buyer", "left"), [(PERSONAL, None), (None, None), (OrderPersonal(open_id="x"), WORDS)]
)
async def test_what_a_platform_said_is_erased_with_its_push(
    store: Store, buyer: OrderPersonal | None, left: str | None
) -> None:
    async with store.transaction() as transaction:
        push = NewPush(
            shop="mini",
            operation="ORDER_IMPORT",
            aggregate="a",
            version=1,
            payload="{}",
            personal=buyer,
        )
        await store.pushes.add(transaction, push)
        (claimed,) = await claim_due(store, transaction, "me", "mini", lease=1, limit=1)
        error = PushError(endpoint="e", message=SAFE, told=WORDS)
        settled = Settlement(state="REJECTED", error=error)
        assert await store.outbox.settle(transaction, "me", claimed, settled)
    await store.personal.erase_buyer("mini", OPEN_ID)

    (stored,) = await store.pushes.page(PushQuery(["mini"]), limit=1)
    assert stored.last_error == PushError(endpoint="e", message=SAFE, told=left)
