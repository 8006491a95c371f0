"""Collects the problems of a mutation's input, so that all are returned at once."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from gateway.errors import GatewayError
from schema.errors import ErrorCode, UserError

#: A path in an input: field names in camelCase, list indexes as text; empty for all of it.
Path: TypeAlias = tuple[str, ...]


class InputRefused(GatewayError):
    """The input is refused; nothing was sent to a platform.

    Becomes the `userErrors` of the mutation's payload.
    """

    def __init__(self, errors: Iterable[UserError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(error.message for error in self.errors))

    @classmethod
    def of(cls, code: ErrorCode, message: str, *field: str) -> "InputRefused":
        """One problem; `field` is its path into the input, none for the whole input."""
        return cls([UserError(code=code, message=message, field=list(field) or None)])


class Problems:
    """The problems of one input.

    Paths are in the input's spelling: camelCase, and list indexes from 0 as text. They begin below
    the argument `input`; those of other arguments begin with the argument's name.
    """

    def __init__(self) -> None:
        self._found: list[UserError] = []
        self._path: tuple[str, ...] = ()

    def below(self, *path: str | int) -> "Problems":
        """The same problems, with paths relative to this field."""
        inner = Problems()
        inner._found = self._found
        inner._path = (*self._path, *map(str, path))
        return inner

    def apart(self) -> "Problems":
        """Problems of their own, with paths relative to the same field."""
        other = Problems()
        other._path = self._path
        return other

    @property
    def found(self) -> Sequence[UserError]:
        """All problems, in the order in which they were added."""
        return self._found

    def add(self, message: str, *path: str | int, code: ErrorCode = ErrorCode.INVALID) -> None:
        """Add a problem of the field at this path."""
        field = [*self._path, *map(str, path)]
        self._found.append(UserError(code=code, message=message, field=field or None))

    def stop(self) -> None:
        """Raise if there is any problem.

        Raises:
            InputRefused: with all problems, in the order in which they were added.
        """
        if self._found:
            raise InputRefused(self._found)


class Absent(GatewayError):
    """The platform does not have the thing to change; becomes NOT_FOUND at the path of its id."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"There is no such {kind}.")
