"""What one check of `gateway doctor` found, and how it is shown."""

from dataclasses import dataclass
from enum import Enum


class CheckResult(Enum):
    """How a check went."""

    OK = "ok"
    #: Works, but not as it should.
    WARNING = "warn"
    FAILED = "FAIL"


@dataclass(frozen=True)
class Finding:
    """One line of the report; the remedy is empty where there is nothing to do."""

    outcome: CheckResult
    subject: str
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{self.outcome.value:4}  {self.subject:15}  {self.text}"
        return f"{line}; {self.remedy}" if self.remedy else line


def ok(subject: str, text: str) -> Finding:
    """Nothing to do."""
    return Finding(CheckResult.OK, subject, text)


def warning(subject: str, text: str, remedy: str) -> Finding:
    """Works, but not as it should."""
    return Finding(CheckResult.WARNING, subject, text, remedy)


def failed(subject: str, text: str, remedy: str) -> Finding:
    """Does not work."""
    return Finding(CheckResult.FAILED, subject, text, remedy)
