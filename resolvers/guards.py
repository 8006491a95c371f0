"""Scope guards of root fields: without the scope a field is null, with a FORBIDDEN error."""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import strawberry

from gateway.errors import Forbidden
from gateway.mutation_progress import note_scopes
from resolvers.context import Context
from schema.declare import scopes_asked, selected_field
from schema.scope import Scope

Resolver = TypeVar("Resolver", bound=Callable[..., Any])
Info = strawberry.Info[Context, None]

CATALOG: Final = (Scope.CATALOG_READ,)
ORDERS: Final = (Scope.ORDERS_READ,)
#: Orders, asked for by what only pii:read shows of them.
ORDERS_OF_BUYER: Final = (Scope.ORDERS_READ, Scope.PII_READ)
ADDRESSES_REVEAL: Final = (Scope.PII_REVEAL,)
OPS: Final = (Scope.OPS_READ,)
AUDIT: Final = (Scope.AUDIT_READ,)
CATALOG_WRITE: Final = (Scope.CATALOG_WRITE,)
ORDERS_WRITE: Final = (Scope.ORDERS_WRITE,)
REFUNDS_WRITE: Final = (Scope.REFUNDS_WRITE,)
OPS_WRITE: Final = (Scope.OPS_WRITE,)


def root_field(description: str) -> Callable[[Resolver], Resolver]:
    """A root field with its description."""
    return cast(Callable[[Resolver], Resolver], strawberry.field(description=description))


def context_for(info: Info, scopes: tuple[Scope, ...], given: object = None) -> Context:
    """The request's context, if the caller holds the scopes, and those that its filter needs.

    Raises:
        Forbidden: a scope is missing.
    """
    field = selected_field(info)
    scopes = (*scopes, *scopes_asked(given))
    note_scopes(scopes)
    if not info.context.permits(field, scopes):
        raise Forbidden(f"{field.name.value} needs a scope that this API key does not have.")
    return info.context


def writing_context(info: Info, scopes: tuple[Scope, ...]) -> Context:
    """As `context_for`, for a mutation: data loaded earlier in the request is read again.

    Raises:
        Forbidden: a scope is missing.
    """
    context = context_for(info, scopes)
    context.forget()
    return context
