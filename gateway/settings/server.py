"""The sections about the process itself: where it listens, what it logs, who may ask."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, SecretStr

from gateway.loopback import is_loopback
from gateway.settings.section import (
    Count,
    FilePath,
    Network,
    Origin,
    Port,
    Section,
    Text,
    WebAddress,
)


def _address_of(values: dict[str, object]) -> str:
    host = str(values["host"])
    return f"http://{f'[{host}]' if ':' in host else host}:{values['port']}"


class ServerSettings(Section):
    """`[server]`: where the gateway listens, and what it shows there."""

    host: Text = "127.0.0.1"
    #: 0 lets the system choose.
    port: Port = 8000
    #: Processes.
    workers: Count = 1
    #: How the outside reaches the gateway; where it is not given, host and port.
    public_url: WebAddress = Field(default_factory=_address_of)
    #: The in-browser IDE on GET /graphql.
    graphiql: bool = True
    introspection: bool = True
    #: Exact origins of the front ends.
    cors_origins: tuple[Origin, ...] = ()
    #: Whose X-Forwarded-For counts.
    trusted_proxies: tuple[Network, ...] = ()

    _graphiql_key: SecretStr | None = PrivateAttr(default=None)

    @property
    def graphiql_key(self) -> SecretStr | None:
        """The key that GraphiQL's headers hold already: the demo's, never one of a file."""
        return self._graphiql_key

    @property
    def origin(self) -> str:
        """Of the gateway's own pages, also where a proxy gives it another name."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def on_loopback(self) -> bool:
        """Whether the gateway can be reached from this machine alone."""
        return is_loopback(self.host)

    def with_graphiql_key(self, key: SecretStr) -> Self:
        """The same section, with the key that GraphiQL shall send from the start."""
        copy = self.model_copy()
        copy._graphiql_key = key  # noqa: SLF001 - our own class
        return copy


class LogSettings(Section):
    """`[log]`: how much is logged, and for whom it is written."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    #: auto: JSON unless a terminal reads it.
    format: Literal["auto", "json", "console"] = "auto"


class GraphQLSettings(Section):
    """`[graphql]`: which executor answers."""

    #: False: graphql-core alone.
    compiled: bool = True
    #: A JSON file, {hash: document}: these may be asked for by their SHA-256 from the start.
    trusted_documents: FilePath | None = None
    #: True: nothing but those documents is run.
    only_trusted: bool = False


class AuthSettings(Section):
    """`[auth]`: how a request says who it is from."""

    mode: Literal["open", "keys", "jwt"] = "keys"
    #: Made by `gateway keys add`; holds hashes, never keys.
    keys_file: FilePath = Path("keys.toml")
    jwks_url: WebAddress | None = None
    issuer: Text | None = None
    audience: Text | None = None
