"""Encrypts and decrypts the personal values of one column."""

from typing import Generic, TypeVar

import msgspec

from gateway.errors import LedgerUnreadable
from gateway.store.crypto import Vault
from gateway.store.documents import FoundOpenId

Value = TypeVar("Value", bound=msgspec.Struct)


class EncryptedValues(Generic[Value]):
    """Seals structs of one kind for one column; None stays None."""

    def __init__(self, vault: Vault, kind: type[Value], *, column: str) -> None:
        self._vault = vault
        self._decoder = msgspec.json.Decoder(kind)
        self._column = column

    def seal(self, value: Value | None, *, shop: str, row: str) -> bytes | None:
        """The column's value."""
        if value is None:
            return None
        plain = msgspec.json.encode(value)
        return self._vault.seal(plain, shop=shop, row=row, column=self._column)

    def unseal(self, sealed: bytes | None, *, shop: str, row: str) -> Value | None:
        """The decrypted value; raises LedgerUnreadable if it cannot be decrypted."""
        if sealed is None:
            return None
        plain = self._vault.unseal(sealed, shop=shop, row=row, column=self._column)
        return self._decoder.decode(plain)

    def attempt(
        self, sealed: bytes | None, *, shop: str, row: str
    ) -> Value | LedgerUnreadable | None:
        """Like `unseal`, but returns the failure, so that one row does not affect the others."""
        try:
            return self.unseal(sealed, shop=shop, row=row)
        except LedgerUnreadable as failure:
            return failure


class EncryptedOpenIds:
    """Seals open ids for one column."""

    def __init__(self, vault: Vault, *, column: str) -> None:
        self._vault = vault
        self._column = column

    def seal(self, open_id: str, *, shop: str, row: str) -> bytes:
        """The column's value."""
        return self._vault.seal(open_id.encode(), shop=shop, row=row, column=self._column)

    def attempt(self, sealed: bytes, *, shop: str, row: str) -> FoundOpenId:
        """The decrypted value, or the failure, so that one row does not affect the others."""
        try:
            return self._vault.unseal(sealed, shop=shop, row=row, column=self._column).decode()
        except LedgerUnreadable as failure:
            return failure
