"""How the value of a field is read from its object."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import FieldNode


@dataclass(frozen=True, slots=True)
class Typename:
    """The field `__typename`."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the object."""

    name: str


@dataclass(frozen=True, slots=True)
class Method:
    """A synchronous method without arguments."""

    function: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Relation:
    """The value that a loader of the context has for a key.

    Args:
        loader: its name in `context.loaders`.
        key: the attribute that holds the key; None there means null.
        unless: an attribute with the result if it is already known, else None.
        needs: scopes without which the field is null.
    """

    loader: str
    key: str
    unless: str | None = None
    needs: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Guard:
    """An attribute, called if callable, that is null without the scopes.

    If it is `counted`, an object of which it is not null is added to `context.revealed`.
    """

    attribute: str
    scopes: tuple[Any, ...]
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Resolver:
    """Anything else: the resolver is called as by graphql-core."""


Reading = Typename | Attribute | Method | Relation | Guard | Resolver

#: What is special about a Strawberry field of a schema; None: nothing.
Hints = Callable[[Any], Relation | Guard | None]


class RelationLoader(Protocol):
    """Looks up keys in batches."""

    async def fetch(self, keys: list[Any]) -> list[Any]:
        """The values of the keys, in their order; a failure is an exception in its place."""


class ExecutionContext(Protocol):
    """What `Relation` and `Guard` require of a request's context."""

    @property
    def loaders(self) -> Any:
        """The loaders, each an attribute."""

    @property
    def revealed(self) -> list[Any]:
        """The objects of which a counted guard was not null."""

    def permits(self, field: FieldNode, scopes: tuple[Any, ...]) -> bool:
        """Whether the caller holds all scopes; an exception is the field's error."""


def no_hints(_: Any) -> None:
    """The hints of a schema without relations and guards."""
