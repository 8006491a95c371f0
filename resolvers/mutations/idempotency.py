"""Idempotent mutations: the payload of one that is repeated under its idempotency key."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING
from functools import wraps
from inspect import isawaitable
from typing import Any

from graphql import GraphQLField, GraphQLResolveInfo, GraphQLSchema
from strawberry.types.base import StrawberryList

from gateway.mutation_progress import (
    LOST_BEFORE,
    WORK,
    MutationProgress,
    PushIds,
    lost_before,
)
from gateway.store.mutation_receipts import enter_field
from resolvers.context import Context
from schema.errors import ErrorCode, UserError
from schema.key import Key
from schema.push import Push, PushState
from schema.scope import Scope


def replay_repeated(schema: GraphQLSchema, in_ledger: Collection[str]) -> GraphQLSchema:
    """The schema, with mutations that are not run again if they are repeated.

    If the earlier run was lost, mutations in `in_ledger` find their work in the ledger or do
    it now, except for calls to platforms, of which they tell themselves; all others return
    OUTCOME_UNKNOWN. If it completed, pushes that were pending then
    are returned in their current state, and all other fields are empty.
    """
    assert schema.mutation_type is not None  # noqa: S101 - ours has mutations
    for name, field in schema.mutation_type.fields.items():
        _guard(name, field, in_ledger=name in in_ledger)
    return schema


def _guard(name: str, field: GraphQLField, *, in_ledger: bool) -> None:
    resolve, payload = field.resolve, _Payload(field)
    if resolve is None:
        raise TypeError(f"Mutation.{name} has no resolver")

    @wraps(resolve)
    async def guarded(root: Any, info: "GraphQLResolveInfo[Any]", **arguments: Any) -> Any:
        work = WORK.get()
        if work is not None:
            work.place = str(info.path.key)
        if not in_ledger and lost_before():
            lost = UserError(code=ErrorCode.OUTCOME_UNKNOWN, message=LOST_BEFORE)
            return payload.make({}, [lost])
        if work is not None and work.shown is not None and work.replays(work.place):
            ids = work.shown.get(str(info.path.key), {})
            return payload.make(await _pushes(ids, info.context), [])
        enter_field(str(info.path.key))
        made = resolve(root, info, **arguments)
        answer = await made if isawaitable(made) else made
        if Scope.PII_READ in info.context.scopes:
            _show_persons(getattr(answer, "user_errors", None) or ())
        if work is not None:
            _record(work, str(info.path.key), answer, payload)
        return answer

    field.resolve = guarded


def _show_persons(errors: Iterable[UserError]) -> None:
    """Lets the messages say what platforms say of persons."""
    for error in errors:
        for part in (error, error.platform_error):
            if part is not None and part.told is not None:
                part.message = part.told


class _Payload:
    """Builds payloads of one mutation without running it."""

    def __init__(self, field: GraphQLField) -> None:
        definition = getattr(field.type, "extensions", {})["strawberry-definition"]
        self._make: Callable[..., Any] = definition.origin
        fields = [one for one in definition.fields if one.name != "user_errors"]
        self.lists = {one.name for one in fields if isinstance(one.type, StrawberryList)}
        self.names = [one.name for one in fields]
        self._needed = [one.name for one in fields if one.default is MISSING]

    def make(self, pushes: Mapping[str, list[Push]], errors: list[UserError]) -> Any:
        values: dict[str, Any] = {name: [] if name in self.lists else 0 for name in self._needed}
        for name, found in pushes.items():
            values[name] = found if name in self.lists else next(iter(found), None)
        return self._make(**values, user_errors=errors)


def _record(work: MutationProgress, place: str, answer: Any, payload: _Payload) -> None:
    """Records the pushes of a payload if one of them is still pending."""
    found_pushes: dict[str, list[Push]] = {}
    for name in payload.names:
        value = getattr(answer, name, None)
        found = value if isinstance(value, list) else [value]
        if pushes := [one for one in found if isinstance(one, Push)]:
            found_pushes[name] = pushes
    if any(push.state is PushState.PENDING for pushes in found_pushes.values() for push in pushes):
        ids = {
            name: [push.key.encode() for push in pushes] for name, pushes in found_pushes.items()
        }
        work.pushes[place] = ids


async def _pushes(ids: PushIds, context: Context) -> dict[str, list[Push]]:
    """The pushes in their current state, without those that no longer exist."""
    found_pushes = {}
    for name, keys in ids.items():
        found = await context.services.pushes.get_many(
            [Key.decode(key) for key in keys], context.viewer
        )
        found_pushes[name] = [push for push in found if isinstance(push, Push)]
    return found_pushes
