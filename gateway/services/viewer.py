"""Who asks, as far as services need to know."""

from typing import Protocol

from schema.scope import Scope


class Viewer(Protocol):
    """The holder of a key."""

    @property
    def name(self) -> str:
        """What the key is called."""

    @property
    def scopes(self) -> frozenset[Scope]:
        """What the key may do."""

    @property
    def key_id(self) -> str:
        """Tells one key from another, also of the same name."""

    def __hash__(self) -> int:
        """Viewers that may do and see the same are equal."""

    def sees(self, shop: str) -> bool:
        """Whether the key is bound to the shop; another shop does not exist for it."""
