"""Structured logs: JSON for machines, lines for a terminal, and never a secret in either."""

from gateway.logs.configure import REQUEST_ID, configure_logging, installed_redactor
from gateway.logs.redaction import Redactor

__all__ = ["REQUEST_ID", "Redactor", "configure_logging", "installed_redactor"]
