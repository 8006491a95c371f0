"""How public types are declared: plain fields, relations, and fields behind a scope."""

import inspect
from collections.abc import Callable
from typing import Any, Final, Literal, TypeVar, cast, dataclass_transform

import strawberry
from graphql import FieldNode
from strawberry import Info

from schema.context import RequestContext
from schema.scope import Scope

T = TypeVar("T")
Method = TypeVar("Method", bound=Callable[..., Any])

#: Where a field's metadata says how the executor may read it without calling its resolver.
RELATION: Final = "gateway.relation"
GUARD: Final = "gateway.guard"


def described(description: str, *, default: Any = ...) -> Any:
    """A plain field: the attribute of the same name is its value."""
    if default is ...:
        return strawberry.field(description=description)
    return strawberry.field(description=description, default=default)


def loads(
    loader: str,
    *,
    by: str,
    description: str,
    unless: str | None = None,
    needs: tuple[Scope, ...] = (),
    init: Literal[False] = False,  # noqa: ARG001 - read by type checkers only
) -> Any:
    """A relation: one look-up in a loader of the request.

    Args:
        loader: name of the loader in `RequestContext.loaders`.
        by: the attribute that holds the loader's key; None there means null here.
        description: what the public schema says of the field; the scopes are added.
        unless: an attribute that holds the answer where it is already known, else None.
        needs: scopes besides those of the type that the field is on.
        init: always False; tells type checkers that the constructor does not take it.
    """

    def resolve(root: Any, info: Info[RequestContext, None]) -> Any:
        if needs and not info.context.permits(selected_field(info), needs):
            return None
        if unless is not None and (known := getattr(root, unless)) is not None:
            return known
        key = getattr(root, by)
        return None if key is None else getattr(info.context.loaders, loader).load(key)

    return strawberry.field(
        resolver=resolve,
        description=_with_scopes(description, needs),
        metadata={RELATION: (loader, by, unless, needs)},
    )


def guarded(
    attribute: str,
    scopes: tuple[Scope, ...],
    *,
    description: str,
    init: Literal[False] = False,  # noqa: ARG001 - read by type checkers only
) -> Any:
    """A field that needs scopes of its own: null, with one FORBIDDEN error, without them.

    A callable attribute is called, so that what is seldom asked is built only then. The scopes
    are added to the description.
    """

    def resolve(root: Any, info: Info[RequestContext, None]) -> Any:
        if not info.context.permits(selected_field(info), scopes):
            return None
        value = getattr(root, attribute)
        return value() if callable(value) else value

    return strawberry.field(
        resolver=resolve,
        description=_with_scopes(description, scopes),
        metadata={GUARD: (attribute, scopes)},
    )


def selected_field(info: Info[Any, Any]) -> FieldNode:
    """Where the document selects the field that is being resolved."""
    return info._raw_info.field_nodes[0]  # noqa: SLF001 - Strawberry has no public way to it


def derived(description: str) -> Callable[[Method], Method]:
    """A field that a method computes; what it takes besides `self` and `info` are arguments."""
    return cast(Callable[[Method], Method], strawberry.field(description=description))


@dataclass_transform(kw_only_default=True, field_specifiers=(described, loads, guarded))
def public_type(cls: type[T]) -> type[T]:
    """An object type, described by its docstring."""
    return strawberry.type(cls, description=_text(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(described, loads, guarded))
def public_interface(cls: type[T]) -> type[T]:
    """An interface, described by its docstring."""
    return strawberry.interface(cls, description=_text(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(described,))
def public_input(cls: type[T]) -> type[T]:
    """An input object, described by its docstring."""
    return strawberry.input(cls, description=_text(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(described,))
def public_choice(cls: type[T]) -> type[T]:
    """An input object of which exactly one field is given (@oneOf), described by its docstring."""
    return strawberry.input(cls, description=_text(cls), one_of=True)


def means(value: str, description: str) -> str:
    """A value of a public enum, with what the public schema says of it.

    It is a string once `public_enum` has declared the enum: that puts `value` in its place.
    """
    return cast(str, strawberry.enum_value(value, description=description))


def public_enum(cls: type[T]) -> type[T]:
    """An enumeration, described by its docstring; each value says what it `means`."""
    declare = cast(Callable[[type[T]], type[T]], strawberry.enum(description=_text(cls)))
    return declare(cls)


def _with_scopes(description: str, scopes: tuple[Scope, ...]) -> str:
    if not scopes:
        return description
    return f"{description} Needs the scope{'s' * (len(scopes) > 1)} {' and '.join(scopes)}."


def _text(cls: type) -> str:
    return " ".join(inspect.cleandoc(cls.__doc__ or "").split())
