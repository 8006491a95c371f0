"""Opaque forms of row numbers, which do not show how many rows there are."""

import json
import secrets
from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from sqlalchemy import bindparam, func, select

from gateway.store.bulk_tables import bulk_operations
from gateway.store.engine import Database
from gateway.store.tables import meta, order_changes, pushes
from gateway.store.webhook_tables import webhook_deliveries, webhook_endpoints
from schema import base64url

#: The tables whose numbers clients see: ids of pushes, bulk operations, webhook endpoints and
#: their deliveries, cursors of changes.
PUSHES: Final = pushes.name
BULK_OPERATIONS: Final = bulk_operations.name
ORDER_CHANGES: Final = order_changes.name
WEBHOOK_ENDPOINTS: Final = webhook_endpoints.name
WEBHOOK_DELIVERIES: Final = webhook_deliveries.name

_NAME: Final = "row_numbers"
_GET: Final = select(meta.c.value).where(meta.c.name == bindparam("of_name"))
_LAST_PUSH: Final = select(func.max(pushes.c.id))
_LAST_CHANGE: Final = select(func.max(order_changes.c.cursor))
_KEY_BYTES: Final = 16
_NUMBER_BYTES: Final = 8
_BLOCK_BYTES: Final = 16
#: Rows are numbered with 64 bits.
_END: Final = 2**63


class RowNumbers:
    """Conceals the numbers of rows, which count over all shops.

    A number is encrypted with its table in one block, so that its opaque form is the same on every
    replica. `plain` has the last number of each table that clients know as it is: those were given
    out before numbers were concealed, and are still accepted.
    """

    def __init__(self, key: bytes, plain: Mapping[str, int]) -> None:
        # One block of a number that occurs once: there is nothing to chain.
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305
        self._plain = plain

    def conceal(self, table: str, number: int) -> str:
        """The opaque form, 22 characters."""
        block = number.to_bytes(_NUMBER_BYTES, "big") + _tag(table)
        encryptor = self._cipher.encryptor()
        return base64url.encode(encryptor.update(block) + encryptor.finalize())

    def reveal(self, table: str, text: str) -> int | None:
        """The number of an opaque form; None if the text is none."""
        if text.isascii() and text.isdecimal() and len(text) <= len(str(_END)):
            number = int(text)
            return number if number <= self._plain.get(table, 0) else None
        try:
            block = base64url.decode(text)
        except ValueError:
            return None
        if len(block) != _BLOCK_BYTES:
            return None
        decryptor = self._cipher.decryptor()
        found = decryptor.update(block) + decryptor.finalize()
        number = int.from_bytes(found[:_NUMBER_BYTES], "big")
        return number if found[_NUMBER_BYTES:] == _tag(table) and number < _END else None


async def open_row_numbers(database: Database) -> RowNumbers:
    """The numbers of this store, whose key is made when it is opened for the first time.

    Raises:
        StoreUnavailable: the store cannot be reached.
    """
    rows = await database.fetch(_GET, {"of_name": _NAME})
    if not rows:
        insert = database.insert(meta).on_conflict_do_nothing()
        async with database.transaction() as transaction:
            execute = transaction.connection.execute
            plain = {
                PUSHES: (await execute(_LAST_PUSH)).scalar_one() or 0,
                ORDER_CHANGES: (await execute(_LAST_CHANGE)).scalar_one() or 0,
            }
            made = {"key": secrets.token_hex(_KEY_BYTES), "plain": plain}
            await execute(insert, {"name": _NAME, "value": json.dumps(made).encode()})
        rows = await database.fetch(_GET, {"of_name": _NAME})
    known = json.loads(rows[0].value)
    return RowNumbers(bytes.fromhex(known["key"]), known["plain"])


def _tag(table: str) -> bytes:
    return blake2b(table.encode(), digest_size=_BLOCK_BYTES - _NUMBER_BYTES).digest()
