"""Export of a buyer: what erasure finds, decrypted."""

import orjson
import pytest
from sqlalchemy import update

from gateway.store import tables
from gateway.store.personal import PLACES
from gateway.store.personal_export import export_buyer
from gateway.store.store import Store
from tests.store.samples import PERSONAL
from tests.store.test_rekeying import OPEN_ID, fill


async def counts(store: Store, buyer_id: str = OPEN_ID) -> dict[str, int]:
    async with store.transaction() as transaction:
        places = await export_buyer(transaction, store.vault, "mini", buyer_id)
    return {name: len(rows) for name, rows in places.items()}


async def test_what_is_exported_is_what_is_erased(store: Store) -> None:
    await fill(store)

    async with store.transaction() as transaction:
        places = await export_buyer(transaction, store.vault, "mini", OPEN_ID)
    lines = [orjson.loads(orjson.dumps(row)) for rows in places.values() for row in rows]

    shown = {line["place"]: line for line in lines}
    assert shown["orders"]["personal"] == {
        "open_id": OPEN_ID,
        "nickname": PERSONAL.nickname,
        "shipping_address": {"name": "收件人", "mobile": "13800138000", "city": "广州市"},
    }
    assert shown["orders"]["document"]["platform_id"] == "1"
    assert shown["want-to-buy lists"]["open_id"] == OPEN_ID
    assert shown["buyer links"]["to_open_id"] == "at swan 1"
    assert shown["events and unreadable messages"]["body"] == f"<xml>{OPEN_ID} 1"
    assert shown["outcomes of mutations"]["personal"] == "who"
    assert await counts(store, "another") == {place.name: 0 for place in PLACES}
    erased = await store.personal.erase_buyer("mini", OPEN_ID)
    assert erased.rows_by_place == {name: len(rows) for name, rows in places.items()}
    assert await counts(store) == {place.name: 0 for place in PLACES}


@pytest.mark.parametrize(("buyer_id", "found"), [(OPEN_ID, 0), ("outcome", 1)])
async def test_what_may_be_of_anybody_is_exported_if_it_has_the_id(
    store: Store, buyer_id: str, found: int
) -> None:
    await fill(store)
    async with store.transaction() as transaction:
        await transaction.connection.execute(update(tables.idempotency_keys).values(buyers=None))

    assert (await counts(store, buyer_id))["outcomes of mutations"] == found


async def test_what_cannot_be_decrypted_is_said_so(store: Store) -> None:
    await fill(store)
    async with store.transaction() as transaction:
        await transaction.connection.execute(update(tables.orders).values(personal=b"damaged"))
        places = await export_buyer(transaction, store.vault, "mini", OPEN_ID)

    assert [row["personal"] for row in places["orders"]] == [{"unreadable": True}]
