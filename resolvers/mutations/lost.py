"""Answers mutations whose earlier run was lost: nothing is done, and all is OUTCOME_UNKNOWN."""

from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import wraps
from typing import Any, Final

from graphql import GraphQLField, GraphQLSchema
from strawberry.types.base import StrawberryList

from gateway.writes.work import WORK
from schema.user_error import ErrorCode, UserError

_MESSAGE: Final = (
    "The gateway was interrupted while this was under way: it may have been done or not, and is"
    " not done again. Ask for what it should have changed before you send it under another key."
)


def guard_lost(schema: GraphQLSchema) -> GraphQLSchema:
    """The schema, whose mutations do nothing where their earlier run was lost."""
    assert schema.mutation_type is not None  # noqa: S101 - ours has mutations
    for name, field in schema.mutation_type.fields.items():
        _guard(name, field)
    return schema


def _guard(name: str, field: GraphQLField) -> None:
    resolve, payload = field.resolve, _payload_of(field)
    if resolve is None:
        raise TypeError(f"Mutation.{name} has no resolver")

    @wraps(resolve)
    def guarded(root: Any, info: Any, **arguments: Any) -> Any:
        work = WORK.get()
        if work is not None and work.lost:
            return payload()
        return resolve(root, info, **arguments)

    field.resolve = guarded


def _payload_of(field: GraphQLField) -> Callable[[], Any]:
    """Makes the payload that tells nothing but the error."""
    definition = getattr(field.type, "extensions", {})["strawberry-definition"]
    given = {
        one.name: isinstance(one.type, StrawberryList)
        for one in definition.fields
        if one.name != "user_errors" and one.default is MISSING
    }
    known = {one.name for one in fields(definition.origin) if one.init}

    def payload() -> Any:
        error = UserError(code=ErrorCode.OUTCOME_UNKNOWN, message=_MESSAGE)
        values: dict[str, Any] = {
            name: [] if many else 0 for name, many in given.items() if name in known
        }
        return definition.origin(**values, user_errors=[error])

    return payload
