"""Which keys the values of a store are sealed with: checked at each start.

`meta` has a check value of each key that may have been written with: one cannot be opened without
all of them. `Rekeying` leaves the present key alone.
"""

import secrets
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import bindparam, delete, or_, select, update

from gateway.errors import ConfigurationError, LedgerUnreadable
from gateway.store.crypto import Vault
from gateway.store.engine import Database, Transaction
from gateway.store.tables import meta

#: The row of `meta` with the check value of the first key, or of the last rekeying's.
CHECK: Final = "encryption_check"
#: The row with the sealed key of `Vault.stable_id`.
_ID_KEY: Final = "id_key"
_ID_KEY_BYTES: Final = 32
_OTHERS: Final = f"{CHECK}/"
_GET: Final = select(meta).where(
    or_(meta.c.name.in_((CHECK, _ID_KEY)), meta.c.name.startswith(_OTHERS, autoescape=True))
)
_SET: Final = (
    update(meta).where(meta.c.name == bindparam("of_name")).values(value=bindparam("sealed"))
)
_DELETE_OTHERS: Final = delete(meta).where(meta.c.name.startswith(_OTHERS, autoescape=True))


async def open_vault(database: Database, keys: Sequence[bytes]) -> Vault:
    """The vault of a store; the first key encrypts, the others only decrypt.

    Raises ConfigurationError if another key was used, StoreUnavailable.
    """
    vault = Vault(keys[0], keys[1:])
    add = database.insert(meta).on_conflict_do_nothing()
    async with database.transaction() as transaction:
        connection = transaction.connection
        first = {"name": CHECK, "value": _seal(vault, CHECK, b"")}
        is_new = (await connection.execute(add, first)).rowcount == 1
        found = {row.name: row.value for row in await database.fetch(_GET, within=transaction)}
        try:
            checked = {name: _unsealed(vault, name, value) for name, value in found.items()}
        except LedgerUnreadable:
            raise ConfigurationError(
                "store.encryption_key: this store was written with another key; give that one,"
                " name it in store.former_encryption_keys, or give another store.url"
            ) from None
        if not checked[CHECK][1]:
            name = f"{_OTHERS}{vault.key_name}"
            await connection.execute(add, {"name": name, "value": _seal(vault, name, b"")})
        if _ID_KEY in checked:
            id_key = checked[_ID_KEY][0]
        else:
            id_key = secrets.token_bytes(_ID_KEY_BYTES) if is_new else _derived(keys, found[CHECK])
            await connection.execute(add, {"name": _ID_KEY, "value": _seal(vault, _ID_KEY, id_key)})
    return Vault(keys[0], keys[1:], id_key=id_key)


async def keep_present_key(transaction: Transaction, vault: Vault) -> None:
    """Records that nothing is sealed with a former key any more; raises StoreUnavailable."""
    await transaction.connection.execute(_DELETE_OTHERS)
    for name, value in ((CHECK, b""), (_ID_KEY, vault.id_key)):
        values = {"of_name": name, "sealed": _seal(vault, name, value)}
        await transaction.connection.execute(_SET, values)


def _derived(keys: Sequence[bytes], check: bytes) -> bytes:
    """The key of ids in a store of a version that derived it from the encryption key."""
    vaults = [Vault(key) for key in keys]
    for vault in vaults:
        try:
            _unsealed(vault, CHECK, check)
        except LedgerUnreadable:
            continue
        return vault.id_key
    return vaults[0].id_key


def _seal(vault: Vault, name: str, value: bytes) -> bytes:
    return vault.seal(value, **_place(name))


def _unsealed(vault: Vault, name: str, value: bytes) -> tuple[bytes, bool]:
    return vault.unsealed(value, **_place(name))


def _place(name: str) -> dict[str, Any]:
    return {"shop": "", "row": name, "column": "meta.value"}
