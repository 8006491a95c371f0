"""WeChat's errors: `errcode` and `errmsg`, and the codes common to all interfaces."""

from collections.abc import Mapping
from typing import Final

import msgspec

from gateway.upstream.error_table import Complaint, ErrorKind

#: Global codes of the platform (全局返回码); any other code refuses only that call.
GENERAL_CODES: Final[Mapping[str, ErrorKind]] = {
    "-1": ErrorKind.BUSY,
    "-1000": ErrorKind.BUSY,
    "40001": ErrorKind.TOKEN,  # invalid, or not the latest
    "40014": ErrorKind.TOKEN,
    "41001": ErrorKind.TOKEN,  # missing: the token sent was empty or cut off
    "42001": ErrorKind.TOKEN,  # expired
    "40013": ErrorKind.CREDENTIALS,  # app id
    "40125": ErrorKind.CREDENTIALS,  # app secret
    "40164": ErrorKind.CREDENTIALS,  # caller's address not on the allow list
    "45035": ErrorKind.CREDENTIALS,  # the same, for the store
    "61004": ErrorKind.CREDENTIALS,  # the same, for a component
    "89503": ErrorKind.CREDENTIALS,  # address awaits an administrator's approval
    "48001": ErrorKind.CREDENTIALS,  # the account may not call this interface
    "48004": ErrorKind.CREDENTIALS,  # the interface was revoked for the account
    "50002": ErrorKind.CREDENTIALS,  # the account is restricted
    "61007": ErrorKind.CREDENTIALS,  # not granted to the component
    "45009": ErrorKind.QUOTA,
    "45011": ErrorKind.RATE,
}

#: Seconds to wait; "retry next minute" is the platform's own advice.
GENERAL_WAITS: Final[Mapping[str, float]] = {"45011": 60.0}


class Envelope(msgspec.Struct, frozen=True):
    """Error fields of any response; one page of the manual documents the number as a string."""

    errcode: int | str = 0
    errmsg: str | None = None


def complaint(envelope: Envelope) -> Complaint | None:
    """The platform's refusal; None if `errcode` is 0 or absent."""
    code = str(envelope.errcode)
    if code in {"0", ""}:
        return None
    return Complaint(code, envelope.errmsg or "")
