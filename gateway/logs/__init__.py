"""Structured logs: JSON for machines, lines for a terminal, and never a secret in either."""

from gateway.logs.configure import configure_logging, installed_redactor
from gateway.logs.redaction import Redactor
from gateway.logs.request_id import REQUEST_ID

__all__ = ["REQUEST_ID", "Redactor", "configure_logging", "installed_redactor"]
