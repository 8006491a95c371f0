"""What the caller of a mutation can act on."""

from enum import Enum

from schema.declare import described, public_enum, public_type
from schema.platform_error import PlatformError


@public_enum
class ErrorCode(Enum):
    """Why a mutation did not do all that it was asked for.

    INVALID: the input breaks a rule. NOT_FOUND: an id names nothing. CONFLICT: the thing is in a
    state that does not allow it. FORBIDDEN: the key may not. UNSUPPORTED_BY_PLATFORM: the shop's
    platform cannot. REJECTED_BY_PLATFORM: it refused, see `platformError`. PLATFORM_UNAVAILABLE:
    it could not be reached, and nothing was changed. RATE_LIMITED: its quota is spent.
    OUTCOME_UNKNOWN: its answer never came, so it may have done it; it is not sent again.
    """

    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    FORBIDDEN = "FORBIDDEN"
    UNSUPPORTED_BY_PLATFORM = "UNSUPPORTED_BY_PLATFORM"
    REJECTED_BY_PLATFORM = "REJECTED_BY_PLATFORM"
    PLATFORM_UNAVAILABLE = "PLATFORM_UNAVAILABLE"
    RATE_LIMITED = "RATE_LIMITED"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"


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
