"""Tells the caller what a platform would not take, before anything is sent."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.ledger.requirements import InvalidForPlatform
from gateway.ports.writing.problems import Problems
from schema.errors import ErrorCode


@contextmanager
def collecting_violations(problems: Problems, *path: str | int) -> Iterator[None]:
    """A block in which a document is written as its platform takes it: its flaws are noted.

    Their paths begin below `path`.
    """
    try:
        yield
    except InvalidForPlatform as unfit:
        add_violations(unfit, problems, *path)


def add_violations(
    unfit: InvalidForPlatform, problems: Problems, *path: str | int, cut: int = 0
) -> None:
    """Notes every flaw, its path below `path`; `cut` is how many steps of its own go before."""
    for flaw in unfit.flaws:
        code = ErrorCode.UNSUPPORTED_BY_PLATFORM if flaw.unsupported else ErrorCode.INVALID
        problems.add(_sentence(flaw.message), *path, *flaw.path[cut:], code=code)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
