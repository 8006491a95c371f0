"""What `gateway serve` was called with, told from the first process to its workers."""

import json
from argparse import Namespace
from collections.abc import Mapping, MutableMapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from gateway.registry import PLATFORMS
from gateway.settings import Settings

_VARIABLE: Final = "GATEWAY_CALLED"


@dataclass(frozen=True)
class Called:
    """The configuration's file, and what the command line puts above its [server] section."""

    config: str
    server: dict[str, Any]

    @classmethod
    def of(cls, arguments: Namespace) -> Self:
        """From the parsed arguments of `gateway serve`."""
        given = {name: getattr(arguments, name) for name in ("host", "port", "workers")}
        return cls(
            str(arguments.config),
            {name: value for name, value in given.items() if value is not None},
        )

    @classmethod
    def told(cls, environ: Mapping[str, str]) -> Self:
        """In a worker: what the first process was called with."""
        return cls(**json.loads(environ[_VARIABLE]))

    def tell_workers(self, environ: MutableMapping[str, str]) -> None:
        """Leave word for the workers, which inherit the environment."""
        environ[_VARIABLE] = json.dumps(asdict(self))

    def settings(self, environ: Mapping[str, str]) -> Settings:
        """The settings.

        Raises:
            ConfigurationError: where the configuration is wrong.
        """
        return Settings.load(PLATFORMS, Path(self.config), environ, {"server": self.server})
