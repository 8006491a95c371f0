"""Arguments that many fields share: how many entries, and ids."""

from collections.abc import Sequence
from typing import Final, TypeVar

from gateway.errors import BadUserInput
from schema.key import Key, MalformedId

T = TypeVar("T")

PAGE: Final = 20
MOST: Final = 100


def page_size(first: int | None) -> int:
    """How many entries are wanted: 20 where nothing is said.

    Raises:
        BadUserInput: fewer than 1 or more than 100.
    """
    if first is None:
        return PAGE
    if not 1 <= first <= MOST:
        raise BadUserInput(f"`first` is {first}: ask for 1 to {MOST} entries.")
    return first


def at_most(ids: Sequence[T]) -> Sequence[T]:
    """The ids, once it is sure that they are no more than a page.

    Raises:
        BadUserInput: more than 100.
    """
    if len(ids) > MOST:
        raise BadUserInput(f"`ids` has {len(ids)} entries: give at most {MOST}.")
    return ids


def key_of(text: str, kind: str | None = None) -> Key:
    """The key inside an id.

    Raises:
        BadUserInput: it is no id of this gateway, or one of another type than `kind`.
    """
    try:
        key = Key.decode(text)
    except MalformedId:
        raise BadUserInput(
            f"{_shown(text)} is no id: give the `id` of an earlier answer,"
            " or ask by the platform's own id."
        ) from None
    if kind is not None and key.kind != kind:
        raise BadUserInput(f"{_shown(text)} is the id of a {key.kind}, not of a {kind}.")
    return key


def _shown(text: str) -> str:
    return repr(text if len(text) <= MOST else text[:MOST] + "…")
