"""How the value of a field is got from the object that it is on."""

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
    """A function of the object alone, without arguments; it is not asynchronous."""

    function: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Relation:
    """What a loader of the context answers to a key.

    Args:
        loader: its name in `context.loaders`.
        key: the attribute that holds the key; None there means null.
        unless: an attribute that holds the answer where it is known already, else None.
        needs: scopes without which the field is null.
    """

    loader: str
    key: str
    unless: str | None = None
    needs: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Guard:
    """An attribute, called if it can be, that is null without the scopes."""

    attribute: str
    scopes: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Resolver:
    """Anything else: the field's resolver is called as graphql-core calls it."""


Reading = Typename | Attribute | Method | Relation | Guard | Resolver

#: Tells of a Strawberry field what only its schema knows; None: nothing is special about it.
Hints = Callable[[Any], Relation | Guard | None]


class RelationLoader(Protocol):
    """Looks up keys in batches."""

    async def fetch(self, keys: list[Any]) -> list[Any]:
        """What the keys stand for, in their order; a failure is the exception in its place."""


class ExecutionContext(Protocol):
    """What `Relation` and `Guard` want of a request's context; other fields do not look at it."""

    @property
    def loaders(self) -> Any:
        """The loaders, each an attribute."""

    def permits(self, field: FieldNode, scopes: tuple[Any, ...]) -> bool:
        """Whether the caller holds all scopes; an exception is the field's error."""


def no_hints(_: Any) -> None:
    """Of a schema that has neither relations nor guards."""
