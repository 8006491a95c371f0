"""Checks the API keys, and that nobody else can read them."""

import stat
from pathlib import Path
from typing import Final

from gateway.auth.keys_file import read_keys
from gateway.cli.doctor.finding import Finding, failed, ok, warning
from gateway.errors import ConfigurationError
from gateway.settings import Settings

_SUBJECT: Final = "keys"


def keys_finding(settings: Settings) -> Finding:
    """What there is to say about who may ask."""
    if settings.auth.mode == "open":
        return warning(_SUBJECT, "everyone on this machine may do everything", 'use "keys"')
    path = settings.auth.keys_file
    try:
        good = [record for record in read_keys(path) if record.revoked_at is None]
    except ConfigurationError as error:
        return failed(_SUBJECT, error.message, "restore the file, or remove it and make new keys")
    if not good:
        return warning(
            _SUBJECT, "there is no good key, so nobody can ask", "make one with `gateway keys add`"
        )
    if _others_can_write(path):
        return warning(_SUBJECT, f"{path} can be changed by other users", f"chmod 600 {path}")
    return ok(_SUBJECT, f"{len(good)} good in {path}")


def _others_can_write(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH))
