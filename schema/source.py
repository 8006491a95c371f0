"""source."""

from enum import Enum

from schema.declare import described, public_enum, public_type
from schema.platform_error import PlatformError
from schema.scalars import DateTime
from schema.shop import Shop


@public_enum
class SourceState(Enum):
    """SourceState."""

    LIVE = "LIVE"
    CACHED = "CACHED"
    STALE = "STALE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@public_type
class Source:
    """How each shop contributed to a list: one platform's outage never hides the others' answers."""

    shop: Shop = described("")
    state: SourceState = described("")
    fetched_at: DateTime | None = described("", default=None)
    count: int = described("")
    error: PlatformError | None = described("", default=None)
