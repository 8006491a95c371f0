"""The viewer: the caller of a service."""

from typing import Protocol

from gateway.auth import RefundLimit
from schema.scope import Scope


class Viewer(Protocol):
    """The holder of a key."""

    @property
    def name(self) -> str:
        """The key's name."""

    @property
    def scopes(self) -> frozenset[Scope]:
        """The key's scopes."""

    @property
    def key_id(self) -> str:
        """Unique per key, unlike its name."""

    def __hash__(self) -> int:
        """Viewers that may do and see the same are equal."""

    @property
    def refund_limit(self) -> RefundLimit:
        """The ceilings of what the key may refund."""

    @property
    def bound_to(self) -> frozenset[str] | None:
        """Keys of the shops that the key is bound to; None: every shop."""

    def sees(self, shop: str) -> bool:
        """Whether the key is bound to the shop; another shop does not exist for it."""
