"""The platform's days, which start at midnight in China."""

from datetime import UTC, date, datetime, time
from typing import Final

#: Seconds by which China's clocks are ahead of UTC.
CHINA: Final = 8 * 3_600


def midnight(day: date) -> int:
    """When a day starts in China, in unix seconds."""
    return int(datetime.combine(day, time(), UTC).timestamp()) - CHINA
