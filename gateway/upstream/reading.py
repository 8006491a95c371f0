"""Reads a platform's answer into a wire model or an error."""

import re
from dataclasses import dataclass
from typing import Any, Never

import msgspec

from gateway.errors import (
    PlatformCredentials,
    PlatformFailure,
    PlatformQuotaExceeded,
    PlatformRejected,
    PlatformUnavailable,
    PlatformUnreadable,
)
from gateway.logs.redaction import Redactor
from gateway.upstream.envelope_model import with_envelope
from gateway.upstream.error_redaction import fit, named_address, split_request_id, without_secrets
from gateway.upstream.error_table import Complaint, ErrorKind, ErrorTable
from gateway.upstream.lenient_answer import UNREADABLE, LenientDecoder

_OK = range(200, 300)
_REDIRECT = range(300, 400)
_SERVER_ERROR = 500
_TOO_MANY = 429
_REFUSES_CALLER = frozenset({401, 403})
#: If a platform limits calls per minute without saying when to retry.
_NEXT_MINUTE = 60.0
#: Values that say nothing of how a write ended.
_NOTHING = frozenset({b"null", b'""', b"[]", b"{}"})
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_AT_PATH = re.compile(r" - at `([^`]{1,200})`$")


class TokenRefused(Exception):
    """The platform refused the token; without its message, which may repeat the token."""

    def __init__(self, code: str, request_id: str | None, http_status: int) -> None:
        super().__init__(code)
        self.code = code
        self.request_id = request_id
        self.http_status = http_status


@dataclass(frozen=True, slots=True)
class CallName:
    """Whose answer is being read, for the error."""

    shop: str
    endpoint: str


class AnswerReader:
    """Reads answers by one platform's error table."""

    def __init__(self, errors: ErrorTable[Any], secrets: Redactor | None = None) -> None:
        """`secrets` are removed from the platform's messages."""
        self._errors = errors
        self._secrets = secrets or Redactor()
        self._envelope: LenientDecoder[Any] = LenientDecoder(errors.envelope)
        self._joined: dict[type[msgspec.Struct], msgspec.json.Decoder[Any] | None] = {}

    def without_secrets(self, answer: bytes, token: str) -> bytes:
        """A whole answer, without the shop's secrets and the call's access token."""
        return without_secrets(answer, self._secrets, token)

    def fine(self, model: type[msgspec.Struct], body: bytes) -> Any:
        """The wire model of a successful answer, read in one pass.

        None for anything that must pass `check` first, and then be decoded separately.
        """
        try:
            decoder = self._joined[model]
        except KeyError:
            both = with_envelope(model, self._errors.envelope)
            decoder = None if both is None else msgspec.json.Decoder(both)
            self._joined[model] = decoder
        if decoder is None:
            return None
        try:
            value = decoder.decode(body)
        except UNREADABLE:
            return None
        return value if self._errors.read(value) is None else None

    def check(
        self,
        asked: CallName,
        status: int,
        body: bytes,
        *,
        retry_after: float | None = None,
        token: str | None = None,
    ) -> None:
        """Raise if an answer is a refusal.

        `token` is removed from the platform's message, as the shop's secrets are.

        Raises:
            TokenRefused, PlatformFailure: by the error table, else by the HTTP status.
        """
        complaint = self._complaint(asked, status, body)
        if complaint is not None:
            kind = self._errors.kind(complaint)
            if kind is not ErrorKind.OK:
                self._refuse(asked, status, complaint, kind, retry_after, token)
        if status not in _OK:
            words = self._errors.statuses.get(status) or f"with {what_came(body)}"
            _refuse_status(asked, status, words, retry_after)

    def missing_result(self, body: bytes) -> str | None:
        """The member that would say whether a write was done; None if the answer says it."""
        if not self._errors.result:
            return None
        members = _MEMBERS.decode(body)
        for name in self._errors.result:
            if bytes(members.get(name, b"null")) not in _NOTHING:
                return None
        return self._errors.result[0]

    def _complaint(self, asked: CallName, status: int, body: bytes) -> Complaint | None:
        try:
            return self._errors.read(self._envelope.decode(body))
        except UNREADABLE as error:
            if status in _OK:
                raise unreadable(asked, body, error, status) from None
            return None

    def _refuse(
        self,
        asked: CallName,
        status: int,
        complaint: Complaint,
        kind: ErrorKind,
        retry_after: float | None,
        token: str | None,
    ) -> Never:
        words, request_id = split_request_id(complaint.message)
        request_id = complaint.request_id or request_id
        code = fit(complaint.code, self._secrets, token)
        if kind is ErrorKind.TOKEN:
            raise TokenRefused(code, request_id, status)
        failure = {
            ErrorKind.BUSY: PlatformUnavailable,
            ErrorKind.QUOTA: PlatformQuotaExceeded,
            ErrorKind.RATE: PlatformQuotaExceeded,
            ErrorKind.CREDENTIALS: PlatformCredentials,
        }.get(kind, PlatformRejected)
        wait = self._errors.retry_after.get(complaint.code, retry_after)
        refused = failure(
            fit(words, self._secrets, token) or f"{asked.endpoint} was refused with code {code}",
            endpoint=asked.endpoint,
            shop=asked.shop,
            platform_code=code,
            http_status=status,
            request_id=request_id,
            retry_after=_NEXT_MINUTE if wait is None and kind is ErrorKind.RATE else wait,
        )
        if isinstance(refused, PlatformCredentials):
            refused.seen_address = named_address(words)
        raise refused


def _refuse_status(asked: CallName, status: int, words: str, retry_after: float | None) -> Never:
    failure: type[PlatformFailure] = PlatformRejected
    if status in _REDIRECT:
        failure, words = PlatformUnreadable, "with a redirect, which is not followed"
    elif status >= _SERVER_ERROR:
        failure = PlatformUnavailable
    elif status == _TOO_MANY:
        failure, words = PlatformQuotaExceeded, "with too many calls"
        retry_after = _NEXT_MINUTE if retry_after is None else retry_after
    elif status in _REFUSES_CALLER:
        failure = PlatformCredentials
    raise failure(
        f"{asked.endpoint}: the platform answered HTTP {status} {words}",
        endpoint=asked.endpoint,
        shop=asked.shop,
        http_status=status,
        retry_after=retry_after,
    )


def unreadable(asked: CallName, body: bytes, error: Exception, status: int) -> PlatformUnreadable:
    """The error for an answer that does not match the manual; has none of its content."""
    path = _AT_PATH.search(str(error)) if isinstance(error, msgspec.ValidationError) else None
    place = f", wrong at {path[1]}" if path is not None else ""
    return unpromised(asked, body, place, status)


def unpromised(asked: CallName, body: bytes, words: str, status: int) -> PlatformUnreadable:
    """The error for an answer that does not match the manual; `words` say how."""
    return PlatformUnreadable(
        f"{asked.endpoint}: the platform sent {what_came(body)}{words}",
        endpoint=asked.endpoint,
        shop=asked.shop,
        http_status=status,
    )


def what_came(body: bytes) -> str:
    """Type and size of a body, in words; nothing of its content."""
    size = f"of {len(body)} bytes"
    start = body.lstrip()[:15].lower()
    if not start:
        return "an empty body"
    if start.startswith((b"<!doctype html", b"<html")):
        return f"an HTML page {size}"
    if start.startswith(b"<"):
        return f"markup {size}"
    try:
        value = msgspec.json.decode(body)
    except RecursionError:
        return f"JSON nested too deeply {size}"
    except (msgspec.DecodeError, UnicodeDecodeError):
        return f"broken JSON {size}" if start[:1] in b"{[" else f"something other than JSON {size}"
    kinds = {dict: "a JSON object", list: "a JSON array", str: "a JSON string", type(None): "null"}
    return f"{kinds.get(type(value), 'a JSON value')} {size}"
