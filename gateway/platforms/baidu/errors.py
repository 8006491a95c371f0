"""Baidu's errors: the order centre, the API gateway in front of it, and the token call."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from gateway.upstream.error_table import Complaint, ErrorKind, ErrorTable

#: Codes of openapi.baidu.com, before a call reaches the order centre; any other code refuses
#: only that call. The order centre's own `errno` values are not published.
GATEWAY_CODES: Final[Mapping[str, ErrorKind]] = {
    "1": ErrorKind.BUSY,  # unknown error
    "2": ErrorKind.BUSY,  # service temporarily unavailable
    "3": ErrorKind.REJECTED,  # unsupported method
    "4": ErrorKind.QUOTA,  # request limit reached
    "5": ErrorKind.CREDENTIALS,  # caller's address not allowed
    "6": ErrorKind.CREDENTIALS,  # no permission
    "17": ErrorKind.QUOTA,  # per day
    "18": ErrorKind.RATE,  # calls per second
    "19": ErrorKind.QUOTA,  # lifetime total
    "100": ErrorKind.REJECTED,  # invalid parameter
    "101": ErrorKind.CREDENTIALS,  # invalid API key
    "110": ErrorKind.TOKEN,  # invalid
    "111": ErrorKind.TOKEN,  # expired
}

#: Errors of the token call (RFC 6749, 5.2); all but the busy ones need manual action.
OAUTH_CODES: Final[Mapping[str, ErrorKind]] = {
    "server_error": ErrorKind.BUSY,
    "temporarily_unavailable": ErrorKind.BUSY,
}

#: Seconds to wait.
WAITS: Final[Mapping[str, float]] = {"18": 1.0}


class Envelope(msgspec.Struct, frozen=True):
    """Error fields of any response of the order centre or of the API gateway in front of it."""

    error_code: int | str | None = None
    error_msg: str = ""
    errno: int | str = 0
    msg: str = ""
    errmsg: str = ""
    request_id: int | str | None = None
    data: Any = None


def read(envelope: Envelope) -> Complaint | None:
    """The refusal of the whole call; an error of the API gateway takes precedence.

    `rows_affected` 0 is a failure even if `errno` is 0. The whole call failed if every record
    has it; if only some do, each outcome is read from the response.
    """
    request_id = None if envelope.request_id is None else str(envelope.request_id)
    if envelope.error_code is not None and str(envelope.error_code) != "0":
        return Complaint(str(envelope.error_code), envelope.error_msg, request_id)
    errno = str(envelope.errno)
    if errno not in {"0", ""}:
        words = envelope.msg or envelope.errmsg
        return Complaint(errno, words, request_id, ErrorKind.REJECTED)
    rows = list(_rows(envelope.data))
    if rows and set(rows) == {"0"}:
        words = "nothing was changed (rows_affected 0)"
        return Complaint(errno, words, request_id, ErrorKind.REJECTED)
    return None


def _rows(data: Any) -> Iterator[str]:
    for record in data if isinstance(data, list) else ():
        if isinstance(record, dict) and "rows_affected" in record:
            yield str(record["rows_affected"])


ERRORS: Final = ErrorTable(
    envelope=Envelope, read=read, kinds=GATEWAY_CODES, result=("errno",), retry_after=WAITS
)


class TokenEnvelope(msgspec.Struct, frozen=True):
    """Error fields of a token response."""

    error: str | None = None
    error_description: str = ""
    error_code: int | str | None = None
    error_msg: str = ""


def read_token(envelope: TokenEnvelope) -> Complaint | None:
    """The refusal of a token, by the token call or by the API gateway in front of it."""
    if envelope.error is not None:
        kind = OAUTH_CODES.get(envelope.error, ErrorKind.CREDENTIALS)
        return Complaint(envelope.error, envelope.error_description, kind=kind)
    if envelope.error_code is not None and str(envelope.error_code) != "0":
        return Complaint(str(envelope.error_code), envelope.error_msg)
    return None


TOKEN_ERRORS: Final = ErrorTable(
    envelope=TokenEnvelope, read=read_token, kinds=GATEWAY_CODES, retry_after=WAITS
)
