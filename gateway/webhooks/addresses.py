"""Which addresses a webhook may be sent to: no server-side request forgery.

A name is resolved at each call, and the connection goes to the very addresses that were checked,
so that a name whose answer changes between check and connection (DNS rebinding) gains nothing.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from yarl import URL

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
#: From a host's name and a port to its addresses; raises OSError if there are none.
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

#: Characters of a URL.
MAX_URL_LENGTH: Final = 2_048

#: The special-purpose registry of IPv4 (RFC 6890), less what is reachable from everywhere.
_SPECIAL_IPV4: Final = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network, unspecified
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT (CGNAT), metadata of some clouds
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
#: All that is handed out for the public Internet; what is outside is local or reserved.
_GLOBAL_IPV6: Final = IPv6Network("2000::/3")
_SPECIAL_IPV6: Final = tuple(
    ip_network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "3ffe::/16",  # the former 6bone
        "3fff::/20",  # documentation
    )
)
_MAPPED: Final = IPv6Network("::ffff:0:0/96")
#: NAT64 (RFC 6052): what a DNS64 server answers for a host that has IPv4 only.
_NAT64: Final = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR: Final = IPv6Network("2002::/16")
#: Bits 64 to 95 of an ISATAP address (RFC 5214), with the bit for a unique IPv4 address or without.
_ISATAP: Final = frozenset({0x0000_5EFE, 0x0200_5EFE})
_LOW_32: Final = 0xFFFF_FFFF

_LABEL: Final = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_HOST_NAME: Final = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?").fullmatch
_MAX_HOST_LENGTH: Final = 253
#: The last label of what a system's resolver may read as an IPv4 address: decimal or hexadecimal.
_NUMERIC: Final = re.compile(r"[0-9]+|0x[0-9a-f]*").fullmatch
_HTTP: Final = "http"
_HTTPS: Final = "https"


class AddressRefused(Exception):
    """A webhook may not be sent there; the text names no URL, host or address."""


class HostUnknown(Exception):
    """The host's name has no address, or DNS did not answer."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a webhook is sent: a URL, and the addresses that its host had when it was checked."""

    url: URL
    addresses: tuple[Address, ...]


async def resolve_by_system(host: str, port: int) -> list[str]:
    """The addresses of a host by the system's resolver; raises OSError if there are none."""
    found = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
    return [str(address[0]) for *_, address in found]


class AddressPolicy:
    """Checks URLs of endpoints when they are set, and before each call.

    `https` to public addresses is allowed, and to any address in `allowed` also plain `http`.
    With `resolve` None names are left to a proxy, which checks what they resolve to; addresses in
    the URL itself are checked all the same.
    """

    def __init__(self, allowed: Sequence[Network], resolve: Resolve | None) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve

    async def check(self, url: str) -> Destination:
        """Where to connect to; no addresses if a proxy resolves the name.

        Raises:
            AddressRefused: the URL is malformed, or any of its host's addresses is not allowed.
            HostUnknown: the host has no address, or DNS failed: it may succeed later.
        """
        parsed = _parsed(url)
        host = parsed.raw_host or ""
        addresses = await self._addresses(host, parsed.port or 0)
        for address in addresses:
            if not self._admits(address):
                raise AddressRefused(
                    "the host is not on the public Internet: an address of it is private, "
                    "loopback, link-local or reserved"
                )
        if parsed.scheme == _HTTP and not (addresses and all(map(self._is_listed, addresses))):
            raise AddressRefused("expected an https:// URL")
        return Destination(parsed, addresses)

    async def _addresses(self, host: str, port: int) -> tuple[Address, ...]:
        literal = _literal(host)
        if literal is not None:
            return (literal,)
        if self._resolve is None:
            return ()
        try:
            found = await self._resolve(host, port)
            # A zone, as of fe80::1%eth0, is kept: such an address is link-local, and is refused.
            addresses = tuple(dict.fromkeys(map(ip_address, found)))
        except (OSError, ValueError):
            raise HostUnknown("the host's name cannot be resolved") from None
        if not addresses:
            raise HostUnknown("the host's name cannot be resolved")
        return addresses

    def _admits(self, address: Address) -> bool:
        return self._is_listed(address) or is_public(address)

    def _is_listed(self, address: Address) -> bool:
        return any(
            form in network
            for form in (address, *_embedded(address))
            for network in self._allowed
            if form.version == network.version
        )


def is_public(address: Address) -> bool:
    """Whether an address is one of the public Internet.

    An IPv6 address that stands for an IPv4 address (mapped, NAT64, 6to4, ISATAP) is public if that
    one is. A network's own prefix for NAT64 cannot be recognised.
    """
    embedded = tuple(_embedded(address))
    if embedded:
        return all(map(is_public, embedded))
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_IPV4)
    return address in _GLOBAL_IPV6 and not any(address in network for network in _SPECIAL_IPV6)


def _embedded(address: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses to which traffic for an IPv6 address may go."""
    if isinstance(address, IPv4Address):
        return
    bits = int(address)
    low = IPv4Address(bits & _LOW_32)
    if address in _MAPPED or address in _NAT64:
        yield low
    elif address in _SIX_TO_FOUR:
        yield IPv4Address(bits >> 80 & _LOW_32)
    elif bits >> 32 & _LOW_32 in _ISATAP:
        yield low


def _parsed(url: str) -> URL:
    """The URL as it is called.

    Raises:
        AddressRefused: it is none that a webhook can be sent to.
    """
    if len(url) > MAX_URL_LENGTH:
        raise AddressRefused(f"expected a URL of at most {MAX_URL_LENGTH:,} characters")
    # URL parsers drop line breaks and tabs, and disagree on backslashes.
    if not url.isprintable() or " " in url or "\\" in url:
        raise AddressRefused("expected a URL without spaces, line breaks and backslashes")
    try:
        parsed = URL(url)
    except ValueError:
        raise AddressRefused("expected a URL such as https://example.com/hooks") from None
    if parsed.scheme not in {_HTTP, _HTTPS}:
        raise AddressRefused("expected an https:// URL")
    if not parsed.raw_host or not parsed.port:
        raise AddressRefused("expected a URL such as https://example.com/hooks")
    if parsed.raw_user is not None or parsed.raw_password is not None:
        raise AddressRefused("expected a URL without a user or password in it")
    if "#" in url:
        raise AddressRefused("expected a URL without a fragment (#)")
    return parsed


def _literal(host: str) -> Address | None:
    """The address that a URL's host is, None for a name.

    Raises:
        AddressRefused: neither, or an address in a form that parsers read differently, such as
            2130706433, 0x7f.1 or 127.1.
    """
    expected = "expected a host name, or an address in its usual form such as 192.0.2.1"
    try:
        address = ip_address(host)
    except ValueError:
        name = _HOST_NAME(host)
        last = host.removesuffix(".").rpartition(".")[2]
        if name is None or len(host) > _MAX_HOST_LENGTH or _NUMERIC(last):
            raise AddressRefused(expected) from None
        return None
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        raise AddressRefused(expected)
    return address
