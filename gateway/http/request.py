"""What the edge knows of a request before it reads the body."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from secrets import token_hex
from typing import Final
from urllib.parse import urlsplit

import msgspec
from starlette.types import Scope

from gateway.logs import REQUEST_ID

_REQUEST_ID_FORM: Final = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
_LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class RequestInfo(msgspec.Struct, frozen=True):
    """One request, as far as its headers tell.

    `headers` has lower-case names; a header that came several times is with_envelope by commas, so
    that two `Authorization` headers make one that no key matches. `client` is the peer's
    address, None where the server does not tell.
    """

    method: str
    headers: Mapping[str, str]
    request_id: str
    client: str | None = None

    @classmethod
    def of(cls, scope: Scope) -> "RequestInfo":
        """Read the ASGI scope of an HTTP request or of a WebSocket."""
        raw = scope["headers"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
        if len(headers) != len(raw):
            headers = _joined(raw)
        client = scope.get("client")
        return cls(
            method=scope.get("method", "GET"),
            headers=headers,
            request_id=REQUEST_ID.get() or request_id_from(headers.get("x-request-id")),
            client=client[0] if client else None,
        )

    def with_headers(self, headers: Mapping[str, str]) -> "RequestInfo":
        """The same request, had it come with these headers."""
        return msgspec.structs.replace(self, headers=headers)

    @property
    def authorization(self) -> str | None:
        """The `Authorization` header, as it came."""
        return self.headers.get("authorization")

    @property
    def fresh(self) -> bool:
        """Whether the platforms shall be read afresh: `Cache-Control: no-cache`."""
        directives = self.headers.get("cache-control")
        if directives is None:
            return False
        return "no-cache" in {part.strip().lower() for part in directives.split(",")}

    @property
    def names_loopback(self) -> bool:
        """Whether the `Host` header is this machine's own name.

        A page of the open web that made its own name point to 127.0.0.1 cannot say so.
        """
        return _is_loopback(self.headers.get("host", ""))


@lru_cache(maxsize=64)
def _is_loopback(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in _LOOPBACK_NAMES
    except ValueError:
        return False


def _joined(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _unique() -> str:
    return token_hex(16)


def request_id_from(given: str | None, unique: Callable[[], str] = _unique) -> str:
    """The caller's own request id where it is 1 to 128 harmless characters, else a new one."""
    if given is not None and _REQUEST_ID_FORM.fullmatch(given):
        return given
    return unique()
