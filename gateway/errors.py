"""Every error that the gateway raises on purpose, as one tree.

GatewayError
├── ConfigurationError                 the start is refused
├── ClientError                        the caller can mend it
│   ├── BadUserInput                   BAD_USER_INPUT
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
│   └── LedgerUnreadable               STORE_UNAVAILABLE      one value of it cannot be decrypted
└── PlatformFailure                    a call to a platform failed
    ├── PlatformUnavailable            PLATFORM_UNAVAILABLE   no answer, or the platform is busy
    │   ├── PlatformConnectTimeout     PLATFORM_UNAVAILABLE   no connection in time
    │   └── PlatformMalformed          PLATFORM_UNAVAILABLE   an answer that cannot be read
    │       ├── PlatformAnswerTooLarge PLATFORM_UNAVAILABLE   an answer over the configured size
    │       ├── PlatformHeadersTooLarge PLATFORM_UNAVAILABLE  headers over what is read of them
    │       └── PlatformUnreadable     PLATFORM_UNAVAILABLE   a whole answer, but another document
    ├── PlatformTimeout                PLATFORM_TIMEOUT       no answer before the deadline
    ├── PlatformRejected               PLATFORM_REJECTED      the platform understood and refused
    ├── PlatformQuotaExceeded          PLATFORM_QUOTA_EXCEEDED
    ├── AnswerLost                     a write was sent and its answer never came
    └── PlatformCredentials            PLATFORM_CREDENTIALS   app id, secret or address refused
"""

from typing import ClassVar


class GatewayError(Exception):
    """Whatever the gateway raises on purpose; its text is fit for the outside."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ConfigurationError(GatewayError):
    """The configuration is wrong; the text names the file, the key and what was expected."""


class ClientError(GatewayError):
    """The caller sent something that cannot be served as it is."""


class BadUserInput(ClientError):
    """An argument is out of range, malformed, or names something that does not exist."""

    code = "BAD_USER_INPUT"


class Unauthenticated(ClientError):
    """No key was given, or none that is known."""

    code = "UNAUTHENTICATED"


class Forbidden(ClientError):
    """The key is known, but lacks the scope that the field needs."""

    code = "FORBIDDEN"


class CostLimitExceeded(ClientError):
    """The operation is deeper, wider or dearer than one operation may be."""

    code = "COST_LIMIT_EXCEEDED"


class _Retryable(GatewayError):
    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        #: Seconds until another try makes sense.
        self.retry_after = retry_after


class RateLimited(_Retryable, ClientError):
    """The key has spent its points for now."""

    code = "RATE_LIMITED"


class PersistedQueryNotFound(ClientError):
    """The hash is not known: send the document along with it once."""

    code = "PERSISTED_QUERY_NOT_FOUND"


class IdempotencyMismatch(ClientError):
    """The idempotency key was used before, with another operation."""

    code = "IDEMPOTENCY_MISMATCH"


class IdempotencyInProgress(_Retryable, ClientError):
    """The first request with this idempotency key is still under way."""

    code = "IDEMPOTENCY_IN_PROGRESS"


class CursorExpired(ClientError):
    """The cursor is older than what is kept: read the list anew."""

    code = "CURSOR_EXPIRED"


class Overloaded(_Retryable):
    """The gateway has more to do than it can finish in time."""

    code = "OVERLOADED"


class OperationTimeout(GatewayError):
    """The operation did not finish within `limits.timeout`."""

    code = "TIMEOUT"


class StoreUnavailable(GatewayError):
    """The ledger cannot be read or written just now; nothing was changed."""

    code = "STORE_UNAVAILABLE"


class LedgerUnreadable(StoreUnavailable):
    """A value of the ledger cannot be decrypted, or was erased.

    It is about one row, not about the ledger: asked again it comes again, and the others may be
    sound.
    """


class PlatformFailure(GatewayError):
    """A call to a platform failed; the text holds no token, secret or personal datum.

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
        super().__init__(message)
        self.endpoint = endpoint
        self.shop = shop
        #: The platform's own error code, as text; None where it gave none.
        self.platform_code = platform_code
        self.http_status = http_status
        #: The platform's own id of the failed call, for its support.
        self.request_id = request_id
        #: Seconds until another try makes sense; None where nobody knows.
        self.retry_after = retry_after
        self.sent = sent


class PlatformUnavailable(PlatformFailure):
    """No connection, a 5xx, or the platform's own word that it is busy."""


class PlatformConnectTimeout(PlatformUnavailable):
    """No connection within `upstream.connect_timeout`; nothing was sent."""


class PlatformMalformed(PlatformUnavailable):
    """The platform answered with something other than the document its manual promises."""


class PlatformAnswerTooLarge(PlatformMalformed):
    """The answer passed `upstream.max_response_bytes`; a narrower question may fit."""


class PlatformHeadersTooLarge(PlatformMalformed):
    """The answer's headers passed what the gateway reads; asked again, they come again."""


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


class PlatformQuotaExceeded(PlatformFailure):
    """The platform's quota for this call is spent."""

    code = "PLATFORM_QUOTA_EXCEEDED"


class AnswerLost(PlatformFailure):
    """A write was sent and its answer never came: the platform may have done it or not."""

    @classmethod
    def of(cls, failure: PlatformFailure) -> "AnswerLost":
        """What such a failure of a write that must not be repeated is."""
        return cls(
            failure.message,
            endpoint=failure.endpoint,
            shop=failure.shop,
            platform_code=failure.platform_code,
            http_status=failure.http_status,
            request_id=failure.request_id,
        )


class PlatformCredentials(PlatformFailure):
    """The platform refuses the shop's app id, secret, token or the caller's address."""

    code = "PLATFORM_CREDENTIALS"
