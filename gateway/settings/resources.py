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

    url: StoreAddress = Field(
        default=SecretStr("sqlite:///gateway.db"),
        description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE.",
    )
    encryption_key: EncryptionKey = Field(
        description='32 random bytes in base64, best as { env = "GATEWAY_STORE_KEY" }'
    )
    former_encryption_keys: tuple[EncryptionKey, ...] = Field(
        default=(),
        description="Keys that still decrypt; `gateway store rekey` encrypts all with "
        "encryption_key.",
    )
    retention_days: Count = Field(
        default=365, description="Personal data older than so many days is erased."
    )
    changes_days: Count = Field(
        default=7, description="How many days back a subscription can resume."
    )
    bulk_days: Count = Field(
        default=7, description="How many days results of bulk operations are kept."
    )
    pushes_days: Count = Field(
        default=90,
        description="How many days delivered pushes are kept; what was sent goes after a week.",
    )

    @property
    def sqlite_file(self) -> Path | None:
        """The file of an SQLite store; None for PostgreSQL."""
        text = self.url.get_secret_value()
        return Path(text.removeprefix(_SQLITE)) if text.startswith(_SQLITE) else None


class IndexSettings(Section):
    """`[index]`: the gateway's own copy of what platforms reported: search, sorting, sums."""

    enabled: bool = Field(
        default=True,
        description="false: nothing is indexed, and arguments that only the index can answer "
        "are refused.",
    )
    backfill_days: Count = Field(
        default=365, description="How many days back the first reading of a shop's orders goes."
    )


class AuditSettings(Section):
    """`[audit]`: who did what, and who read personal data."""

    enabled: bool = Field(default=True, description="Whether events are written.")
    days: Count = Field(default=365, description="How many days an event is kept.")


class CacheSettings(Section):
    """`[cache]`: access tokens, platform reads, notifications; lifetimes in seconds."""

    url: CacheAddress = Field(
        default=SecretStr(_MEMORY),
        description="memory:// or redis://HOST:PORT/NUMBER, which several processes need.",
    )
    products_ttl: SecondsOrNone = Field(default=60, description="Lifetime of products.")
    orders_ttl: SecondsOrNone = Field(default=5, description="Lifetime of orders.")
    catalogue_ttl: SecondsOrNone = Field(
        default=3600, description="Lifetime of categories, delivery templates, groups and shelves."
    )
    stale_if_error: SecondsOrNone = Field(
        default=86400, description="How long a stale response may be served if the platform fails."
    )

    @property
    def is_memory(self) -> bool:
        """Whether the cache lives in the process, and so cannot be shared."""
        return self.url.get_secret_value() == _MEMORY


class LimitSettings(Section):
    """`[limits]`: limits of one request."""

    max_body_bytes: Count = Field(default=1_000_000, description="Size of a request body.")
    max_upload_bytes: Count = Field(default=5_000_000, description="Size of one uploaded image.")
    max_bulk_bytes: Count = Field(
        default=2_000_000_000, description="Size of one file of a bulk import."
    )
    max_tokens: Count = Field(default=5_000, description="Tokens of a document.")
    max_depth: Count = Field(default=15, description="Depth of an operation.")
    max_aliases: CountOrNone = Field(default=50, description="Aliases of an operation.")
    max_cost: Count = Field(default=10_000, description="Points of an operation.")
    cost_per_minute: Count = Field(
        default=60_000, description="Points that each key regains per minute."
    )
    timeout: Seconds = Field(default=30.0, description="Deadline of an operation, in seconds.")


class UpstreamSettings(Section):
    """`[upstream]`: calls to platforms; times in seconds."""

    connect_timeout: Seconds = Field(default=3.0, description="Seconds to connect.")
    read_timeout: Seconds = Field(default=10.0, description="Seconds to wait for a response.")
    max_connections: Count = Field(default=100, description="Connections for each shop.")
    retries: CountOrNone = Field(default=2, description="Retries of calls that are safe to repeat.")
    max_response_bytes: Count = Field(
        default=20_000_000, description="Size of a response, after decompression."
    )
    proxy: ProxyAddress | None = Field(
        default=None,
        description="http://[USER:PASSWORD@]HOST:PORT for all shops; default: HTTPS_PROXY of "
        "the environment.",
        examples=["http://egress.example:3128"],
    )
    ca_file: FilePath | None = Field(
        default=None,
        description="PEM file of certificates to trust in addition to the system's.",
        examples=["ca.pem"],
    )


class WebhookSettings(Section):
    """`[webhooks]`: calls to integrators' endpoints."""

    allow: tuple[Network, ...] = Field(
        default=(),
        description="Networks that are not public, and may be called all the same, also with "
        'plain http, such as "10.0.0.0/8".',
    )
    proxy: ProxyAddress | None = Field(
        default=None,
        description="http://[USER:PASSWORD@]HOST:PORT, which then checks what names resolve to; "
        "default: endpoints are called directly.",
        examples=["http://egress.example:3128"],
    )
