"""Follows how the shops' platforms fare, as far as this process has called them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final, NamedTuple

from gateway.ports import Adapter, HealthNow
from schema.platform import Availability

#: Seconds between two looks; a look costs no call.
POLL: Final = 0.5


class _Fare(NamedTuple):
    """What makes a difference: not each call, but what came of it."""

    availability: Availability
    error: tuple[str, str, str | None] | None


async def health_changes(
    adapters: Sequence[Adapter], *, poll: float = POLL
) -> AsyncGenerator[Adapter, None]:
    """A shop each time that its availability or its last error became another one, for ever."""
    known: Mapping[str, _Fare] = _fares(adapters)
    while True:
        await asyncio.sleep(poll)
        now = _fares(adapters)
        changed = [one for one in adapters if now[one.shop.key_name] != known[one.shop.key_name]]
        known = now
        for adapter in changed:
            yield adapter


def _fares(adapters: Sequence[Adapter]) -> dict[str, _Fare]:
    return {adapter.shop.key_name: _fare(adapter.health()) for adapter in adapters}


def _fare(now: HealthNow) -> _Fare:
    error = now.last_error
    if error is None:
        return _Fare(now.availability, None)
    return _Fare(now.availability, (error.code, error.endpoint, error.platform_code))
