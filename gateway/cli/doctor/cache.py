"""Checks that the cache can be reached."""

from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.cli.doctor.finding import Finding, failed, ok
from gateway.settings import Settings

_SUBJECT: Final = "cache"
#: Seconds.
_TIMEOUT: Final = 5.0


async def cache_finding(settings: Settings) -> Finding:
    """What there is to say about the configured cache."""
    if settings.cache.is_memory:
        return ok(_SUBJECT, "is the memory of the one process")
    redis = Redis.from_url(
        settings.cache.url.get_secret_value(),
        socket_connect_timeout=_TIMEOUT,
        socket_timeout=_TIMEOUT,
    )
    try:
        await redis.ping()
    except (RedisError, OSError) as error:
        # Its text may repeat the address, and with it the password.
        return failed(
            _SUBJECT, f"Redis does not answer ({type(error).__name__})", "check cache.url"
        )
    finally:
        await redis.aclose()
    return ok(_SUBJECT, "Redis answers")
