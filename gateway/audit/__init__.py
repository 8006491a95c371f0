"""The audit log: who did what, and who read personal data."""

from gateway.audit.audit_log import UNKNOWN_ACTOR, AuditLog, FieldAudit, Origin

__all__ = ["UNKNOWN_ACTOR", "AuditLog", "FieldAudit", "Origin"]
