"""Sections of resources: store, cache, limits, calls to platforms."""

import base64
import binascii
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo

from gateway.settings.section import (
    Count,
    CountOrNone,
    FilePath,
    Network,
    ProxyAddress,
    Seconds,
    SecondsOrNone,
    Secret,
    Section,
    matching_secret,
    resolved,
)

_SQLITE: Final = "sqlite:///"
_POSTGRESQL: Final = "postgresql://"
_MEMORY: Final = "memory://"
_REDIS: Final = ("redis://", "rediss://")
_KEY_BYTES: Final = 32


def _is_encryption_key(text: str) -> bool:
    try:
        if len(text) == 2 * _KEY_BYTES:
            return len(bytes.fromhex(text)) == _KEY_BYTES
        plain = text.replace("-", "+").replace("_", "/")
        return len(base64.b64decode(plain, validate=True)) == _KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def _is_store_address(text: str) -> bool:
    if text.startswith(_SQLITE):
        # An in-memory database is a separate one for each connection.
        return text not in {_SQLITE, f"{_SQLITE}:memory:"}
    parts = urlsplit(text)
    # A Unix socket is a folder in the query.
    return text.startswith(_POSTGRESQL) and bool(parts.hostname or "host=" in parts.query)


def _is_cache_address(text: str) -> bool:
    return text == _MEMORY or (text.startswith(_REDIS) and bool(urlsplit(text).hostname))


def _beside_the_file(url: SecretStr, info: ValidationInfo) -> SecretStr:
    text = url.get_secret_value()
    if not text.startswith(_SQLITE):
        return url
    return SecretStr(f"{_SQLITE}{resolved(text.removeprefix(_SQLITE), info)}")


StoreAddress = Annotated[
    SecretStr,
    matching_secret(
        _is_store_address, "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"
    ),
    AfterValidator(_beside_the_file),
]
CacheAddress = Annotated[
    SecretStr, matching_secret(_is_cache_address, "memory:// or redis://HOST:PORT/NUMBER")
]
EncryptionKey = Annotated[
    Secret,
    matching_secret(
        _is_encryption_key,
        "32 bytes in base64 or hexadecimal, as `openssl rand -base64 32` prints them",
    ),
]


class StoreSettings(Section):
    """`[store]`: the database of ledger, outbox, inbox and idempotency keys."""

    url: StoreAddress = Field(default=SecretStr("sqlite:///gateway.db"))
    #: 32 bytes in base64 or hexadecimal: personal data is encrypted with it at rest.
    encryption_key: EncryptionKey = Field(
        description='32 random bytes in base64, best as { env = "GATEWAY_STORE_KEY" }'
    )
    #: They still decrypt; `gateway store rekey` encrypts all with `encryption_key`.
    former_encryption_keys: tuple[EncryptionKey, ...] = ()
    #: Personal data older than so many days is erased.
    retention_days: Count = 365
    #: How many days back a subscription can resume.
    changes_days: Count = 7
    #: How many days results of bulk operations are kept.
    bulk_days: Count = 7
    #: How many days delivered pushes are kept; what was sent goes after a week.
    pushes_days: Count = 90

    @property
    def sqlite_file(self) -> Path | None:
        """The file of an SQLite store; None for PostgreSQL."""
        text = self.url.get_secret_value()
        return Path(text.removeprefix(_SQLITE)) if text.startswith(_SQLITE) else None


class IndexSettings(Section):
    """`[index]`: the gateway's own copy of what platforms reported: search, sorting, sums."""

    enabled: bool = True
    #: How many days back the first reading of a shop's orders goes.
    backfill_days: Count = 365


class AuditSettings(Section):
    """`[audit]`: who did what, and who read personal data."""

    enabled: bool = True
    #: How many days an event is kept.
    days: Count = 365


class CacheSettings(Section):
    """`[cache]`: access tokens, platform reads, notifications; lifetimes in seconds."""

    url: CacheAddress = Field(default=SecretStr(_MEMORY))
    products_ttl: SecondsOrNone = 60
    orders_ttl: SecondsOrNone = 5
    #: Categories, delivery templates, groups, shelves.
    catalogue_ttl: SecondsOrNone = 3600
    #: How long a stale response may be served if the platform fails.
    stale_if_error: SecondsOrNone = 86400

    @property
    def is_memory(self) -> bool:
        """Whether the cache lives in the process, and so cannot be shared."""
        return self.url.get_secret_value() == _MEMORY


class LimitSettings(Section):
    """`[limits]`: limits of one request."""

    max_body_bytes: Count = 1_000_000
    #: One image, multipart only.
    max_upload_bytes: Count = 5_000_000
    #: One file of a bulk import.
    max_bulk_bytes: Count = 2_000_000_000
    #: Tokens of a document.
    max_tokens: Count = 5_000
    max_depth: Count = 15
    max_aliases: CountOrNone = 50
    #: Points of an operation.
    max_cost: Count = 10_000
    #: Points that each key regains per minute.
    cost_per_minute: Count = 60_000
    #: Deadline of an operation, in seconds.
    timeout: Seconds = 30.0


class UpstreamSettings(Section):
    """`[upstream]`: calls to platforms; times in seconds."""

    connect_timeout: Seconds = 3.0
    read_timeout: Seconds = 10.0
    #: For each shop.
    max_connections: Count = 100
    #: Retries of calls that are safe to repeat.
    retries: CountOrNone = 2
    max_response_bytes: Count = 20_000_000
    #: None: that of HTTPS_PROXY, if there is one.
    proxy: ProxyAddress | None = None
    #: Certificates to trust in addition to the system's.
    ca_file: FilePath | None = None


class WebhookSettings(Section):
    """`[webhooks]`: calls to integrators' endpoints."""

    #: Networks that are not public, and may be called all the same, also with plain http.
    allow: tuple[Network, ...] = ()
    #: None: endpoints are called directly. Otherwise it checks what names resolve to.
    proxy: ProxyAddress | None = None
