"""Viewer: the caller's name, scopes and visible shops."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Literal

from schema.scope import Scope


class AllShops(Enum):
    """Every shop, including those configured later."""

    ALL = auto()


#: Instead of a set of keys: every shop.
ALL_SHOPS: Final[Literal[AllShops.ALL]] = AllShops.ALL


@dataclass(frozen=True, slots=True)
class RefundLimit:
    """Ceilings of what a key may refund, in fen; None: no ceiling."""

    per_call: int | None = None
    #: A day in China.
    per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """The caller of a request."""

    name: str
    scopes: frozenset[Scope]
    #: Keys of shops; any other shop's data does not exist for this viewer.
    shops: frozenset[str] | Literal[AllShops.ALL]
    #: Id of the key, which a key that replaces it has too; unique even among keys of the same
    #: name; safe to log and to store.
    key_id: str
    refund_limit: RefundLimit = RefundLimit()

    @property
    def bound_to(self) -> frozenset[str] | None:
        """Keys of the shops that the viewer is bound to; None: every shop."""
        return None if self.shops is ALL_SHOPS else self.shops

    def sees(self, shop: str) -> bool:
        """Whether the shop is visible to this viewer."""
        return self.shops is ALL_SHOPS or shop in self.shops

    def holds(self, *scopes: Scope) -> bool:
        """Whether this viewer has all of the scopes."""
        return self.scopes.issuperset(scopes)
