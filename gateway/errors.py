"""The gateway's exceptions, as one tree.

GatewayError
├── ConfigurationError                 the gateway does not start
├── ClientError                        the caller can fix it
│   ├── BadUserInput                   BAD_USER_INPUT
│   │   └── InputTooLarge              BAD_USER_INPUT         a string or a list over its bound
│   ├── Unauthenticated                UNAUTHENTICATED
│   ├── Forbidden                      FORBIDDEN
│   ├── CostLimitExceeded              COST_LIMIT_EXCEEDED
│   ├── RateLimited                    RATE_LIMITED
│   ├── PersistedQueryNotFound         PERSISTED_QUERY_NOT_FOUND
│   ├── IdempotencyMismatch            IDEMPOTENCY_MISMATCH
│   ├── IdempotencyInProgress          IDEMPOTENCY_IN_PROGRESS
│   └── CursorExpired                  CURSOR_EXPIRED
├── Overloaded                         OVERLOADED
├── OperationTimeout                   TIMEOUT
├── StoreUnavailable                   STORE_UNAVAILABLE
│   ├── StoreBusy                      OVERLOADED             the queue for it is too long
│   ├── StoreTimeout                   TIMEOUT                a statement passed the gateway's limit
│   ├── StoreDamaged                   STORE_UNAVAILABLE      the database reports corruption
│   └── LedgerUnreadable               STORE_UNAVAILABLE      one value cannot be decrypted
└── PlatformFailure                    a call to a platform failed
    ├── PlatformUnavailable            PLATFORM_UNAVAILABLE   no response, or the platform is busy
    │   ├── PlatformConnectTimeout     PLATFORM_UNAVAILABLE   no connection in time
    │   └── PlatformMalformed          PLATFORM_UNAVAILABLE   an unreadable response
    │       ├── PlatformAnswerTooLarge PLATFORM_UNAVAILABLE   a response over the configured size
    │       ├── PlatformHeadersTooLarge PLATFORM_UNAVAILABLE  headers over the limit
    │       └── PlatformUnreadable     PLATFORM_UNAVAILABLE   a whole answer, but another document
    ├── PlatformTimeout                PLATFORM_TIMEOUT       no response before the deadline
    ├── PlatformRejected               PLATFORM_REJECTED      the platform understood and refused
    │   └── WritesOff                  PLATFORM_REJECTED      `writes` of the shop is off
    ├── PlatformQuotaExceeded          PLATFORM_QUOTA_EXCEEDED
    ├── AnswerLost                     a write was sent and no response arrived
    └── PlatformCredentials            PLATFORM_CREDENTIALS   app id, secret or address refused
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from gateway.personal_patterns import hide_personal


class GatewayError(Exception):
    """Base of the gateway's exceptions; the message may be shown to clients."""

    code: ClassVar[str] = "INTERNAL"
    #: Seconds until another try makes sense; None: unknown, or it never does.
    retry_after: float | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        #: The cost of the refused operation, as `extensions.cost` has it; None if unknown.
        self.cost: Mapping[str, Any] | None = None


class ConfigurationError(GatewayError):
    """The configuration is invalid; the message has the file, the key and what was expected."""


class ClientError(GatewayError):
    """The request cannot be served as it is."""


class BadUserInput(ClientError):
    """An argument is out of range, malformed, or names something that does not exist."""

    code = "BAD_USER_INPUT"


class InputTooLarge(BadUserInput):
    """A string or a list of the input is larger than its bound.

    `path` leads to it from an argument or a variable; `unit` is characters, words or entries.
    """

    def __init__(
        self, unit: str, given: int, limit: int, path: Sequence[str | int] = (), place: str = ""
    ) -> None:
        super().__init__(f"{place or 'The input'} has {given:,} {unit}; the limit is {limit:,}")
        self.path = list(path)
        self.unit = unit
        self.given = given
        self.limit = limit

    def inside(self, key: str | int) -> "InputTooLarge":
        """The same, once it is known under which key the value is."""
        self.path.insert(0, key)
        return self

    def at(self, place: str) -> "InputTooLarge":
        """The error to be shown; `place` is what its message calls the input."""
        return InputTooLarge(self.unit, self.given, self.limit, self.path, place)

    @property
    def details(self) -> dict[str, Any]:
        """As `extensions` of the error have it."""
        size = {"unit": self.unit, "given": self.given, "limit": self.limit}
        return {"input": {"path": self.path, **size}}


class Unauthenticated(ClientError):
    """No key was given, or an unknown one."""

    code = "UNAUTHENTICATED"


class Forbidden(ClientError):
    """The key does not have the scope that the field requires."""

    code = "FORBIDDEN"


class CostLimitExceeded(ClientError):
    """The operation exceeds a limit of depth, width or cost."""

    code = "COST_LIMIT_EXCEEDED"


class _Retryable(GatewayError):
    retry_after: float

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RateLimited(_Retryable, ClientError):
    """The key has used up its points for now."""

    code = "RATE_LIMITED"


class PersistedQueryNotFound(ClientError):
    """The hash is unknown: send the document with it once."""

    code = "PERSISTED_QUERY_NOT_FOUND"


class IdempotencyMismatch(ClientError):
    """The idempotency key was used for another operation."""

    code = "IDEMPOTENCY_MISMATCH"


class IdempotencyInProgress(_Retryable, ClientError):
    """The first request with this idempotency key is still running."""

    code = "IDEMPOTENCY_IN_PROGRESS"


class CursorExpired(ClientError):
    """The cursor is older than what is kept: read the list again."""

    code = "CURSOR_EXPIRED"


class Overloaded(_Retryable):
    """The gateway is overloaded."""

    code = "OVERLOADED"


class OperationTimeout(GatewayError):
    """The operation did not finish within `limits.timeout`."""

    code = "TIMEOUT"


class StoreUnavailable(GatewayError):
    """The ledger cannot be read or written now; nothing was changed."""

    code = "STORE_UNAVAILABLE"
    retry_after: float | None = 5.0

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        #: What the operator can do, which may name a file: never for clients. None: nothing.
        self.remedy = remedy


class StoreBusy(StoreUnavailable):
    """The ledger answers, but too many wait for it, or one holds it for long."""

    code = "OVERLOADED"

    def __init__(self, message: str, *, retry_after: float, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after = retry_after


class StoreTimeout(StoreUnavailable):
    """A statement took longer than the gateway lets one take."""

    code = "TIMEOUT"


class StoreDamaged(StoreUnavailable):
    """The database says that it is damaged; only a person can restore it."""

    retry_after = 60.0


class LedgerUnreadable(StoreUnavailable):
    """A value of the ledger cannot be decrypted, or was erased.

    It concerns one row, not the whole ledger: a retry fails again, and other rows may be readable.
    """

    retry_after = None


class PlatformFailure(GatewayError):
    """A call to a platform failed; the message has no token, secret or personal data.

    `told` is the message with what it says of a person: to be shown with pii:read only, and
    stored encrypted.

    `sent` is False only where the request certainly never left the gateway, so that even a
    call that must not be repeated may be sent again.
    """

    code = "PLATFORM_UNAVAILABLE"

    def __init__(  # noqa: PLR0913 - each is a fact of its own about the failed call
        self,
        message: str,
        *,
        endpoint: str,
        shop: str,
        platform_code: str | None = None,
        http_status: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        sent: bool = True,
    ) -> None:
        super().__init__(hide_personal(message))
        self.told = message
        self.endpoint = endpoint
        self.shop = shop
        #: The platform's error code, as text; None: it gave none.
        self.platform_code = platform_code
        self.http_status = http_status
        #: The platform's id of the failed call, for its support.
        self.request_id = request_id
        self.retry_after = retry_after
        self.sent = sent
        #: The platform's answer, personal data and all, without secrets; None: none arrived.
        self.answer: bytes | None = None
        #: The gateway's own address, where the platform refuses it and names it: for the operator,
        #: never for clients.
        self.seen_address: str | None = None


class PlatformUnavailable(PlatformFailure):
    """No connection, a 5xx, or the platform reports that it is busy."""


class PlatformConnectTimeout(PlatformUnavailable):
    """No connection within `upstream.connect_timeout`; nothing was sent."""


class PlatformMalformed(PlatformUnavailable):
    """The response is not the document that the manual describes."""


class PlatformAnswerTooLarge(PlatformMalformed):
    """The answer passed `upstream.max_response_bytes`; a narrower query may fit."""


class PlatformHeadersTooLarge(PlatformMalformed):
    """The answer's headers passed what the gateway reads; a retry fails again."""


class PlatformUnreadable(PlatformMalformed):
    """A whole answer came, but it is not the document that the manual promises.

    It is about what was asked for, not about the platform: the same question gets the same answer
    again, and answers to other questions may be sound.
    """


class PlatformTimeout(PlatformFailure):
    """The deadline passed before the platform answered."""

    code = "PLATFORM_TIMEOUT"


class PlatformRejected(PlatformFailure):
    """The platform understood the call and refused it."""

    code = "PLATFORM_REJECTED"


class WritesOff(PlatformRejected):
    """A change that was not sent, as `writes` of the shop is "off"; `told` has its body."""

    def __init__(self, call: str, body: str, *, endpoint: str, shop: str) -> None:
        """`call` is the method and the path, `body` what would have been sent."""
        message = f'{shop} has writes = "off": nothing was sent. The call would have been {call}'
        super().__init__(message, endpoint=endpoint, shop=shop, sent=False)
        if body:
            self.told = f"{message} with {body}"


class PlatformQuotaExceeded(PlatformFailure):
    """The platform's quota for this call is used up."""

    code = "PLATFORM_QUOTA_EXCEEDED"


class AnswerLost(PlatformFailure):
    """A write was sent and no response arrived: its outcome is unknown."""

    @classmethod
    def of(cls, failure: PlatformFailure) -> "AnswerLost":
        """From the failure of a write that must not be repeated."""
        return cls(
            failure.told,
            endpoint=failure.endpoint,
            shop=failure.shop,
            platform_code=failure.platform_code,
            http_status=failure.http_status,
            request_id=failure.request_id,
        )


class PlatformCredentials(PlatformFailure):
    """The platform refuses the shop's app id, secret, token or the caller's address."""

    code = "PLATFORM_CREDENTIALS"
