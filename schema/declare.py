"""Declares public types: plain fields, relations, fields that need scopes, inputs and enums."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeVar, cast, dataclass_transform

import strawberry
from graphql import FieldNode, GraphQLField
from strawberry import Info

from schema.context import RequestContext
from schema.input_values import planned_input
from schema.scope import Scope

T = TypeVar("T")
Method = TypeVar("Method", bound=Callable[..., Any])

#: Keys of a field's metadata: how the executor can read it without calling its resolver.
RELATION: Final = "gateway.relation"
GUARD: Final = "gateway.guard"
#: Key of the metadata of a field whose resolver checks the scopes that it needs.
NEEDS: Final = "gateway.needs"
#: Key of an input field's metadata: the scopes that giving it a value needs.
ASKS: Final = "gateway.asks"


def described(description: str, *, default: Any = ..., name: str | None = None) -> Any:
    """A plain field, read from the attribute of the same name.

    `name` is its public name where that is a keyword of Python.
    """
    if default is ...:
        return strawberry.field(name=name, description=description)
    return strawberry.field(name=name, description=description, default=default)


def asking(description: str, *, needs: tuple[Scope, ...], default: Any) -> Any:
    """A field of a filter that needs scopes of its own: its answers tell what it asks for.

    The resolver checks them, with `scopes_asked`. The scopes are appended to the description.
    """
    return strawberry.field(
        description=_with_scopes(description, needs), default=default, metadata={ASKS: needs}
    )


def scopes_asked(given: object) -> tuple[Scope, ...]:
    """The scopes that the values of an input need, besides those of the field that takes it."""
    definition = getattr(type(given), "__strawberry_definition__", None)
    if definition is None:
        return ()
    scopes: dict[Scope, None] = {}
    for field in definition.fields:
        value = getattr(given, field.python_name)
        if value is None or value is strawberry.UNSET:
            continue
        scopes |= dict.fromkeys(field.metadata.get(ASKS, ()))
        scopes |= dict.fromkeys(scopes_asked(value))
    return tuple(scopes)


def loads(
    loader: str,
    *,
    by: str,
    description: str,
    unless: str | None = None,
    needs: tuple[Scope, ...] = (),
    init: Literal[False] = False,  # noqa: ARG001 - read by type checkers only
) -> Any:
    """A relation, resolved by one of the request's data loaders.

    Args:
        loader: the loader's attribute in `RequestContext.loaders`.
        by: the attribute that holds the loader's key; if it is None, the field is null.
        description: the field's public description; the scopes are appended.
        unless: an attribute that holds the value if it is already known, else None.
        needs: scopes besides those of the type that the field is on.
        init: always False; type checkers read it: the constructor does not take the field.
    """

    def resolve(root: Any, info: Info[RequestContext, None]) -> Any:
        if needs and not info.context.permits(selected_field(info), needs):
            return None
        if unless is not None and (known := getattr(root, unless)) is not None:
            return known
        key = getattr(root, by)
        return None if key is None else info.context.related(loader, key, info.path)

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
    """A field that needs scopes of its own: without them it is null, with one FORBIDDEN error.

    A callable attribute is called only if the field is selected. The scopes are appended to
    the description. What needs pii:read is counted for the audit log where it is not null.
    """
    counted = Scope.PII_READ in scopes

    def resolve(root: Any, info: Info[RequestContext, None]) -> Any:
        if not info.context.permits(selected_field(info), scopes):
            return None
        value = getattr(root, attribute)
        if callable(value):
            value = value()
        if counted and value is not None:
            info.context.revealed.append(root)
        return value

    return strawberry.field(
        resolver=resolve,
        description=_with_scopes(description, scopes),
        metadata={GUARD: (attribute, scopes)},
    )


def selected_field(info: Info[Any, Any]) -> FieldNode:
    """The field node in the document that is being resolved."""
    return info._raw_info.field_nodes[0]  # noqa: SLF001 - Strawberry has no public accessor


def derived(description: str, *, needs: tuple[Scope, ...] = ()) -> Callable[[Method], Method]:
    """A computed field; the method's parameters besides `self` and `info` are its arguments.

    `needs` are the scopes that the method checks; the description names them.
    """
    made = strawberry.field(description=description, metadata={NEEDS: needs} if needs else None)
    return cast(Callable[[Method], Method], made)


def scopes_of_field(field: GraphQLField) -> tuple[Scope, ...]:
    """The scopes that a field of an object type needs of its own."""
    definition = field.extensions.get("strawberry-definition")
    metadata: Mapping[str, Any] = getattr(definition, "metadata", {})
    if GUARD in metadata:
        return cast(tuple[Scope, ...], metadata[GUARD][1])
    if RELATION in metadata:
        return cast(tuple[Scope, ...], metadata[RELATION][3])
    return cast(tuple[Scope, ...], metadata.get(NEEDS, ()))


@dataclass_transform(kw_only_default=True, field_specifiers=(described, loads, guarded))
def public_type(cls: type[T]) -> type[T]:
    """An object type; its docstring is its public description."""
    return strawberry.type(cls, description=_text(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(described, loads, guarded))
def public_interface(cls: type[T]) -> type[T]:
    """An interface; its docstring is its public description."""
    return strawberry.interface(cls, description=_text(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(described, asking))
def public_input(cls: type[T]) -> type[T]:
    """An input object; its docstring is its public description."""
    return planned_input(strawberry.input(cls, description=_text(cls)))


@dataclass_transform(kw_only_default=True, field_specifiers=(described,))
def public_choice(cls: type[T]) -> type[T]:
    """A @oneOf input object; its docstring is its public description."""
    return planned_input(strawberry.input(cls, description=_text(cls), one_of=True))


def means(value: str, description: str) -> str:
    """A value of a public enum, with its public description.

    `public_enum` replaces it with the plain string `value`.
    """
    return cast(str, strawberry.enum_value(value, description=description))


def public_enum(cls: type[T]) -> type[T]:
    """An enum; its docstring is its public description, and each value is declared with `means`."""
    declare = cast(Callable[[type[T]], type[T]], strawberry.enum(description=_text(cls)))
    return declare(cls)


def _with_scopes(description: str, scopes: tuple[Scope, ...]) -> str:
    if not scopes:
        return description
    return f"{description} Needs the scope{'s' * (len(scopes) > 1)} {' and '.join(scopes)}."


def _text(cls: type) -> str:
    # GraphiQL renders descriptions as Markdown: lines are joined, paragraphs are kept.
    paragraphs = inspect.cleandoc(cls.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
