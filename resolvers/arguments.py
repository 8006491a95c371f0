"""Arguments that many fields share: the size of a page, and ids."""

import json
from typing import Final

from gateway.errors import BadUserInput
from schema.key import Key, MalformedId
from schema.page_sizes import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE

#: Characters of an id that a message repeats.
_MAX_SHOWN: Final = 100


def page_size(first: int | None) -> int:
    """The number of entries to return: DEFAULT_PAGE_SIZE if `first` is omitted.

    Raises:
        BadUserInput: fewer than 1 or more than MAX_PAGE_SIZE.
    """
    if first is None:
        return DEFAULT_PAGE_SIZE
    if not 1 <= first <= MAX_PAGE_SIZE:
        raise BadUserInput(f"`first` must be 1 to {MAX_PAGE_SIZE}, but is {first}.")
    return first


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
