"""The audit log: who did what, and who read personal data."""

from gateway.audit.audit_log import AuditLog, FieldAudit, Origin

__all__ = ["AuditLog", "FieldAudit", "Origin"]
