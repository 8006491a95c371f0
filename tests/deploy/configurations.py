"""The configurations and manifests of deploy/, read as the gateway and its engines read them."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gateway.cli.serving import GRACE as REQUESTS
from gateway.outbox.dispatch_loop import GRACE as DELIVERIES
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from tests.house.tree import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose"
KUBERNETES = DEPLOY / "kubernetes"
#: The user of the image, and the port on which it listens.
USER, PORT = 10001, 8000
#: Seconds that a process takes to end at most: requests, deliveries, then what is written last.
DRAIN = REQUESTS + DELIVERIES + 5


@cache
def compose(name: str) -> dict[str, Any]:
    """The compose file of a folder."""
    document: dict[str, Any] = yaml.safe_load((COMPOSE / name / "compose.yaml").read_text())
    return document


@cache
def manifests() -> list[dict[str, Any]]:
    """All manifests for Kubernetes, those of one file in their order."""
    return [
        manifest
        for path in sorted(KUBERNETES.glob("*.yaml"))
        for manifest in yaml.safe_load_all(path.read_text())
    ]


def manifest(kind: str, name: str = "gateway") -> dict[str, Any]:
    """The one manifest of a kind and name."""
    (found,) = [
        one for one in manifests() if (one["kind"], one["metadata"]["name"]) == (kind, name)
    ]
    return found


def configured(text: str, secrets: dict[str, Path]) -> Settings:
    """The settings of a gateway.toml, whose files of secrets lie elsewhere."""
    document = tomllib.loads(text)
    return Settings.from_dict(PLATFORMS, _placed(document, secrets), {}, base=Path("/etc/gateway"))


def named_files(text: str) -> set[str]:
    """The paths that a gateway.toml names as { file = … }."""
    found: set[str] = set()

    def look(value: object) -> None:
        if isinstance(value, dict):
            if value.keys() == {"file"}:
                found.add(value["file"])
            for item in value.values():
                look(item)
        elif isinstance(value, list):
            for item in value:
                look(item)

    look(tomllib.loads(text))
    return found


def _placed(value: Any, secrets: dict[str, Path]) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"file"}:
            return {"file": str(secrets[value["file"]])}
        return {key: _placed(item, secrets) for key, item in value.items()}
    return [_placed(item, secrets) for item in value] if isinstance(value, list) else value
