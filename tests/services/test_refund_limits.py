from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.auth import ALL_SHOPS, RefundLimit, Viewer
from gateway.errors import Forbidden
from gateway.services.refund_limits import release_refund, reserve_refund
from gateway.store.store import Store
from schema.scope import Scope
from tests.store.samples import KEY

#: Noon in China.
NOON = 1_795_752_000.0


def viewer(per_call: int | None = None, per_day: int | None = None) -> Viewer:
    return Viewer(
        name="clerk",
        scopes=frozenset({Scope.ORDERS_WRITE}),
        shops=ALL_SHOPS,
        key_id="0" * 12,
        refund_limit=RefundLimit(per_call, per_day),
    )


async def reserve(store: Store, caller: Viewer, fen: int) -> str | None:
    """Counts a refund; the message of its refusal, None if it may be paid."""
    try:
        async with store.transaction() as transaction:
            await reserve_refund(store, transaction, caller, fen)
    except Forbidden as refused:
        return refused.message
    return None


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(
        f"sqlite:///{tmp_path}/gateway.db", encryption_key=KEY, clock=lambda: NOON
    )
    yield opened
    await opened.close()


async def test_a_call_has_its_ceiling(store: Store) -> None:
    caller = viewer(per_call=20_000)

    assert await reserve(store, caller, 20_000) is None
    assert await reserve(store, caller, 20_001) == (
        "This API key may refund at most 200.00 CNY a call."
    )
    assert await reserve(store, caller, 20_000) is None


async def test_a_day_has_its_ceiling(store: Store) -> None:
    caller = viewer(per_call=40_000, per_day=50_050)

    assert await reserve(store, caller, 30_000) is None
    assert await reserve(store, caller, 20_051) == (
        "This API key may refund at most 500.50 CNY a day, of which 200.50 CNY are left until "
        "midnight in China."
    )
    assert await reserve(store, caller, 40_001) == (
        "This API key may refund at most 400.00 CNY a call."
    )
    async with store.transaction() as transaction:
        await release_refund(store, transaction, caller, 30_000)
    assert await reserve(store, caller, 40_000) is None


async def test_a_ceiling_that_was_lowered_leaves_nothing(store: Store) -> None:
    assert await reserve(store, viewer(per_day=50_000), 50_000) is None

    assert await reserve(store, viewer(per_day=10_000), 1) == (
        "This API key may refund at most 100.00 CNY a day, of which 0.00 CNY are left until "
        "midnight in China."
    )


async def test_without_a_ceiling_nothing_is_counted(store: Store) -> None:
    assert await reserve(store, viewer(), 10**12) is None

    async with store.transaction() as transaction:
        await release_refund(store, transaction, viewer(), 10**12)
        assert await store.refund_totals.today(transaction, "clerk") == 0
