"""Mirrors, links and wanted items that cannot be decrypted leave the others of their kind alone."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from gateway.errors import LedgerUnreadable
from gateway.store.crypto import Vault, parse_key
from gateway.store.store import Store
from gateway.store.tables import buyer_links, mirrors, wanted_items
from gateway.store.wanted_items import WantedItemKey
from tests.store.damage import damage
from tests.store.samples import KEY, wanted_item
from tests.store.test_buyer_links import link
from tests.store.test_mirrors import COPY, WAITING, keep
from tests.store.test_wanted_items import OPEN_ID, put

REASON = "it was written with another key, or was tampered with"


def words(found: object) -> str:
    """Answer the message of a failure that stands in a row's place."""
    assert isinstance(found, LedgerUnreadable)
    return found.message


async def test_a_line_is_told_without_its_buyer(store: Store) -> None:
    await put(store, wanted_item("p1", added_at=1), wanted_item("p2", added_at=2))
    key = WantedItemKey("p1", "p1-red")
    damaged = store.wanted_items.item_id("mini", OPEN_ID, key)
    await damage(store, wanted_items.c.open_id, wanted_items.c.item_id == damaged)

    sound, spoiled = await store.wanted_items.page("mini", OPEN_ID, limit=9)

    assert sound.found == OPEN_ID
    assert (spoiled.item_id, spoiled.document) == (damaged, wanted_item("p1", added_at=1))
    assert words(spoiled.found) == (
        f"wanted_items.open_id of shop mini in the ledger cannot be decrypted: {REASON}"
    )
    again = (await store.wanted_items.get_many("mini", [damaged, sound.item_id])).values()
    assert sorted(isinstance(line.found, str) for line in again) == [False, True]
    assert len(await store.wanted_items.page("mini", OPEN_ID, limit=100)) == 2


async def test_a_line_is_mended_by_putting_it_again(store: Store) -> None:
    await put(store, wanted_item("p1"))
    await damage(store, wanted_items.c.open_id, wanted_items.c.shop == "mini")

    await put(store, wanted_item("p1"))

    (line,) = await store.wanted_items.page("mini", OPEN_ID, limit=9)
    assert (line.found, line.version) == (OPEN_ID, 2)


async def test_a_link_leaves_the_others_alone_and_is_mended_by_the_next_word(
    store: Store,
) -> None:
    await link(store, {"a": "mini-a", "b": "mini-b"})
    of_a = Vault(parse_key(KEY)).blind_index("flagship", "a")
    await damage(store, buyer_links.c.to_open_id, buyer_links.c.buyer == of_a)

    found = await store.buyer_links.get_many("flagship", "mini", ["a", "b"])

    assert found["b"] == "mini-b"
    assert words(found["a"]) == (
        f"buyer_links.to_open_id of shop flagship in the ledger cannot be decrypted: {REASON}"
    )
    await link(store, {"a": "mini-a"})
    assert await store.buyer_links.get_many("flagship", "mini", ["a"]) == {"a": "mini-a"}


async def test_a_mirror_is_told_without_its_buyer_and_cannot_be_put_back_so(store: Store) -> None:
    other = replace(COPY, platform_id="2", to_platform_id="2")
    await keep(store, COPY, other, WAITING)
    await damage(store, mirrors.c.personal, mirrors.c.platform_id == "1")

    spoiled, *sound = await store.mirrors.of_orders("flagship", ["1", "2"])

    assert sound == [other, WAITING]
    assert replace(spoiled, unreadable=None) == replace(COPY, open_id=None, to_open_id=None)
    assert words(spoiled.unreadable) == (
        f"mirrors.personal of shop flagship in the ledger cannot be decrypted: {REASON}"
    )
    of_buyer = await store.mirrors.of_buyers("flagship", "mini", ["o-store"])
    assert [one.open_id for one in of_buyer] == [None, "o-store"]
    with pytest.raises(LedgerUnreadable):
        await keep(store, spoiled)
    kept = select(mirrors.c.personal).where(mirrors.c.platform_id == "1")
    async with store.transaction() as transaction:
        assert (await transaction.connection.execute(kept)).scalars().all() == [b"damaged"]

    await keep(store, COPY)
    assert await store.mirrors.of_orders("flagship", ["1"]) == [COPY]
