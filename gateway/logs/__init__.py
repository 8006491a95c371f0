"""Structured logs: JSON for machines, lines for a terminal, and never a secret in either."""

from gateway.logs.configure import (
    REQUEST_ID,
    configure_logging,
    installed_lines,
    installed_redactor,
    redact_also,
    set_level,
)
from gateway.logs.json_lines import JsonLines
from gateway.logs.redaction import Redactor

__all__ = [
    "REQUEST_ID",
    "JsonLines",
    "Redactor",
    "configure_logging",
    "installed_lines",
    "installed_redactor",
    "redact_also",
    "set_level",
]
