"""How Baidu says no: the order centre, the gateway before it, and the token call."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from gateway.upstream.error_table import Complaint, ErrorKind, ErrorTable

#: Codes of openapi.baidu.com, before a call reaches the order centre; what is not here refuses
#: one call. The order centre's own `errno` have no published table.
GATEWAY_CODES: Final[Mapping[str, ErrorKind]] = {
    "1": ErrorKind.BUSY,  # unknown error
    "2": ErrorKind.BUSY,  # service temporarily unavailable
    "3": ErrorKind.REJECTED,  # unsupported method
    "4": ErrorKind.QUOTA,  # request limit reached
    "5": ErrorKind.CREDENTIALS,  # the caller's address is not allowed
    "6": ErrorKind.CREDENTIALS,  # no permission
    "17": ErrorKind.QUOTA,  # of the day
    "18": ErrorKind.RATE,  # calls a second
    "19": ErrorKind.QUOTA,  # of all time
    "100": ErrorKind.REJECTED,  # invalid parameter
    "101": ErrorKind.CREDENTIALS,  # invalid API key
    "110": ErrorKind.TOKEN,  # invalid
    "111": ErrorKind.TOKEN,  # expired
}

#: Refusals of the token call (RFC 6749, 5.2); all but the busy ones need a person.
OAUTH_CODES: Final[Mapping[str, ErrorKind]] = {
    "server_error": ErrorKind.BUSY,
    "temporarily_unavailable": ErrorKind.BUSY,
}

#: Seconds to wait.
WAITS: Final[Mapping[str, float]] = {"18": 1.0}


class Envelope(msgspec.Struct, frozen=True):
    """The error fields of any answer of the order centre, or of the gateway before it."""

    error_code: int | str | None = None
    error_msg: str = ""
    errno: int | str = 0
    msg: str = ""
    errmsg: str = ""
    request_id: int | str | None = None
    data: Any = None


def read(envelope: Envelope) -> Complaint | None:
    """The refusal of the whole call; the gateway's word comes first.

    `rows_affected` 0 is a failure although `errno` is 0: of the whole call where it is said of
    every record. Where only some were not applied, each one's outcome is read from the answer.
    """
    request_id = None if envelope.request_id is None else str(envelope.request_id)
    if envelope.error_code is not None and str(envelope.error_code) != "0":
        return Complaint(str(envelope.error_code), envelope.error_msg, request_id)
    errno = str(envelope.errno)
    if errno != "0":
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


ERRORS: Final = ErrorTable(envelope=Envelope, read=read, kinds=GATEWAY_CODES, retry_after=WAITS)


class TokenEnvelope(msgspec.Struct, frozen=True):
    """The error fields of an answer to the token call."""

    error: str | None = None
    error_description: str = ""
    error_code: int | str | None = None
    error_msg: str = ""


def read_token(envelope: TokenEnvelope) -> Complaint | None:
    """The refusal of a token, by the token call or by the gateway before it."""
    if envelope.error is not None:
        kind = OAUTH_CODES.get(envelope.error, ErrorKind.CREDENTIALS)
        return Complaint(envelope.error, envelope.error_description, kind=kind)
    if envelope.error_code is not None and str(envelope.error_code) != "0":
        return Complaint(str(envelope.error_code), envelope.error_msg)
    return None


TOKEN_ERRORS: Final = ErrorTable(
    envelope=TokenEnvelope, read=read_token, kinds=GATEWAY_CODES, retry_after=WAITS
)
