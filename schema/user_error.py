"""What the caller of a mutation can act on."""

from enum import Enum

from schema.declare import described, public_enum, public_type
from schema.platform_error import PlatformError


@public_enum
class ErrorCode(Enum):
    """ErrorCode."""

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

    code: ErrorCode = described("")
    message: str = described("")
    field: list[str] | None = described("", default=None)
    platform_error: PlatformError | None = described("", default=None)
