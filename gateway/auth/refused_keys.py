"""Counts refused API keys by client, and slows down a client that goes on trying."""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from gateway.concurrency.lru_cache import LruCache

#: Refusals of one client that are answered at once, and those of a minute after that.
_BURST: Final = 20.0
_A_MINUTE: Final = 20.0
_SECONDS: Final = 60.0
#: How many clients are counted; those that tried least recently are forgotten.
_CLIENTS: Final = 10_000
#: One client of IPv6 has a whole network of this many bits.
_IPV6_BITS: Final = 64


class RefusedKeys:
    """A bucket of refusals for each client.

    A valid key is never slowed down: clients behind one proxy or address do not lock each other
    out.
    """

    def __init__(self, clock: Callable[[], float], *, clients: int = _CLIENTS) -> None:
        """`clock` is monotonic, in seconds."""
        self._clock = clock
        #: Refusals left, and the time at which they were counted.
        self._buckets: LruCache[str, tuple[float, float]] = LruCache(max_entries=clients)

    def count(self, peer: str | None) -> float | None:
        """Counts a refused key of a client, named by its address.

        Returns:
            None; or the seconds for which the client is to wait, as too many were refused.
        """
        client, now = _client(peer), self._clock()
        left, counted = self._buckets.get(client) or (_BURST, now)
        left = min(_BURST, left + (now - counted) * _A_MINUTE / _SECONDS)
        if left < 1.0:
            self._buckets.put(client, (left, now))
            return (1.0 - left) * _SECONDS / _A_MINUTE
        self._buckets.put(client, (left - 1.0, now))
        return None

    def __len__(self) -> int:
        """How many clients are counted."""
        return len(self._buckets)


def _client(peer: str | None) -> str:
    try:
        address = ip_address(peer or "")
    except ValueError:
        return peer or ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, _IPV6_BITS), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
