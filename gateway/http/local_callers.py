"""Local callers: programs on the gateway's own machine, not clients behind a proxy on it."""

from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from gateway.http.request import RequestInfo
from gateway.loopback import is_loopback

#: Headers that proxies add to the requests they pass on, besides all of `X-Forwarded-`.
_FORWARDED: Final = frozenset(
    {
        "forwarded",
        "via",
        "x-real-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-original-forwarded-for",
        "x-original-host",
        "x-envoy-external-address",
        "true-client-ip",
        "cf-connecting-ip",
        "fastly-client-ip",
        "fly-client-ip",
        "client-ip",
    }
)
_FORWARDED_PREFIX: Final = "x-forwarded"


class LocalCallers:
    """Recognises local callers, which need no key for the metrics, GraphiQL and mode "open".

    `possible`: False if `server.public_url` names another host. Then a proxy may be in front that
    adds nothing to what it passes on, and no caller counts as local.
    """

    def __init__(self, *, possible: bool) -> None:
        self._possible = possible

    def __call__(self, request: RequestInfo) -> bool:
        """Whether the peer is this machine, nothing was forwarded, and `Host` is this machine.

        The last guards against DNS rebinding: a public page whose name resolves to 127.0.0.1.
        """
        return (
            self._possible
            and request.client is not None
            and _is_loopback(request.client)
            and not _forwarded(request)
            and _names_loopback(request.headers.get("host", ""))
        )


def _forwarded(request: RequestInfo) -> bool:
    return any(name in _FORWARDED or name.startswith(_FORWARDED_PREFIX) for name in request.headers)


@lru_cache(maxsize=64)
def _is_loopback(address: str) -> bool:
    return is_loopback(address)


@lru_cache(maxsize=64)
def _names_loopback(host: str) -> bool:
    try:
        return is_loopback(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False
