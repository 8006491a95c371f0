"""All sections together, as one file holds them."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, model_validator

from gateway.settings.resources import (
    AuditSettings,
    CacheSettings,
    IndexSettings,
    LimitSettings,
    StoreSettings,
    UpstreamSettings,
    WebhookSettings,
)
from gateway.settings.section import Section
from gateway.settings.server import (
    AuthSettings,
    GraphQLSettings,
    LogSettings,
    ServerSettings,
    TelemetrySettings,
)
from gateway.settings.shops import AnyShop, MirrorSettings

#: How keys end that hold addresses, of which no more than the password is secret.
_ADDRESSES: Final = (".url", ".proxy")
_WITH_DEFAULTS: Final = (
    "server",
    "log",
    "graphql",
    "auth",
    "index",
    "cache",
    "limits",
    "upstream",
    "telemetry",
    "audit",
    "webhooks",
)


class ConfigurationDocument(Section):
    """Every key that the gateway reads, each sound by itself."""

    server: ServerSettings = Field(default_factory=ServerSettings)
    log: LogSettings = Field(default_factory=LogSettings)
    graphql: GraphQLSettings = Field(default_factory=GraphQLSettings)
    auth: AuthSettings = Field(default_factory=AuthSettings)
    store: StoreSettings = Field(description="a [store] section with its encryption_key")
    index: IndexSettings = Field(default_factory=IndexSettings)
    cache: CacheSettings = Field(default_factory=CacheSettings)
    limits: LimitSettings = Field(default_factory=LimitSettings)
    upstream: UpstreamSettings = Field(default_factory=UpstreamSettings)
    telemetry: TelemetrySettings = Field(default_factory=TelemetrySettings)
    audit: AuditSettings = Field(default_factory=AuditSettings)
    webhooks: WebhookSettings = Field(default_factory=WebhookSettings)
    shops: tuple[AnyShop, ...] = ()
    mirrors: tuple[MirrorSettings, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _with_every_section(cls, document: Any) -> Any:
        """A section left out is an empty one, so that its paths are the file's as well."""
        if not isinstance(document, dict):
            return document
        return {**{key: {} for key in _WITH_DEFAULTS}, **document}

    def secrets(self) -> Iterator[tuple[str, SecretStr]]:
        """Each secret with its key in the file, such as `shops[0].app_secret`.

        An address counts only if it has a password.
        """
        for key, secret in _secrets_of("", self):
            if not key.endswith(_ADDRESSES) or _password_in(secret):
                yield key, secret

    def secret_values(self) -> frozenset[str]:
        """The values to redact in logs; of an address, its password."""
        values: set[str] = set()
        for key, secret in self.secrets():
            if key.endswith(_ADDRESSES):
                password = _password_in(secret)
                values |= {password, unquote(password)}
            else:
                values.add(secret.get_secret_value())
        return frozenset(values)


def _password_in(address: SecretStr) -> str:
    return urlsplit(address.get_secret_value()).password or ""


def _secrets_of(prefix: str, section: Section) -> Iterator[tuple[str, SecretStr]]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        key = f"{prefix}{name}"
        if isinstance(value, SecretStr):
            yield key, value
        elif isinstance(value, Section):
            yield from _secrets_of(f"{key}.", value)
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if isinstance(item, SecretStr):
                    yield f"{key}[{index}]", item
                elif isinstance(item, Section):
                    yield from _secrets_of(f"{key}[{index}].", item)
