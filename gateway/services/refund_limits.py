"""Refund limits: the ceilings of what an API key may refund, a call and a day."""

from gateway.errors import Forbidden
from gateway.services.viewer import Viewer
from gateway.store.engine import Transaction
from gateway.store.store import Store
from schema.money import yuan


def check_refund(viewer: Viewer, fen: int) -> None:
    """Checks a refund that is agreed to, and paid later, against the ceiling of a call.

    Raises:
        Forbidden: it exceeds the ceiling.
    """
    most = viewer.refund_limit.per_call
    if most is not None and fen > most:
        raise Forbidden(f"This API key may refund at most {yuan(most)} CNY a call.")


async def reserve_refund(store: Store, transaction: Transaction, viewer: Viewer, fen: int) -> None:
    """Counts a refund against the ceilings of the caller's key, before it is paid.

    In a transaction that is committed before the platform is asked, so that concurrent calls
    together cannot exceed the ceiling of the day.

    Raises:
        Forbidden: it exceeds a ceiling; nothing was counted.
        StoreUnavailable: it cannot be counted.
    """
    check_refund(viewer, fen)
    limit = viewer.refund_limit
    if limit.per_day is None:
        return
    if not await store.refund_totals.add(transaction, viewer.name, fen, limit.per_day):
        left = limit.per_day - await store.refund_totals.today(transaction, viewer.name)
        raise Forbidden(
            f"This API key may refund at most {yuan(limit.per_day)} CNY a day, of which "
            f"{yuan(max(left, 0))} CNY are left until midnight in China."
        )


async def release_refund(store: Store, transaction: Transaction, viewer: Viewer, fen: int) -> None:
    """Gives back what `reserve_refund` counted, as the platform certainly did not pay it.

    Raises:
        StoreUnavailable: it stays counted.
    """
    if viewer.refund_limit.per_day is not None:
        await store.refund_totals.give_back(transaction, viewer.name, fen)
