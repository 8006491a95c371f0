"""How WeChat's interfaces say no: `errcode` and `errmsg`, and the codes that all of them share."""

from collections.abc import Mapping
from typing import Final

import msgspec

from gateway.upstream.error_table import Complaint, ErrorKind

#: Codes of the platform as a whole (全局返回码); what is not here refuses one call.
GENERAL_CODES: Final[Mapping[str, ErrorKind]] = {
    "-1": ErrorKind.BUSY,
    "-1000": ErrorKind.BUSY,
    "40001": ErrorKind.TOKEN,  # invalid, or not the latest
    "40014": ErrorKind.TOKEN,
    "41001": ErrorKind.TOKEN,  # missing, and so what was sent was empty or cut off
    "42001": ErrorKind.TOKEN,  # expired
    "40013": ErrorKind.CREDENTIALS,  # app id
    "40125": ErrorKind.CREDENTIALS,  # app secret
    "40164": ErrorKind.CREDENTIALS,  # the caller's address is not on the list
    "45035": ErrorKind.CREDENTIALS,  # the same, of the store
    "61004": ErrorKind.CREDENTIALS,  # the same, of a component
    "89503": ErrorKind.CREDENTIALS,  # the address waits for an administrator's word
    "48001": ErrorKind.CREDENTIALS,  # the account may not call this interface
    "48004": ErrorKind.CREDENTIALS,  # the interface was taken from the account
    "50002": ErrorKind.CREDENTIALS,  # the account is limited
    "61007": ErrorKind.CREDENTIALS,  # not granted to the component
    "45009": ErrorKind.QUOTA,
    "45011": ErrorKind.RATE,
}

#: Seconds to wait; "retry next minute" is the platform's own advice.
GENERAL_WAITS: Final[Mapping[str, float]] = {"45011": 60.0}


class Envelope(msgspec.Struct, frozen=True):
    """The error fields of any answer; a page of the manual calls the number a string."""

    errcode: int | str = 0
    errmsg: str | None = None


def complaint(envelope: Envelope) -> Complaint | None:
    """The platform's refusal, None where `errcode` is 0 or absent."""
    code = str(envelope.errcode)
    if code in {"0", ""}:
        return None
    return Complaint(code, envelope.errmsg or "")
