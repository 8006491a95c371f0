"""Errors: what a platform answered, and what the caller of a mutation can fix."""

from enum import Enum

from schema.declare import described, means, public_enum, public_type


@public_type
class PlatformError:
    """What the platform itself answered, with no secret in it."""

    endpoint: str = described("The call that failed.")
    code: str | None = described("The platform's own error code.", default=None)
    message: str = described("What the platform said, or what was wrong with its answer.")
    http_status: int | None = described(
        "The HTTP status, where it says more than the code.", default=None
    )
    request_id: str | None = described(
        "The platform's own id of the failed call, for its support.", default=None
    )


@public_enum
class ErrorCode(Enum):
    """Why a mutation did not do all that it was asked for."""

    INVALID = means("INVALID", "The input breaks a rule; nothing was sent.")
    NOT_FOUND = means("NOT_FOUND", "An id or a shop names nothing that this key sees.")
    CONFLICT = means("CONFLICT", "The thing is in a state that does not allow it.")
    FORBIDDEN = means("FORBIDDEN", "The key may not.")
    UNSUPPORTED_BY_PLATFORM = means(
        "UNSUPPORTED_BY_PLATFORM",
        "The shop's platform cannot; see `Shop.capabilities`.",
    )
    REJECTED_BY_PLATFORM = means(
        "REJECTED_BY_PLATFORM",
        "The platform refused, in the words of `platformError`.",
    )
    PLATFORM_UNAVAILABLE = means(
        "PLATFORM_UNAVAILABLE",
        "The platform could not be reached, or was busy. Nothing was changed, unless the"
        ' message begins with "It was done".',
    )
    RATE_LIMITED = means("RATE_LIMITED", "The platform's quota is spent; nothing was changed.")
    OUTCOME_UNKNOWN = means(
        "OUTCOME_UNKNOWN",
        "It was sent and its answer never came, so it may be done; it is not sent again.",
    )


@public_type
class UserError:
    """Something the caller can act on. `field` is the path into the input."""

    code: ErrorCode = described("Why.")
    message: str = described("What is wrong, and what to do about it.")
    field: list[str] | None = described(
        "The path into the input, such as `skus`, `0`, `price`; it begins below `input`, and for"
        " other arguments with their name. Null where it concerns all of it.",
        default=None,
    )
    platform_error: PlatformError | None = described(
        "What the platform said, where it spoke.", default=None
    )
