"""Logging is the process's own: what a test sets up ends with it."""

import logging
from collections.abc import Iterator

import pytest
import structlog

#: structlog's default renders tracebacks with all local variables, which takes the loop of a
#: gateway in this process two seconds each.
structlog.configure(
    processors=[
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    """Put the root logger's handlers and structlog back when the test ends."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.configure(**before)
