"""Reads the ids in an input: of the right kind, and of the same shop."""

from gateway.ports.writing.problems import Problems
from schema.errors import ErrorCode
from schema.key import Key, MalformedId


def read_id(text: str, kind: str, shop: str, problems: Problems, *path: str | int) -> Key | None:
    """The key inside an id; None, and a problem at `path`, where it cannot be used there."""
    try:
        key = Key.decode(text)
    except MalformedId:
        problems.add("This is no id: give the `id` of an earlier answer.", *path)
        return None
    if key.kind != kind:
        problems.add(f"This is the id of a {key.kind}, not of a {kind}.", *path)
        return None
    if key.shop != shop:
        message = f"There is no such {kind} in the shop {shop!r}."
        problems.add(message, *path, code=ErrorCode.NOT_FOUND)
        return None
    return key
