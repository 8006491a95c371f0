"""Audited mutations: each root field of a mutation leaves its event in the audit log."""

from collections.abc import Iterator, Mapping, Sequence
from functools import wraps
from inspect import isawaitable
from typing import Any, Final

from graphql import GraphQLField, GraphQLResolveInfo, GraphQLSchema

from gateway.errors import GatewayError
from gateway.mutation_progress import WORK, queueing_for
from gateway.store.mutation_audit import auditing
from resolvers.context import Context
from schema.key import Key, MalformedId
from schema.push import Push

#: The outcome of a mutation that failed because of an error in the gateway.
_INTERNAL: Final = "INTERNAL"


def audit_mutations(schema: GraphQLSchema) -> GraphQLSchema:
    """The schema, with an event in the audit log for each root field of a mutation."""
    assert schema.mutation_type is not None  # noqa: S101 - ours has mutations
    for name, field in schema.mutation_type.fields.items():
        _audit(name, field)
    return schema


def _audit(name: str, field: GraphQLField) -> None:
    resolve = field.resolve
    if resolve is None:
        raise TypeError(f"Mutation.{name} has no resolver")

    @wraps(resolve)
    async def audited(root: Any, info: "GraphQLResolveInfo[Any]", **arguments: Any) -> Any:
        context: Context = info.context
        work = WORK.get()
        with queueing_for(context.viewer.name):
            replays = work is not None and work.replays(str(info.path.key))
            if context.audit is None or replays:
                made = resolve(root, info, **arguments)
                return await made if isawaitable(made) else made
            shops, subject = _given(arguments, context)
            audit = context.audit.field(context.origin, name, shops, subject)
            try:
                with auditing(audit):
                    made = resolve(root, info, **arguments)
                    answer = await made if isawaitable(made) else made
            except GatewayError as refused:
                audit.ended(refused.code)
                raise
            except BaseException:
                audit.ended(_INTERNAL)
                raise
        errors = getattr(answer, "user_errors", ())
        audit.ended(errors[0].code.name if errors else "OK", list(_subjects(answer)))
        return answer

    field.resolve = audited


def _given(arguments: Mapping[str, Any], context: Context) -> tuple[list[str], str | None]:
    """The shops that the arguments name, and the one id among them.

    Only what the caller may see: nothing else that it sent belongs into the log.
    """
    places = _places(arguments)
    ids = _values(arguments, places, "id")
    keys = [key for text in ids if (key := _key(text)) is not None]
    named = [key.shop for key in keys]
    named += [text for name in ("shop", "toShop") for text in _values(arguments, places, name)]
    directory, viewer = context.services.directory, context.viewer
    shops = [shop for shop in dict.fromkeys(named) if directory.find(shop, viewer) is not None]
    seen = [key for key in keys if key.shop in shops]
    return shops, seen[0].encode() if len(seen) == 1 == len(keys) else None


def _places(arguments: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The arguments, their inputs, and the choices of those: where an id or a shop may stand."""
    given = arguments.get("input")
    inputs = given if isinstance(given, list) else [given]
    places = [arguments, *(one for one in inputs if isinstance(one, dict))]
    places += [choice for one in places[1:] for choice in one.values() if isinstance(choice, dict)]
    return places


def _values(
    arguments: Mapping[str, Any], places: Sequence[Mapping[str, Any]], name: str
) -> list[str]:
    """The texts of this name in the places, and the list of them among the arguments."""
    found = [place.get(name) for place in places]
    several = arguments.get(f"{name}s")
    found += several if isinstance(several, list) else []
    return [text for text in found if isinstance(text, str)]


def _key(text: str) -> Key | None:
    try:
        return Key.decode(text)
    except MalformedId:
        return None


def _subjects(answer: Any) -> Iterator[Key]:
    """The things that a payload shows as changed; a push only where there is nothing else."""
    values = list(vars(answer).values()) if hasattr(answer, "__dict__") else []
    shown = [one for value in values for one in (value if isinstance(value, list) else [value])]
    things = [one for one in shown if isinstance(getattr(one, "key", None), Key)]
    others = [one for one in things if not isinstance(one, Push)]
    yield from (one.key for one in others or things)
    deleted = getattr(answer, "deleted_id", None)
    if isinstance(deleted, str) and (key := _key(deleted)) is not None:
        yield key
