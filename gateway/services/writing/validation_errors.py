"""Turns violations of a platform's requirements into user errors."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

from gateway.ledger.requirements import InvalidForPlatform
from gateway.ports import UnsentField
from gateway.ports.writing.problems import Path, Problems
from schema.errors import ErrorCode


def unmoved(path: Path) -> Path:
    """The path of a field that the input has at the same place."""
    return path


@contextmanager
def collecting_violations(problems: Problems, *path: str | int) -> Iterator[None]:
    """A block that writes a wire form; its violations become problems, with paths below `path`."""
    try:
        yield
    except InvalidForPlatform as unfit:
        add_violations(unfit, problems, lambda own: (*map(str, path), *own))


def add_violations(
    unfit: InvalidForPlatform, problems: Problems, placed: Callable[[Path], Path]
) -> None:
    """Adds every violation; `placed` turns its path into that of the input.

    What has no place of its own in the input is named in the message.
    """
    for violation in unfit.violations:
        code = ErrorCode.UNSUPPORTED_BY_PLATFORM if violation.unsupported else ErrorCode.INVALID
        path = placed(violation.path)
        elsewhere = path[-1:] != violation.path[-1:]
        words = _sentence(violation.message)
        problems.add(
            f"{'.'.join(violation.path)}: {words}" if elsewhere else words, *path, code=code
        )


def add_unsent(
    unsent: Iterable[UnsentField],
    noted: Problems,
    given: Collection[str] | None = None,
    placed: Callable[[Path], Path] = unmoved,
) -> None:
    """Adds what the platform has no place for to the warnings in `noted`.

    `given` are the fields with which paths must begin; None: any. `placed` as above.
    """
    for one in unsent:
        if given is None or one.path[0] in given:
            message = _sentence(one.message)
            noted.add(message, *placed(one.path), code=ErrorCode.UNSUPPORTED_BY_PLATFORM)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
