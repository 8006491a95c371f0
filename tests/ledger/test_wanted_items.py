from datetime import UTC, datetime

import msgspec

from gateway.ledger.wanted_items import LedgerWantedItems
from gateway.ports import Position, ReadOptions
from gateway.store.documents import WantedItemDocument
from gateway.store.store import Store
from gateway.store.wanted_items import WantedItemKey
from schema.wanted_item import WantedItem
from tests.ledger.test_order_mapping import SHOP

NOW = datetime(2024, 1, 1, tzinfo=UTC)
READING = ReadOptions()
LINE = WantedItemDocument(
    platform_product_id="p1", title="T恤", status="ON_SALE", page_path="/detail"
)


def port(ledger: Store) -> LedgerWantedItems:
    return LedgerWantedItems(ledger.wanted_items, SHOP, lambda: NOW)


async def put(ledger: Store, open_id: str, **added: int) -> None:
    lines = [
        msgspec.structs.replace(LINE, platform_product_id=name, added_at=at)
        for name, at in added.items()
    ]
    async with ledger.transaction() as transaction:
        await ledger.wanted_items.put_many(transaction, "swan", open_id, lines)


def names(lines: list[WantedItem]) -> list[str]:
    return [line.platform_product_id for line in lines]


async def test_a_buyers_list_from_the_newest_line_backwards(ledger: Store) -> None:
    await put(ledger, "buyer", a=100, b=300, c=200)
    await put(ledger, "other", d=400)

    page = await port(ledger).page("buyer", None, 20, READING)

    assert names(list(page.items)) == ["b", "c", "a"]
    assert (page.more, page.total) == (False, 3)
    assert page.provenance.fetched_at == NOW
    assert {line.open_id_data for line in page.items} == {"buyer"}


async def test_the_place_of_a_line_outlives_the_line(ledger: Store) -> None:
    await put(ledger, "buyer", a=100, b=300, c=200)
    page = await port(ledger).page("buyer", None, 2, READING)
    last = page.items[-1]
    assert last.added_at is not None
    async with ledger.transaction() as transaction:
        keys = [WantedItemKey("c"), WantedItemKey("b")]
        await ledger.wanted_items.remove(transaction, "swan", "buyer", keys)

    behind = Position(int(last.added_at.timestamp()), last.key.platform_id)
    rest = await port(ledger).page("buyer", behind, 2, READING)

    assert page.more
    assert names(list(rest.items)) == ["a"]
    assert (rest.more, rest.total) == (False, None)


async def test_a_line_is_found_by_an_id_that_tells_nothing_of_its_buyer(ledger: Store) -> None:
    await put(ledger, "buyer", a=100)
    (line,) = (await port(ledger).page("buyer", None, 20, READING)).items

    assert "buyer" not in "".join(line.key)
    assert await port(ledger).get(line.key.platform_id, READING) == line
    assert await port(ledger).get("00", READING) is None
