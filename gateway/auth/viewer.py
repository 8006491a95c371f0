"""The one who asks: a name, what it may do, and the shops that exist for it."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Literal

from schema.scope import Scope


class AllShops(Enum):
    """Every shop, those that are configured later as well."""

    ALL = auto()


#: Instead of a set of keys: every shop.
ALL_SHOPS: Final[Literal[AllShops.ALL]] = AllShops.ALL


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever sent a request."""

    name: str
    scopes: frozenset[Scope]
    #: Keys of shops; any other shop's data does not exist for this viewer.
    shops: frozenset[str] | Literal[AllShops.ALL]
    #: Tells one key from another, also of the same name; safe to log and to store.
    key_id: str

    def sees(self, shop: str) -> bool:
        """Whether a shop exists for this viewer."""
        return self.shops is ALL_SHOPS or shop in self.shops

    def holds(self, *scopes: Scope) -> bool:
        """Whether every one of the scopes was given to this viewer."""
        return self.scopes.issuperset(scopes)
