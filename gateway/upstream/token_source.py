"""Source of one app's access tokens: how they are fetched."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.upstream.access_token import TokenFetcher
from gateway.upstream.client import PlatformClient
from gateway.upstream.error_table import ErrorTable


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSource:
    """How tokens are fetched from a platform.

    `fetcher` gets a client that sends no token and reads errors by `errors`. `credentials`
    is a fingerprint (`gateway.upstream.access_token.fingerprint`), never the secret.
    """

    fetcher: Callable[[PlatformClient], TokenFetcher]
    errors: ErrorTable[Any]
    credentials: str
    #: The shop's secrets, which no message of the platform may show.
    secrets: tuple[str, ...] = field(default=(), repr=False)
