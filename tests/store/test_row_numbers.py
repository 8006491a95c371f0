"""Numbers of rows as clients see them."""

import secrets
from itertools import pairwise

import pytest
from sqlalchemy import delete

from gateway.store.row_numbers import ORDER_CHANGES, PUSHES, RowNumbers
from gateway.store.store import Store
from gateway.store.tables import meta
from schema import base64url
from tests.store.conftest import Clock
from tests.store.samples import KEY as STORE_KEY
from tests.store.test_pushes import add, new_push

KEY = bytes(range(16))


def test_the_opaque_form_is_stable_and_shows_no_order() -> None:
    numbers = RowNumbers(KEY, {})
    shown = [numbers.conceal(PUSHES, number) for number in range(1, 200)]

    assert [numbers.reveal(PUSHES, text) for text in shown] == list(range(1, 200))
    assert shown == [RowNumbers(KEY, {}).conceal(PUSHES, number) for number in range(1, 200)]
    assert {len(text) for text in shown} == {22}
    assert shown != sorted(shown)
    # Two numbers that follow each other share no more of their bytes than any two.
    pairs = pairwise(shown)
    same = [a == b for x, y in pairs for a, b in zip(x, y, strict=True)]
    assert sum(same) / len(same) < 0.05


@pytest.mark.parametrize("number", [1, 2**31, 2**63 - 1])
def test_numbers_have_64_bits(number: int) -> None:
    numbers = RowNumbers(KEY, {})

    assert numbers.reveal(PUSHES, numbers.conceal(PUSHES, number)) == number


def test_a_form_belongs_to_its_table_and_its_store() -> None:
    numbers, other = RowNumbers(KEY, {}), RowNumbers(secrets.token_bytes(16), {})
    text = numbers.conceal(PUSHES, 7)

    assert numbers.reveal(ORDER_CHANGES, text) is None
    assert other.reveal(PUSHES, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "1.5",
        "٣",
        "³",
        "9" * 40,
        "8",
        "a",
        "*" * 22,
        base64url.encode(bytes(16)),
        "x" * 999,
    ],
)
def test_nothing_else_is_a_number(text: str) -> None:
    assert RowNumbers(KEY, {PUSHES: 7}).reveal(PUSHES, text) is None


def test_what_clients_knew_before_is_accepted_and_no_more() -> None:
    numbers = RowNumbers(KEY, {PUSHES: 7})

    assert [numbers.reveal(PUSHES, text) for text in ("1", "7", "8")] == [1, 7, None]
    assert numbers.reveal(ORDER_CHANGES, "1") is None


async def reopened(store: Store, url: str, clock: Clock) -> Store:
    await store.close()
    return await Store.open(url, encryption_key=STORE_KEY, clock=clock)


async def test_the_key_is_made_once(store: Store, store_url: str, clock: Clock) -> None:
    (number,) = await add(store, new_push("1"))
    text = store.row_numbers.conceal(PUSHES, number)

    again = await reopened(store, store_url, clock)

    assert again.row_numbers.reveal(PUSHES, text) == number
    assert again.row_numbers.reveal(PUSHES, str(number)) is None
    await again.close()


async def test_a_ledger_of_before_accepts_the_numbers_that_it_gave(
    store: Store, store_url: str, clock: Clock
) -> None:
    numbers = await add(store, new_push("1"), new_push("2"))
    async with store.transaction() as transaction:
        await transaction.connection.execute(delete(meta).where(meta.c.name == "row_numbers"))

    again = await reopened(store, store_url, clock)
    later = await add(again, new_push("3"))

    reveal = again.row_numbers.reveal
    assert [reveal(PUSHES, str(number)) for number in (*numbers, *later)] == [*numbers, None]
    assert reveal(ORDER_CHANGES, "1") is None
    await again.close()
