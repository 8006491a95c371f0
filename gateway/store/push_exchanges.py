"""The last call of each push: what was sent, and what the platform answered."""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, bindparam, select

from gateway.errors import LedgerUnreadable
from gateway.store.crypto import Vault
from gateway.store.engine import Database, Transaction
from gateway.store.tables import push_exchanges

_GET: Final = select(push_exchanges).where(
    push_exchanges.c.push.in_(bindparam("ids", expanding=True))
)


class PushExchange(NamedTuple):
    """A call as JSON in the platform's form, without what it sent of other pushes."""

    request: bytes
    #: None: no answer arrived.
    response: bytes | None


class NewExchange(NamedTuple):
    """The last call of a push."""

    push_id: int
    shop: str
    exchange: PushExchange


class PushExchanges:
    """Keeps the calls sealed; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        added = database.insert(push_exchanges)
        self._put = added.on_conflict_do_update(
            index_elements=[push_exchanges.c.push],
            set_={name: added.excluded[name] for name in ("request", "response", "written_at")},
        )

    async def put_many(self, transaction: Transaction, calls: Sequence[NewExchange]) -> None:
        """Keeps the last calls of pushes in place of those before."""
        if not calls:
            return
        rows = [
            {
                "push": call.push_id,
                "shop": call.shop,
                "request": self._seal(call, "request", call.exchange.request),
                "response": self._seal(call, "response", call.exchange.response),
                "written_at": transaction.now,
            }
            for call in calls
        ]
        await transaction.execute_later(self._put, rows)

    async def get_many(self, ids: Collection[int]) -> dict[int, PushExchange | LedgerUnreadable]:
        """The calls that are kept, by the pushes' ids; a failure where one cannot be decrypted."""
        if not ids:
            return {}
        rows = await self._database.fetch(_GET, {"ids": list(ids)})
        return {row.push: self._read(row) for row in rows}

    def _seal(self, call: NewExchange, column: str, value: bytes | None) -> bytes | None:
        if value is None:
            return None
        return self._vault.seal(value, **_place(call.shop, call.push_id, column))

    def _read(self, row: Row[Any]) -> PushExchange | LedgerUnreadable:
        try:
            request = self._vault.unseal(row.request, **_place(row.shop, row.push, "request"))
            response = row.response and self._vault.unseal(
                row.response, **_place(row.shop, row.push, "response")
            )
        except LedgerUnreadable as failure:
            return failure
        return PushExchange(request, response)


def exchange_name(row: Any) -> str:
    """The row that the values of an exchange are sealed for."""
    return str(row.push)


def _place(shop: str, push_id: int, column: str) -> dict[str, str]:
    return {"shop": shop, "row": str(push_id), "column": f"{push_exchanges.name}.{column}"}
