"""Gathers what is wrong with a mutation's input, so that the caller learns all of it at once."""

from collections.abc import Iterable
from typing import TypeAlias

from gateway.errors import GatewayError
from schema.errors import ErrorCode, UserError

#: A path in an input: field names in camelCase, list indexes as text; empty for all of it.
Path: TypeAlias = tuple[str, ...]


class InputRefused(GatewayError):
    """The input cannot be carried out as it is; nothing was sent to a platform.

    Becomes the `userErrors` of the mutation's payload.
    """

    def __init__(self, errors: Iterable[UserError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(error.message for error in self.errors))

    @classmethod
    def of(cls, code: ErrorCode, message: str, *field: str) -> "InputRefused":
        """One problem; `field` is its path into the input, none where it concerns all of it."""
        return cls([UserError(code=code, message=message, field=list(field) or None)])


class Problems:
    """The problems of one input.

    Paths are spelled as callers spell them: camelCase, and places in lists from 0 as text. They
    begin below the argument `input`; other arguments begin with their own name.
    """

    def __init__(self) -> None:
        self._found: list[UserError] = []
        self._path: tuple[str, ...] = ()

    def below(self, *path: str | int) -> "Problems":
        """The same problems, with paths told from this field on."""
        inner = Problems()
        inner._found = self._found
        inner._path = (*self._path, *map(str, path))
        return inner

    def add(self, message: str, *path: str | int, code: ErrorCode = ErrorCode.INVALID) -> None:
        """Note what is wrong with the field at this path."""
        field = [*self._path, *map(str, path)]
        self._found.append(UserError(code=code, message=message, field=field or None))

    def stop(self) -> None:
        """Go no further if anything was noted.

        Raises:
            InputRefused: with all problems, in the order in which they were noted.
        """
        if self._found:
            raise InputRefused(self._found)


class Absent(GatewayError):
    """The platform has no such thing to change; becomes NOT_FOUND at the path of its id."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"There is no such {kind}.")
