"""Sections of the process: server, log, telemetry, GraphQL, authentication."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, SecretStr

from gateway.loopback import is_loopback
from gateway.settings.section import (
    Count,
    CountOrNone,
    FilePath,
    JwksAddress,
    Network,
    Origin,
    Port,
    Section,
    Share,
    Text,
    WebAddress,
)


def _address_of(values: dict[str, object]) -> str:
    host = str(values["host"])
    return f"http://{f'[{host}]' if ':' in host else host}:{values['port']}"


class ServerSettings(Section):
    """`[server]`: addresses, processes, GraphiQL, CORS, proxies."""

    host: Text = Field(default="127.0.0.1", description='Address to listen on; "0.0.0.0" for all.')
    port: Port = Field(default=8000, description="Port to listen on; 0 lets the system choose.")
    workers: Count = Field(
        default=1,
        description="Number of processes; more than one needs PostgreSQL as the store and Redis "
        "as the cache.",
    )
    max_connections: Count = Field(
        default=5_000,
        description="Connections of one process, idle ones and streams included; more are "
        "refused with 503.",
    )
    public_url: WebAddress = Field(
        default_factory=_address_of,
        description="Public address of the gateway; derived from host and port by default.",
        examples=["http://127.0.0.1:8000"],
    )
    graphiql: bool = Field(
        default=True, description="Whether GET /graphql answers browsers with the IDE."
    )
    introspection: bool = Field(default=True, description="Whether queries may read the schema.")
    cors_origins: tuple[Origin, ...] = Field(
        default=(),
        description='Exact origins of front ends (CORS), such as "https://shop.example".',
    )
    trusted_proxies: tuple[Network, ...] = Field(
        default=(), description='Proxies whose X-Forwarded-For is trusted, such as "10.0.0.0/8".'
    )

    _graphiql_key: SecretStr | None = PrivateAttr(default=None)

    @property
    def graphiql_key(self) -> SecretStr | None:
        """The key that GraphiQL sends: the demo's, never one from a file."""
        return self._graphiql_key

    @property
    def origin(self) -> str:
        """Origin of the gateway's own pages, by its public address."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def on_loopback(self) -> bool:
        """Whether the gateway can be reached from this machine alone."""
        return is_loopback(self.host)

    @property
    def public_on_loopback(self) -> bool:
        """Whether the public address is this machine, so that no proxy stands in front."""
        return is_loopback(urlsplit(self.public_url).hostname or "")

    def with_graphiql_key(self, key: SecretStr) -> Self:
        """The same section, with a key that GraphiQL sends."""
        copy = self.model_copy()
        copy._graphiql_key = key  # noqa: SLF001 - our own class
        return copy


class LogSettings(Section):
    """`[log]`: level, format, and which operations have a line."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Minimum level."
    )
    format: Literal["auto", "json", "console"] = Field(
        default="auto", description="auto: for people on a terminal, else JSON."
    )
    sample: Share = Field(
        default=1.0,
        description="Share, 0 to 1, of the operations that went well and fast which have a line.",
    )
    slow_ms: CountOrNone = Field(
        default=1_000, description="Milliseconds from which an operation always has its line."
    )


class TelemetrySettings(Section):
    """`[telemetry]`: traces and metrics by OpenTelemetry."""

    otlp_endpoint: WebAddress | None = Field(
        default=None,
        description="Address of a collector that takes OTLP over HTTP; default: that of the "
        "variables OTEL_EXPORTER_OTLP_*, if there is one.",
        examples=["http://collector:4318"],
    )


class GraphQLSettings(Section):
    """`[graphql]`: executor and trusted documents."""

    compiled: bool = Field(
        default=True, description="Use the compiled executor; false: graphql-core alone."
    )
    trusted_documents: FilePath | None = Field(
        default=None,
        description="A JSON file, {hash: document}, of documents that clients may name by their "
        "SHA-256.",
        examples=["trusted.json"],
    )
    only_trusted: bool = Field(default=False, description="Run only those documents.")


class AuthSettings(Section):
    """`[auth]`: authentication of requests."""

    mode: Literal["open", "keys", "jwt"] = Field(
        default="keys",
        description="keys: API keys. open: no authentication, for callers of this machine "
        "alone. jwt: JSON Web Tokens of an issuer, and API keys beside.",
    )
    keys_file: FilePath = Field(
        default=Path("keys.toml"),
        description="Written by `gateway keys add`; holds hashes, never keys.",
    )
    jwks_url: JwksAddress | None = Field(
        default=None,
        description="For jwt, required: address of the issuer's public keys.",
        examples=["https://login.example/keys"],
    )
    issuer: Text | None = Field(
        default=None,
        description="For jwt, required: the claim iss of its tokens.",
        examples=["https://login.example"],
    )
    audience: Text | None = Field(
        default=None,
        description="For jwt, required: the claim aud of tokens for this gateway.",
        examples=["commerce-gateway"],
    )
    scopes_claim: Text = Field(default="scope", description="The claim with the scopes.")
    shops_claim: Text = Field(default="shops", description="The claim with the keys of shops.")
