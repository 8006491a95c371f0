"""Arguments that many fields share: the size of a page, and ids."""

import json
from typing import Final

from gateway.errors import BadUserInput
from gateway.services.cursor import PageArguments
from schema.key import Key, MalformedId
from schema.page_sizes import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE

#: Characters of an id that a message repeats.
_MAX_SHOWN: Final = 100


def page_size(first: int | None) -> int:
    """The number of entries to return: DEFAULT_PAGE_SIZE if `first` is omitted.

    Raises:
        BadUserInput: fewer than 1 or more than MAX_PAGE_SIZE.
    """
    return _size("first", first)


def page_arguments(
    first: int | None, after: str | None, last: int | None = None, before: str | None = None
) -> PageArguments:
    """The page that the arguments of a connection ask for.

    The DEFAULT_PAGE_SIZE entries that follow `after` if neither size is given; that come before
    `before`, if that is.

    Raises:
        BadUserInput: a size that is out of range, or arguments of both directions.
    """
    forwards, backwards = (
        [name for name, given in pair.items() if given is not None]
        for pair in ({"first": first, "after": after}, {"last": last, "before": before})
    )
    if forwards and backwards:
        raise BadUserInput(
            f"`{forwards[0]}` cannot be given with `{backwards[0]}`: `first` and `after` read"
            " forwards, `last` and `before` backwards."
        )
    if backwards:
        return PageArguments(size=_size("last", last), cursor=before, backwards=True)
    return PageArguments(size=_size("first", first), cursor=after)


def _size(name: str, given: int | None) -> int:
    if given is None:
        return DEFAULT_PAGE_SIZE
    if not 1 <= given <= MAX_PAGE_SIZE:
        raise BadUserInput(f"`{name}` must be 1 to {MAX_PAGE_SIZE}, but is {given}.")
    return given


def key_of(text: str, kind: str | None = None) -> Key:
    """The key encoded in an id.

    Raises:
        BadUserInput: not an id of this gateway, or an id of another type than `kind`.
    """
    try:
        key = Key.decode(text)
    except MalformedId:
        raise BadUserInput(
            f"{_shown(text)} is not an id. Use the `id` of an earlier answer, or query by the"
            " platform's own id."
        ) from None
    if kind is not None and key.kind != kind:
        raise BadUserInput(f"{_shown(text)} is the id of type {key.kind}, but {kind} is expected.")
    return key


def _shown(text: str) -> str:
    return json.dumps(
        text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…", ensure_ascii=False
    )
