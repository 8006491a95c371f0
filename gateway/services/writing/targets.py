"""Resolves the target of a mutation: its shop, the shop's port, and the key in an id."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from gateway.ports import Adapter
from gateway.ports.writing.problems import InputRefused, Problems
from gateway.services.directory import Directory, unsupported
from gateway.services.viewer import Viewer
from schema.errors import ErrorCode
from schema.key import Key, MalformedId

Port = TypeVar("Port")


class Targets:
    """Among the shops that the viewer can see."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def port(
        self,
        shop: str,
        viewer: Viewer,
        choose: Callable[[Adapter], Port | None],
        ability: str,
        *field: str,
    ) -> Port:
        """One shop's port; `field` is the path of what named the shop.

        Raises:
            InputRefused: NOT_FOUND, no such shop for this viewer; UNSUPPORTED_BY_PLATFORM, its
                platform has no such `ability`.
        """
        adapter = self._directory.find(shop, viewer)
        if adapter is None:
            known = ", ".join(one.shop.key_name for one in self._directory.all(viewer)) or "none"
            raise InputRefused.of(
                ErrorCode.NOT_FOUND,
                f'There is no shop "{shop}". Shops of this API key: {known}.',
                *field,
            )
        found = choose(adapter)
        if found is None:
            message = unsupported([adapter], ability)
            raise InputRefused.of(ErrorCode.UNSUPPORTED_BY_PLATFORM, message, *field)
        return found


def target_key(text: str, kind: str, *field: str) -> Key:
    """The key in an id.

    Raises:
        InputRefused: INVALID, it is not an id, or one of another type.
    """
    problems = Problems()
    key = read_key(text, kind, problems, *field)
    problems.stop()
    assert key is not None  # noqa: S101 - without a key there is a problem
    return key


def read_key(text: str, kind: str, problems: Problems, *field: str | int) -> Key | None:
    """The key in an id; None, and a problem, if it is not an id of this type."""
    return read_key_of(text, (kind,), problems, *field)


def read_key_of(
    text: str, kinds: Sequence[str], problems: Problems, *field: str | int
) -> Key | None:
    """The key in an id; None, and a problem, if it is not an id of one of these types."""
    try:
        key = Key.decode(text)
    except MalformedId:
        problems.add("Not a valid id: use the `id` of an object that the API returned.", *field)
        return None
    if key.kind not in kinds:
        expected = " or ".join(kinds)
        problems.add(f"Expected the id of a {expected}; this is the id of a {key.kind}.", *field)
        return None
    return key
