"""Errors of platforms, and errors that the caller of a mutation can fix."""

from enum import Enum

import strawberry

from schema.declare import described, means, public_enum, public_type


@public_type
class PlatformError:
    """The platform's own error, without secrets."""

    #: The message with what it says of a person; None: nothing.
    told: strawberry.Private[str | None] = None

    endpoint: str = described("The platform call that failed.")
    code: str | None = described(
        "The platform's own error code; null if it sent none.", default=None
    )
    message: str = described(
        "The platform's own message, or what was wrong with its answer. What it says of a person"
        " is replaced by […]; errors of pushes and mutations show it with the scope pii:read."
    )
    http_status: int | None = described(
        "The HTTP status; null if it adds nothing to the code.", default=None
    )
    request_id: str | None = described(
        "The platform's own id of the failed call, for its support team.", default=None
    )


@public_enum
class ErrorCode(Enum):
    """Why a mutation failed, in whole or in part."""

    INVALID = means("INVALID", "The input breaks a rule; nothing was sent to the platform.")
    NOT_FOUND = means("NOT_FOUND", "The id or shop does not exist, or the API key cannot see it.")
    CONFLICT = means("CONFLICT", "The object's current state does not allow the change.")
    FORBIDDEN = means("FORBIDDEN", "The API key lacks a scope.")
    UNSUPPORTED_BY_PLATFORM = means(
        "UNSUPPORTED_BY_PLATFORM",
        "The shop's platform does not support it; see `Shop.capabilities`.",
    )
    REJECTED_BY_PLATFORM = means(
        "REJECTED_BY_PLATFORM",
        "The platform rejected it; see `platformError`.",
    )
    PLATFORM_UNAVAILABLE = means(
        "PLATFORM_UNAVAILABLE",
        "The platform could not be reached or was busy. In `userErrors`: nothing was changed.",
    )
    WRITES_OFF = means(
        "WRITES_OFF",
        "Writes to the shop are off in the configuration: nothing was sent. The message has the"
        " call that would have been made, with its body for keys with the scope pii:read.",
    )
    RATE_LIMITED = means("RATE_LIMITED", "The platform's quota is exhausted; nothing was changed.")
    OUTCOME_UNKNOWN = means(
        "OUTCOME_UNKNOWN",
        "The call was sent and no answer arrived: it may or may not have taken effect."
        " The gateway does not send it again.",
    )


@public_type
class UserError:
    """An error that the caller of a mutation can fix.

    As a warning: the change was made, and this part of it did not work.
    """

    #: The message with what it says of a person; None: nothing.
    told: strawberry.Private[str | None] = None

    code: ErrorCode = described("The kind of error.")
    message: str = described(
        "What is wrong, and how to fix it. What a platform says of a person is shown with the"
        " scope pii:read."
    )
    field: list[str] | None = described(
        "The path in the input, such as `skus`, `0`, `price`. It is relative to"
        " `input`; for other arguments it begins with the argument's name. Null if the"
        " error concerns the whole input.",
        default=None,
    )
    platform_error: PlatformError | None = described(
        "The platform's own error; null if the platform did not answer with one.", default=None
    )
