"""Arguments that many fields share: page sizes and ids."""

import json
from collections.abc import Sequence
from typing import Final, TypeVar

from gateway.errors import BadUserInput
from schema.key import Key, MalformedId

T = TypeVar("T")

PAGE: Final = 20
MOST: Final = 100


def page_size(first: int | None) -> int:
    """The number of entries to return: 20 if `first` is omitted.

    Raises:
        BadUserInput: fewer than 1 or more than 100.
    """
    if first is None:
        return PAGE
    if not 1 <= first <= MOST:
        raise BadUserInput(f"`first` must be 1 to {MOST}, but is {first}.")
    return first


def at_most(ids: Sequence[T]) -> Sequence[T]:
    """The same ids, if there are no more than one page holds.

    Raises:
        BadUserInput: more than 100.
    """
    if len(ids) > MOST:
        raise BadUserInput(f"`ids` can have at most {MOST} entries, but has {len(ids)}.")
    return ids


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
    return json.dumps(text if len(text) <= MOST else text[:MOST] + "…", ensure_ascii=False)
