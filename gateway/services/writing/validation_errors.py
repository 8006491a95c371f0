"""Turns violations of a platform's requirements into user errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.ledger.requirements import InvalidForPlatform
from gateway.ports.writing.problems import Problems
from schema.errors import ErrorCode


@contextmanager
def collecting_violations(problems: Problems, *path: str | int) -> Iterator[None]:
    """A block that writes a wire form; its violations become problems, with paths below `path`."""
    try:
        yield
    except InvalidForPlatform as unfit:
        add_violations(unfit, problems, *path)


def add_violations(
    unfit: InvalidForPlatform, problems: Problems, *path: str | int, cut: int = 0
) -> None:
    """Adds every violation, its path below `path` without its own first `cut` steps."""
    for violation in unfit.violations:
        code = ErrorCode.UNSUPPORTED_BY_PLATFORM if violation.unsupported else ErrorCode.INVALID
        problems.add(_sentence(violation.message), *path, *violation.path[cut:], code=code)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
