"""Shows at the end of a run what tests measured, from all workers."""

from collections.abc import Callable

import pytest
from _pytest.terminal import TerminalReporter

Note = Callable[[str], None]
_NAME = "figures"


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Note:
    """Answer a function that takes a line for the end of the run."""
    return lambda line: record_property(_NAME, line)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print the lines of the tests that passed."""
    lines = [
        str(value)
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
        if name == _NAME
    ]
    if lines:
        terminalreporter.section(_NAME)
    for line in lines:
        terminalreporter.write_line(line)
