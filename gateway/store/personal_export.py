"""Export of what the store holds of a buyer: found as `gateway.store.personal` erases it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Row

from gateway.errors import LedgerUnreadable
from gateway.store.batches import key_values
from gateway.store.buyer_rows import BuyerSearch, buyer_search, within
from gateway.store.crypto import Vault
from gateway.store.engine import Transaction
from gateway.store.personal import PLACES, PersonalPlace
from gateway.store.sealed_columns import SEALED
from gateway.store.tables import pushes

#: What tells nothing of a person: keyed hashes and the state of the gateway's own work.
_LEFT_OUT: Final = {
    "buyer",
    "to_buyer",
    "buyers",
    "phone",
    "receiver",
    "digest",
    "operation_hash",
    "owner",
    "caller",
    "lease_owner",
    "lease_until",
    "dedupe_key",
    "event_key",
}
_JSON: Final = {"document", "payload", "settings", "last_error"}
#: Stands for a value that cannot be decrypted.
_UNREADABLE: Final = {"unreadable": True}


async def export_buyer(
    transaction: Transaction, vault: Vault, shop: str, buyer_id: str
) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The rows of each place, decrypted, by the names of `PLACES`; raises StoreUnavailable.

    What erasure deletes because it may be any buyer's is in it only if it has the buyer's id.
    """
    buyer = await buyer_search(vault, shop, buyer_id, within(transaction))
    return {
        place.name: [
            _shown(place, row, values)
            for row in await _rows(transaction, place, buyer)
            if _is_of(buyer, place, row, values := _unsealed(buyer, place, row))
        ]
        for place in PLACES
    }


async def _rows(
    transaction: Transaction, place: PersonalPlace, buyer: BuyerSearch
) -> Sequence[Row[Any]]:
    if place.find is not None:
        return await place.find(transaction, buyer)
    found = {}
    for statement in place.of_buyer:
        for row in (await transaction.connection.execute(statement, buyer.values)).all():
            found[tuple(key_values(place.table, row).values())] = row
    return list(found.values())


def _unsealed(buyer: BuyerSearch, place: PersonalPlace, row: Row[Any]) -> dict[str, bytes | None]:
    columns = SEALED[place.table.name]
    values: dict[str, bytes | None] = {}
    for name in columns.names:
        sealed = getattr(row, name)
        if sealed is None:
            continue
        try:
            value = buyer.vault.unseal(sealed, **columns.place_of(row, name))
            values[name] = value if place.part is None else place.part(buyer, value)
        except LedgerUnreadable:
            values[name] = None
    return values


def _is_of(
    buyer: BuyerSearch, place: PersonalPlace, row: Row[Any], values: Mapping[str, bytes | None]
) -> bool:
    """Whether a row is the buyer's, and not one of a platform's words about an unknown person."""
    wanted = buyer.buyer_id.encode()
    sure = place.table is not pushes or row.buyer is not None
    return sure or any(value is not None and wanted in value for value in values.values())


def _shown(
    place: PersonalPlace, row: Row[Any], values: Mapping[str, bytes | None]
) -> dict[str, Any]:
    shown: dict[str, Any] = {"place": place.name}
    sealed = SEALED[place.table.name].names
    for column, value in row._mapping.items():  # noqa: SLF001 - the public way to a row's columns
        if value is None or column in _LEFT_OUT:
            continue
        # The database's own kind of string is no key of JSON for the encoder.
        name = str(column)
        if name in sealed:
            found = values[name]
            shown[name] = _UNREADABLE if found is None else _read(found)
        else:
            shown[name] = orjson.loads(value) if name in _JSON and value else value
    return shown


def _read(value: bytes) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value.decode(errors="backslashreplace")
