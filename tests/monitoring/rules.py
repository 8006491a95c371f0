"""The alert rules and the dashboard, as Prometheus and Grafana read them."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from tests.house.tree import ROOT

RULES: Final = ROOT / "deploy" / "prometheus" / "alerts.yaml"
DASHBOARD: Final = ROOT / "deploy" / "grafana" / "dashboard.json"
#: A metric in an expression, with its matchers.
_SELECTOR: Final = re.compile(r"\b((?:gateway|process)_[a-z_]+|up)\b(?:\{([^}]*)\})?")
_MATCHER: Final = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule; `lasting` is for how many seconds its condition must hold."""

    name: str
    expression: str
    lasting: int
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Query:
    """One query of the dashboard, with its variables replaced, and the panel that asks it."""

    panel: str
    expression: str


def alerts() -> list[Alert]:
    """All alerts, in the order of the file."""
    return [
        Alert(
            rule["alert"],
            rule["expr"],
            _seconds(rule.get("for", "0s")),
            rule["labels"],
            rule["annotations"],
        )
        for rule in _rules()
    ]


def excerpt(names: Collection[str]) -> str:
    """The rules of these alerts as they are, in a file of their own, as JSON, which is YAML too."""
    some = [rule for rule in _rules() if rule["alert"] in names]
    return json.dumps({"groups": [{"name": "gateway", "rules": some}]})


def dashboard() -> Any:
    """The dashboard."""
    return json.loads(DASHBOARD.read_text(encoding="utf-8"))


def queries(interval: str) -> list[Query]:
    """All queries of the dashboard; `interval` stands for Grafana's `$__rate_interval`."""
    return [
        Query(
            panel["title"],
            target["expr"]
            .replace("$__rate_interval", interval)
            .replace("$instance", ".*")
            .replace("$shop", ".*"),
        )
        for panel in dashboard()["panels"]
        for target in panel.get("targets", [])
    ]


def selectors(expression: str) -> Iterator[tuple[str, set[str]]]:
    """The metrics of an expression, each with the labels that it is asked for by."""
    for match in _SELECTOR.finditer(expression):
        yield match[1], set(_MATCHER.findall(match[2] or ""))


def _rules() -> list[Any]:
    document: Any = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def _seconds(text: str) -> int:
    return int(text[:-1]) * _SECONDS[text[-1]]
