"""Claims what is due of a shop in a test's own transaction, as the dispatcher's rounds do."""

from gateway.store.engine import Transaction
from gateway.store.outbox import ClaimedPush
from gateway.store.store import Store
from schema.push import PushOperation

OPERATIONS = [operation.name for operation in PushOperation]


async def claim_due(
    store: Store, transaction: Transaction, owner: str, shop: str, *, lease: float, limit: int
) -> list[ClaimedPush]:
    """Claim at most `limit` due pushes of each operation, in the order of their ids."""
    ids = await due_ids(store, transaction, shop, limit=limit)
    leases = await store.outbox.lease(transaction, owner, ids, lease=lease)
    return await store.outbox.leased(leases, within=transaction)


async def due_ids(
    store: Store, transaction: Transaction, shop: str, *, limit: int = 99
) -> list[int]:
    """Answer the ids of at most `limit` pushes of each operation that could be claimed."""
    outbox, now = store.outbox, transaction.now
    ids: list[int] = []
    for operation in await outbox.due_operations(shop, OPERATIONS, now, within=transaction):
        due = await outbox.due(shop, operation, now, limit=limit, within=transaction)
        ids += due.ids
    return sorted(ids)
