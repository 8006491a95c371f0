"""Names of scopes and shops that an operator gives to a key, checked against those there are."""

from collections.abc import Collection, Iterable

from gateway.auth.keys_file import EVERY_SHOP
from gateway.errors import BadUserInput
from schema.scope import Scope


def scopes_named(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes of these names.

    Raises:
        BadUserInput: where no name is given, or one is unknown; lists those there are.
    """
    return frozenset(Scope(name) for name in _known(names, tuple(Scope), "scope"))


def shops_named(names: Iterable[str], shops: Collection[str]) -> frozenset[str]:
    """These keys of shops, or `*` for every shop.

    Raises:
        BadUserInput: where no name is given, or one is unknown; lists those there are.
    """
    return _known(names, (*shops, EVERY_SHOP), "shop")


def _known(names: Iterable[str], known: Collection[str], kind: str) -> frozenset[str]:
    given = list(names)
    unknown = [name for name in given if name not in known]
    if unknown or not given:
        wrong = f"no such {kind}: {', '.join(unknown)}" if unknown else f"no {kind} is given"
        raise BadUserInput(f"{wrong}; expected some of {', '.join(known)}")
    return frozenset(given)
