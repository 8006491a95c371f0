"""Loopback: whether a host name or address is this machine's own."""

from ipaddress import IPv6Address, ip_address


def is_loopback(host: str) -> bool:
    """Whether a host can be reached from this machine alone, by its name or address.

    Names are never resolved: `localhost` and its subdomains are this machine by RFC 6761. An IPv6
    address may be in brackets, and may contain an IPv4 address.
    """
    bare = host.removeprefix("[").removesuffix("]").lower()
    if bare == "localhost" or bare.endswith(".localhost"):
        return True
    try:
        address = ip_address(bare)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
