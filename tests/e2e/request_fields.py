"""The fields of requests that hold no others: of their models, and as platforms received them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from gateway.upstream.endpoint import BodyKind, Endpoint
from tests.fixtures_sandbox import Sandbox

Row = Endpoint[Any, Any]


def fields_of(rows: Iterable[Row]) -> set[tuple[str, ...]]:
    """The fields of the requests of calls, each after the call's path."""
    return {
        (_name(row), *path)
        for row in rows
        for path in _leaves(msgspec.inspect.type_info(row.request))
    }


def fields_seen(sandbox: Sandbox, rows: Sequence[Row]) -> set[tuple[str, ...]]:
    """Those that the sandbox has received."""
    binary = {
        _name(row): next(
            one.encode_name
            for one in msgspec.structs.fields(row.request)
            if one.name not in row.query_fields
        )
        for row in rows
        if row.body is BodyKind.BYTES
    }
    found = set()
    for request in sandbox.requests():
        name, body = request["endpoint"], request["body"]
        if name in binary:
            body = {binary[name]: body}
        found |= {(name, *path) for part in (request["query"], body) for path in _sent(part)}
    return found


def _leaves(kind: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of the fields of a request that hold no others."""
    if isinstance(kind, msgspec.inspect.StructType):
        for field in kind.fields:
            yield from _leaves(field.type, (*path, field.encode_name))
    elif isinstance(kind, msgspec.inspect.UnionType):
        for one in kind.types:
            if not isinstance(one, msgspec.inspect.NoneType):
                yield from _leaves(one, path)
    elif isinstance(kind, msgspec.inspect.VarTupleType | msgspec.inspect.ListType):
        yield from _leaves(kind.item_type, path)
    elif isinstance(kind, msgspec.inspect.TupleType):
        yield from _leaves(kind.item_types[0], path)
    else:
        yield path


def _sent(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The same of a request as received."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _sent(inner, (*path, name))
    elif isinstance(value, list):
        for inner in value:
            yield from _sent(inner, path)
    else:
        yield path


def _name(row: Endpoint[Any, Any]) -> str:
    action = row.query.get("action")
    return f"{row.path}?action={action}" if action else row.path
