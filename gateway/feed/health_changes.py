"""Feed of platform health, as far as this process has called the platforms."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final, NamedTuple

from gateway.ports import Adapter, HealthNow
from schema.platform import Availability

#: Seconds between two polls; a poll makes no call.
POLL: Final = 0.5


class _Health(NamedTuple):
    """The part of the health whose change is reported; the time of a call is not."""

    availability: Availability
    error: tuple[str, str, str | None] | None


async def health_changes(
    adapters: Sequence[Adapter], *, poll: float = POLL
) -> AsyncGenerator[Adapter, None]:
    """A shop's adapter each time its availability or last error changes, without an end."""
    known: Mapping[str, _Health] = _health_of_all(adapters)
    while True:
        await asyncio.sleep(poll)
        now = _health_of_all(adapters)
        changed = [one for one in adapters if now[one.shop.key_name] != known[one.shop.key_name]]
        known = now
        for adapter in changed:
            yield adapter


def _health_of_all(adapters: Sequence[Adapter]) -> dict[str, _Health]:
    return {adapter.shop.key_name: _health(adapter.health()) for adapter in adapters}


def _health(now: HealthNow) -> _Health:
    error = now.last_error
    if error is None:
        return _Health(now.availability, None)
    return _Health(now.availability, (error.code, error.endpoint, error.platform_code))
