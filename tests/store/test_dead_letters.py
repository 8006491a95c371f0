"""Dead letters in the ledger: sealed, bounded, found again, requeued once."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from gateway.errors import LedgerUnreadable
from gateway.store import dead_letters
from gateway.store.batches import no_progress
from gateway.store.dead_letters import UNREADABLE, DeadLetter, Kept
from gateway.store.inbox import ClaimedEvent
from gateway.store.retention import SETTLED_EVENTS
from gateway.store.store import Store
from gateway.store.tables import inbox_events
from tests.store.conftest import Clock
from tests.store.test_inbox import EVENT, LEASE, receive

MESSAGE = b"<xml><FromUserName>oBuyer</FromUserName>\xff\0"


async def keep(
    store: Store, message: bytes = MESSAGE, shop: str = "flagship", *, trusted: bool = True
) -> Kept:
    async with store.transaction() as transaction:
        return await store.dead_letters.keep(
            transaction, shop, message, trusted=trusted, reason="neither XML nor JSON"
        )


async def claim(store: Store) -> list[ClaimedEvent]:
    async with store.transaction() as transaction:
        return await store.inbox.claim(transaction, "one", lease=LEASE, limit=99)


async def give_up(store: Store, event: ClaimedEvent, owner: str = "one") -> Kept:
    async with store.transaction() as transaction:
        return await store.dead_letters.give_up(transaction, owner, event, "no such order")


async def all_of(store: Store, *shops: str) -> list[DeadLetter]:
    return await store.dead_letters.page(shops or ["flagship"], limit=99)


async def test_a_message_is_kept_once_as_it_came(store: Store, clock: Clock) -> None:
    assert await keep(store) == Kept(new=True, dropped=0)
    assert await keep(store) == Kept(new=False, dropped=0)
    assert await keep(store, shop="another") == Kept(new=True, dropped=0)

    [letter] = await all_of(store)
    assert letter == DeadLetter(
        shop="flagship",
        event_key=letter.event_key,
        kind=UNREADABLE,
        trusted=True,
        reason="neither XML nor JSON",
        attempts=0,
        received_at=clock.now,
        dead_at=clock.now,
        found=MESSAGE,
    )
    assert await store.dead_letters.shops() == ["another", "flagship"]
    # Nothing that anybody waits for.
    assert not await store.inbox.is_due(clock.now + 1_000)
    assert await store.inbox.waiting("flagship") == 0


async def test_an_event_is_given_up_by_its_owner_only(store: Store, clock: Clock) -> None:
    await receive(store)
    [event] = await claim(store)
    assert await give_up(store, event, "other") == Kept(new=False, dropped=0)
    assert await all_of(store) == []

    clock.now += 10
    assert await give_up(store, event) == Kept(new=True, dropped=0)
    assert await give_up(store, event) == Kept(new=False, dropped=0)
    [letter] = await all_of(store)
    assert (letter.kind, letter.reason, letter.attempts) == ("merchant_order", "no such order", 1)
    assert (letter.received_at, letter.dead_at) == (clock.now - 10, clock.now)
    assert letter.found == EVENT.body
    # The platform may repeat it.
    assert not await receive(store)


async def test_a_requeued_event_has_all_its_attempts_again(store: Store, clock: Clock) -> None:
    await receive(store)
    [event] = await claim(store)
    await give_up(store, event)
    [letter] = await all_of(store)

    clock.now += 90_000
    async with store.transaction() as transaction:
        assert await store.dead_letters.requeue(transaction, letter)
        assert not await store.dead_letters.requeue(transaction, letter)
    assert await all_of(store) == []
    [again] = await claim(store)
    assert again == replace(event, written_at=clock.now)


async def test_a_removed_letter_is_gone(store: Store) -> None:
    await keep(store)
    [letter] = await all_of(store)

    async with store.transaction() as transaction:
        assert await store.dead_letters.remove(transaction, letter)
        assert not await store.dead_letters.remove(transaction, letter)
    assert await all_of(store) == []


async def test_letters_are_found_by_the_begin_of_their_key(store: Store, clock: Clock) -> None:
    for number in range(3):
        clock.now += 1
        await keep(store, b"%d" % number)
    letters = await all_of(store)
    assert [letter.found for letter in letters] == [b"2", b"1", b"0"]
    assert await store.dead_letters.page(["flagship"], limit=1) == letters[:1]
    assert await all_of(store, "another") == []

    async with store.transaction() as transaction:
        assert await store.dead_letters.find(transaction, letters[1].id) == [letters[1]]
        assert await store.dead_letters.find(transaction, letters[1].event_key) == [letters[1]]
        assert await store.dead_letters.find(transaction, "0" * 12) == []
        assert len(await store.dead_letters.find(transaction, "")) == 2


async def test_the_oldest_messages_give_way(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "MOST_MESSAGES", 3)
    await keep(store, b"signed", trusted=True)
    await keep(store, b"another shop's", "another", trusted=False)
    await receive(store)
    [event] = await claim(store)
    await give_up(store, event)
    dropped = []
    for number in range(5):
        clock.now += 1
        kept = await keep(store, b"%d" % number, trusted=False)
        dropped.append(kept.dropped)

    assert dropped == [0, 0, 0, 1, 1]
    letters = await all_of(store, "flagship", "another")
    assert [letter.found for letter in letters[:3]] == [b"4", b"3", b"2"]
    others = {letter.found for letter in letters[3:] if isinstance(letter.found, bytes)}
    assert others == {b"signed", b"another shop's"}
    assert len(letters) == 6


async def test_the_oldest_events_give_way(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "MOST_EVENTS", 2)
    await keep(store)
    dropped = []
    for number in range(4):
        clock.now += 1
        await receive(store, replace(EVENT, identity=(str(number),)))
        [event] = await claim(store)
        dropped.append((await give_up(store, event)).dropped)

    assert dropped == [0, 0, 1, 1]
    assert [letter.kind for letter in await all_of(store)] == ["merchant_order"] * 2 + [UNREADABLE]


@pytest.mark.parametrize(
    ("body", "words"), [(None, "its content was erased"), (b"damaged", "cannot be decrypted")]
)
async def test_a_letter_that_tells_nothing_any_more_spoils_no_list(
    store: Store, body: bytes | None, words: str
) -> None:
    await receive(store)
    [event] = await claim(store)
    await give_up(store, event)
    await keep(store)
    async with store.transaction() as transaction:
        await transaction.connection.execute(update(inbox_events).values(body=body))
    await keep(store, b"sound")

    letters = await all_of(store)
    failures = [letter.found for letter in letters if isinstance(letter.found, LedgerUnreadable)]
    assert [words in failure.message for failure in failures] == [True, True]
    assert [letter.found for letter in letters if letter.found == b"sound"] == [b"sound"]


async def test_a_letter_is_kept_as_long_as_what_is_done(store: Store, clock: Clock) -> None:
    await keep(store)
    clock.now += 1_000
    assert await store.retention.apply(SETTLED_EVENTS, 2_000, "test", no_progress) == 0
    assert await store.retention.apply(SETTLED_EVENTS, 500, "test", no_progress) == 1
    assert await all_of(store) == []
