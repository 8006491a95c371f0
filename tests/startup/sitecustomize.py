"""Keeps a process on this machine: Python imports it at its start, by its name, from PYTHONPATH.

tests/fixtures_guards.py puts that folder into PYTHONPATH, so the commands that tests start as
processes of their own are guarded too. It needs nothing but the standard library.
"""

import ipaddress
import socket
import sys
from importlib import import_module
from typing import Any

#: What every resolver answers without a name server: such a name does not exist (RFC 6761, 6.4).
NON_EXISTENT = ".invalid"
#: Events that name a host as their first argument and may ask a name server.
_LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}


class OtherHostAsked(Exception):
    """A test reached for something beyond this machine."""


def text_of(host: object) -> str:
    """A host as sockets take it: text, bytes, or nothing for this machine."""
    return host.decode() if isinstance(host, bytes) else str(host or "localhost")


def is_here(host: object) -> bool:
    """Whether a host is this machine, by a name or an address that asks no name server."""
    name = text_of(host)
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def is_address(host: object) -> bool:
    """Whether a host is an address already, which no name server is asked for."""
    try:
        ipaddress.ip_address(text_of(host))
    except ValueError:
        return False
    return True


def check_lookup(host: object) -> None:
    """Refuse a name that a name server would be asked for.

    Raises:
        OtherHostAsked: it is neither localhost nor an address.
        socket.gaierror: it ends in `.invalid`, and so does not exist.
    """
    if text_of(host).endswith(NON_EXISTENT):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    if not is_here(host) and not is_address(host):
        raise OtherHostAsked(f"tests ask no name server: use 127.0.0.1, not {host!r}")


def check_connection(host: object) -> None:
    """Refuse a connection that would leave this machine."""
    if not is_here(host):
        raise OtherHostAsked(f"tests talk to this machine only, not to {host!r}")


def refuse_other_hosts(event: str, args: tuple[Any, ...]) -> None:
    """Stop a look-up or a connection that would leave this machine; an audit hook."""
    if event in _LOOKUPS:
        check_lookup(args[0])
    elif event == "socket.connect" and isinstance(args[1], tuple):
        check_connection(args[1][0])


def _guard_uvloop() -> None:
    """Guard the event loop of `gateway serve`, whose C library raises no audit event."""
    try:
        loop: Any = import_module("uvloop").Loop
    except ImportError:
        return
    look_up, connect = loop.getaddrinfo, loop.create_connection

    async def getaddrinfo(self: Any, host: Any, *args: Any, **more: Any) -> Any:
        check_lookup(host)
        return await look_up(self, host, *args, **more)

    async def create_connection(
        self: Any, factory: Any, host: Any = None, *args: Any, **more: Any
    ) -> Any:
        if host is not None:
            check_lookup(host)
            check_connection(host)
        return await connect(self, factory, host, *args, **more)

    loop.getaddrinfo, loop.create_connection = getaddrinfo, create_connection


def install() -> None:
    """Put the guard in place; it stays until the process ends."""
    sys.addaudithook(refuse_other_hosts)
    _guard_uvloop()


if __name__ == "sitecustomize":
    install()
