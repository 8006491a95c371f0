"""Encryption of what the gateway keeps in a store that other programs may read, such as Redis."""

from typing import Final, Protocol

from gateway.errors import GatewayError
from gateway.upstream.shared_store import SharedStore

_COLUMN: Final = "cache"


class Sealer(Protocol):
    """Encrypts values for one place, and names things by keyed hashes: the ledger's `Vault`."""

    def seal(self, value: bytes, *, shop: str, row: str, column: str) -> bytes:
        """The encrypted value."""

    def unseal(self, sealed: bytes, *, shop: str, row: str, column: str) -> bytes:
        """The value; raises GatewayError if it was not sealed for this place with this key."""

    def stable_id(self, shop: str, *parts: str) -> bytes:
        """A keyed hash (HMAC) of the parts, which stays when the key of the values changes."""


class SealedStore:
    """Seals values under their names in a shared store; without a sealer they stay plain.

    Raises ValueError if other processes see the store and there is no sealer.
    """

    def __init__(self, store: SharedStore, sealer: Sealer | None) -> None:
        if store.shared and sealer is None:
            raise ValueError("a store that others see needs a sealer")
        self.store = store
        self._sealer = sealer

    def name(self, kind: str, *parts: str) -> str:
        """The part of a key's name that tells nothing of the parts."""
        if self._sealer is None:
            return "/".join(parts)
        return self._sealer.stable_id("", kind, *parts)[:20].hex()

    def seal(self, name: str, value: bytes) -> bytes:
        """The value as it is stored under the name."""
        if self._sealer is None:
            return value
        return self._sealer.seal(value, shop="", row=name, column=_COLUMN)

    def unseal(self, name: str, sealed: bytes) -> bytes | None:
        """The value; None if another key or another version of the gateway stored it."""
        if self._sealer is None:
            return sealed
        try:
            return self._sealer.unseal(sealed, shop="", row=name, column=_COLUMN)
        except GatewayError:
            return None
