"""How each shop contributed to a list."""

from enum import Enum

from schema.declare import described, means, public_enum, public_type
from schema.platform_error import PlatformError
from schema.scalars import DateTime
from schema.shop import Shop


@public_enum
class SourceState(Enum):
    """How a shop's part of a list came about."""

    LIVE = means("LIVE", "Read from the platform now, or from the gateway's own store.")
    CACHED = means("CACHED", "Read from the platform a moment ago.")
    STALE = means("STALE", "An old answer stands in for a platform that failed; `error` says why.")
    FAILED = means("FAILED", "Nothing came; `error` says why.")
    SKIPPED = means("SKIPPED", "Not asked: its platform has no such list, or has shown all of it.")


@public_type
class Source:
    """How one shop contributed to a list: an outage never hides the other shops' answers."""

    shop: Shop = described("The shop.")
    state: SourceState = described("How it contributed.")
    fetched_at: DateTime | None = described(
        "When its answer was read; null where none was.", default=None
    )
    count: int = described("How many entries of this page are its own.")
    error: PlatformError | None = described(
        "Why it failed, or why an old answer stands in.", default=None
    )
