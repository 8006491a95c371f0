"""How far the index reaches is told with what waits."""

from gateway.runtime.backlog_metrics import BacklogMetrics
from gateway.store.index_progress import IndexReach
from gateway.store.store import Store
from gateway.telemetry import Telemetry


async def told(store: Store, *indexed: tuple[str, str]) -> list[str]:
    telemetry = Telemetry()
    metrics = BacklogMetrics(store, ["swan", "mini"], lambda: 1.0, telemetry, indexed)
    await metrics.once()
    lines = telemetry.exposition(None)[0].decode().splitlines()
    return [line for line in lines if line.startswith("gateway_index_") and "shop=" in line]


async def test_the_reach_of_each_index_is_told(ledger: Store) -> None:
    async with ledger.transaction() as transaction:
        for reach in (
            IndexReach(shop="swan", kind="orders", in_step_at=1_700_000_000.0, done=True),
            IndexReach(shop="swan", kind="products"),
            IndexReach(shop="gone", kind="orders", done=True),
        ):
            await ledger.index_progress.put(transaction, reach)

    wanted = [("swan", "orders"), ("swan", "products"), ("mini", "orders")]
    assert await told(ledger, *wanted) == [
        'gateway_index_in_step_timestamp_seconds{kind="orders",shop="swan"} 1.7e+09',
        'gateway_index_backfill_complete{kind="orders",shop="swan"} 1.0',
        # Not begun.
        'gateway_index_backfill_complete{kind="orders",shop="mini"} 0.0',
        'gateway_index_backfill_complete{kind="products",shop="swan"} 0.0',
    ]
    assert await told(ledger) == []
