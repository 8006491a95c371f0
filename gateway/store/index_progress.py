"""Index progress: how far the index of each shop reaches, and where its back-fill continues."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, update

from gateway.store.engine import Database, Transaction
from gateway.store.index_tables import index_progress

_OF_SHOPS: Final = select(index_progress).where(
    index_progress.c.kind == bindparam("of_kind"),
    index_progress.c.shop.in_(bindparam("shops", expanding=True)),
)
_IN_STEP: Final = (
    update(index_progress)
    .where(
        index_progress.c.kind == bindparam("of_kind"), index_progress.c.shop == bindparam("of_shop")
    )
    .values(in_step_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReach:
    """How far the index of one kind of a shop's records reaches.

    `kind` is "orders", "products" or "after_sales". `position` is where the back-fill continues;
    None: at the beginning. Everything created at `complete_from` (unix seconds) or later is in the
    index; None: nothing is known to be. `in_step_at` is when the platform was last compared with
    it, None: never. `done`: the back-fill has read all. It has read `seen` of `expected`, None: of
    an unknown number.
    """

    shop: str
    kind: str
    position: str | None = None
    complete_from: int | None = None
    in_step_at: float | None = None
    done: bool = False
    seen: int = 0
    expected: int | None = None


class IndexProgress:
    """Reads and writes the progress; every method raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._put = database.upsert(index_progress)

    async def of_shops(self, kind: str, shops: Collection[str]) -> dict[str, IndexReach]:
        """How far the index of each of these shops reaches; one that was not begun is absent."""
        if not shops:
            return {}
        values = {"of_kind": kind, "shops": list(shops)}
        rows = await self._database.fetch(_OF_SHOPS, values)
        return {row.shop: _reach(row) for row in rows}

    async def put(self, transaction: Transaction, reach: IndexReach) -> None:
        """Records how far the index of the shop reaches now."""
        row = asdict(reach) | {"written_at": transaction.now}
        await transaction.connection.execute(self._put, row)

    async def in_step(self, transaction: Transaction, kind: str, shop: str, at: float) -> None:
        """Records that a comparison with the platform began then, if the back-fill has begun."""
        values = {"of_kind": kind, "of_shop": shop, "at": at}
        await transaction.connection.execute(_IN_STEP, values)


def _reach(row: Row[Any]) -> IndexReach:
    return IndexReach(
        shop=row.shop,
        kind=row.kind,
        position=row.position,
        complete_from=row.complete_from,
        in_step_at=row.in_step_at,
        done=row.done,
        seen=row.seen,
        expected=row.expected,
    )
