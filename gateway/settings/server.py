"""Sections of the process: server, log, GraphQL, authentication."""

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

    host: Text = "127.0.0.1"
    #: 0 lets the system choose.
    port: Port = 8000
    #: Processes.
    workers: Count = 1
    #: Connections of one process, idle ones and streams included; more are refused with 503.
    max_connections: Count = 5_000
    #: Public address of the gateway; None: derived from host and port.
    public_url: WebAddress = Field(default_factory=_address_of)
    #: The in-browser IDE on GET /graphql.
    graphiql: bool = True
    introspection: bool = True
    #: Exact origins of front ends (CORS).
    cors_origins: tuple[Origin, ...] = ()
    #: Proxies whose X-Forwarded-For is trusted.
    trusted_proxies: tuple[Network, ...] = ()

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

    level: Literal["debug", "info", "warning", "error"] = "info"
    #: auto: JSON unless a terminal reads it.
    format: Literal["auto", "json", "console"] = "auto"
    #: The share of operations that went well and fast which have a line.
    sample: Share = 1.0
    #: Milliseconds from which an operation is slow: it always has its line.
    slow_ms: CountOrNone = 1_000


class GraphQLSettings(Section):
    """`[graphql]`: executor and trusted documents."""

    #: False: graphql-core alone.
    compiled: bool = True
    #: A JSON file, {hash: document}, of documents that clients may name by their SHA-256.
    trusted_documents: FilePath | None = None
    #: True: only those documents run.
    only_trusted: bool = False


class AuthSettings(Section):
    """`[auth]`: authentication of requests."""

    mode: Literal["open", "keys", "jwt"] = "keys"
    #: Written by `gateway keys add`; holds hashes, never keys.
    keys_file: FilePath = Path("keys.toml")
    #: Address of the issuer's public keys, for the mode "jwt".
    jwks_url: JwksAddress | None = None
    #: The claim `iss` of its tokens.
    issuer: Text | None = None
    #: The claim `aud` of tokens for this gateway.
    audience: Text | None = None
    #: The claim with the scopes.
    scopes_claim: Text = "scope"
    #: The claim with the keys of shops.
    shops_claim: Text = "shops"
