"""China's time, by which platforms and merchants count their days."""

from datetime import date, datetime, time, timedelta, timezone
from typing import Final

#: Seconds by which China's clocks are ahead of UTC.
CHINA_OFFSET: Final = 8 * 3_600
#: China's clocks, which know no summer time.
CHINA: Final = timezone(timedelta(seconds=CHINA_OFFSET))
_DAY: Final = 86_400


def midnight(day: date) -> int:
    """When a day starts in China, in unix seconds."""
    return int(datetime.combine(day, time(), CHINA).timestamp())


def day_start(at: float) -> int:
    """When the day of a time in unix seconds started in China, in unix seconds."""
    return int(at + CHINA_OFFSET) // _DAY * _DAY - CHINA_OFFSET
