"""Binds a port before anything else starts, so that a busy one is a short error."""

import errno
import socket

from gateway.errors import ConfigurationError


def listen(host: str, port: int, option: str) -> socket.socket:
    """A socket bound to the address; `option` names what changes the port.

    Raises:
        ConfigurationError: the port is busy or not allowed, or the host is not of this machine.
    """
    try:
        found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
        )
    except OSError:
        raise ConfigurationError(f"{host} is not an address of this machine") from None
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Listen at once: two sockets can be bound to a port until one of them listens.
        listener.listen()
    except OSError as error:
        listener.close()
        raise ConfigurationError(_refusal(error, host, port, option)) from None
    listener.set_inheritable(True)
    return listener


def port_of(listener: socket.socket) -> int:
    """The port that a socket listens on, even if the system chose it."""
    return int(listener.getsockname()[1])


def _refusal(error: OSError, host: str, port: int, option: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is busy; choose another with {option}"
    if error.errno == errno.EACCES:
        return f"port {port} on {host} is not allowed to this user; choose another with {option}"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine"
    return f"port {port} on {host} cannot be listened on: {error.strerror}"
