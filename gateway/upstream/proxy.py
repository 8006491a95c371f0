"""Proxy and TLS settings of a shop's calls."""

import base64
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit
from urllib.request import proxy_bypass

from yarl import URL

from gateway.errors import ConfigurationError
from gateway.loopback import is_loopback
from gateway.settings import is_proxy_address

_EXPECTED: Final = "an address like http://proxy.example:3128"


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy: it forwards `http`, and opens a tunnel (CONNECT) for `https`."""

    host: str
    port: int
    #: The value of Proxy-Authorization; None without credentials. Never shown.
    authorization: str | None = field(default=None, repr=False)
    #: Whether hosts that NO_PROXY names are reached directly.
    honours_no_proxy: bool = False

    @property
    def url(self) -> URL:
        """Its address, without the credentials."""
        return URL.build(scheme="http", host=self.host, port=self.port)

    def serves(self, host: str) -> bool:
        """Whether requests to `host` go through it; those to this machine never do."""
        return not (is_loopback(host) or (self.honours_no_proxy and proxy_bypass(host)))


@dataclass(frozen=True, slots=True)
class Route:
    """How a pool connects; `tls` None trusts the system's authorities."""

    proxy: Proxy | None = None
    tls: ssl.SSLContext | None = None


def proxy_at(url: str) -> Proxy:
    """The proxy at `http://[user:password@]host[:port]`; port 80 by default.

    Raises:
        ValueError: it is another kind of address, which the message does not repeat.
    """
    if not is_proxy_address(url):
        raise ValueError(f"expected {_EXPECTED}")
    parts = urlsplit(url)
    authorization = None
    if parts.username is not None:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + base64.b64encode(user.encode()).decode()
    return Proxy(parts.hostname or "", parts.port or 80, authorization)


def proxy_of_environment(environment: Mapping[str, str] = os.environ) -> Proxy | None:
    """The proxy of HTTPS_PROXY or https_proxy, or None.

    Raises:
        ConfigurationError: it is not a plain `http://host:port`.
    """
    text = environment.get("https_proxy") or environment.get("HTTPS_PROXY")
    if not text:
        return None
    try:
        proxy = proxy_at(text if "://" in text else f"http://{text}")
    except ValueError:
        raise ConfigurationError(f"HTTPS_PROXY must be {_EXPECTED}") from None
    return Proxy(proxy.host, proxy.port, proxy.authorization, honours_no_proxy=True)


def trusting(ca_file: Path) -> ssl.SSLContext:
    """A TLS context that trusts the authorities of a PEM file besides the system's.

    Raises:
        ConfigurationError: the file cannot be read, or holds no certificate.
    """
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_verify_locations(cafile=ca_file)
    except ssl.SSLError:
        raise ConfigurationError(f"ca_file {ca_file}: it holds no certificate in PEM") from None
    except OSError as error:
        raise ConfigurationError(f"ca_file {ca_file}: {error.strerror}") from None
    return context
