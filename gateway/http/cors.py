"""Lets the configured front ends call the gateway from a browser."""

from collections.abc import Sequence
from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

_REQUEST_HEADERS: Final = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "X-Request-Id",
    "Cache-Control",
)
_SHOWN_HEADERS: Final = ("X-Request-Id", "Retry-After", "ETag")
#: Seconds for which a browser need not ask again.
_MAX_AGE: Final = 3_600


def with_cors(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """The application, open to pages of these exact origins; no cookie is ever taken."""
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=("GET", "POST"),
        allow_headers=_REQUEST_HEADERS,
        expose_headers=_SHOWN_HEADERS,
        max_age=_MAX_AGE,
    )
