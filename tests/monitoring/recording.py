"""Scrapes of a running gateway, as the series that promtool plays rules on."""

import json
import math
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from prometheus_client.parser import text_string_to_metric_families

from tests.monitoring.rules import selectors

#: Seconds between two samples, by the gateway's clock.
STEP: Final = 15
_TARGET: Final = {"instance": "gateway:8000", "job": "gateway"}
_UP: Final = "up"


@dataclass(frozen=True, slots=True)
class Series:
    """The name and the labels of one series, and whether it only grows."""

    name: str
    labels: tuple[tuple[str, str], ...]
    counts: bool

    def __str__(self) -> str:
        shown = ",".join(f"{name}={json.dumps(value)}" for name, value in self.labels)
        return f"{self.name}{{{shown}}}"

    @property
    def is_moment(self) -> bool:
        """Whether its values are moments in unix seconds."""
        return self.name.endswith("_timestamp_seconds")


@dataclass(frozen=True, slots=True)
class _Scrape:
    at: float
    values: dict[Series, float]


class Recording:
    """What each scrape of a gateway found; moments are seconds since `began`, in unix seconds."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._scrapes: list[_Scrape] = []

    def add(self, at: float, text: str | None) -> None:
        """Add a scrape made at this unix second; None: the gateway did not answer."""
        up = Series(_UP, tuple(sorted(_TARGET.items())), counts=False)
        values = {up: float(text is not None)}
        for family in text_string_to_metric_families(text or ""):
            for sample in family.samples:
                labels = tuple(sorted({**sample.labels, **_TARGET}.items()))
                series = Series(sample.name, labels, family.type in {"counter", "histogram"})
                # promtool's time begins at 0. A moment of 0 stands for "never".
                known = series.is_moment and sample.value > 0
                values[series] = sample.value - (self._began if known else 0.0)
        self._scrapes.append(_Scrape(at - self._began, values))

    def __len__(self) -> int:
        """How many scrapes there are."""
        return len(self._scrapes)

    def last(self, metric: str, **labels: str) -> float:
        """The highest value of a metric in the last scrape; 0 if it is not there."""
        found = [
            value
            for series, value in self._scrapes[-1].values.items()
            if series.name == metric and labels.items() <= dict(series.labels).items()
        ]
        return max(found, default=0.0)

    @property
    def seconds(self) -> float:
        """When the last scrape was made, since the beginning."""
        return self._scrapes[-1].at

    def moment(self, scrape: int) -> float:
        """When a scrape was made, since the beginning."""
        return self._scrapes[scrape].at

    def series(self, metrics: Collection[str]) -> list[Series]:
        """The series of these metrics in any scrape."""
        found = {one: None for scrape in self._scrapes for one in scrape.values}
        return [one for one in found if one.name in metrics]

    def values(self, series: Series, until: float, since: int) -> list[str]:
        """A value each step until that second, in promtool's notation.

        From the last scrape on what went on since the scrape numbered `since` continues: a counter
        grows as fast, a moment that moved keeps its distance to now, a gauge stays. If `since` is
        0 all went on, those too that move more rarely than the recording shows.
        """
        shown: list[str] = []
        moments = [scrape.at for scrape in self._scrapes]
        growth = self._growth(series, since)
        for step in range(math.ceil(until / STEP) + 1):
            at = step * STEP
            number = bisect_right(moments, at)
            value = self._scrapes[number - 1].values.get(series) if number else None
            if value is None:
                shown.append("stale" if shown and shown[-1] != "_" else "_")
            else:
                later = at - self.seconds if number == len(moments) else 0.0
                shown.append(f"{value + growth * later:.3f}")
        return shown

    def _growth(self, series: Series, since: int) -> float:
        """By how much a series grows each second."""
        last = self._scrapes[-1]
        now = last.values.get(series, 0.0)
        if series.counts:
            first = self._scrapes[since]
            return (now - first.values.get(series, 0.0)) / (last.at - first.at)
        # What moved before the cause says nothing.
        moved = now > self._scrapes[since + 1].values.get(series, now)
        return float(series.is_moment and now > 0 and (since == 0 or moved))

    def told(self, metrics: Collection[str], until: float, since: int) -> str:
        """The series of some metrics for a person: each with its last values."""
        return "\n".join(
            f"{series}: {' '.join(self.values(series, until, since)[-8:])}"
            for series in self.series(metrics)
        )


@dataclass(frozen=True, slots=True)
class Expectation:
    """At this second the alert, with these labels, fires or does not."""

    alert: str
    at: float
    fires: bool
    labels: tuple[tuple[str, str], ...] = ()

    def shown(self) -> dict[str, Any]:
        """In the form of promtool."""
        matchers = {"alertname": self.alert, "alertstate": "firing", **dict(self.labels)}
        inner = ",".join(f"{name}={json.dumps(value)}" for name, value in matchers.items())
        expected = [{"labels": "{}", "value": 1}] if self.fires else []
        return {
            "expr": f"count(ALERTS{{{inner}}}) >= bool 1",
            "eval_time": f"{math.ceil(self.at)}s",
            "exp_samples": expected,
        }


def metrics_of(expressions: Iterable[str]) -> set[str]:
    """The metrics that some expressions ask for."""
    return {metric for expression in expressions for metric, _ in selectors(expression)}


def unit_test(
    recording: Recording,
    rules: Path,
    metrics: Collection[str],
    expected: Sequence[Expectation],
    since: int,
) -> str:
    """The file by which promtool plays the recording on the rules, as JSON, which is YAML too."""
    until = max(one.at for one in expected) + STEP
    inputs = [
        {"series": str(series), "values": " ".join(recording.values(series, until, since))}
        for series in recording.series(metrics)
    ]
    return json.dumps(
        {
            "rule_files": [str(rules)],
            # A rule that waits for a day need not be looked at 5,760 times; promtool forgets an
            # alert that it has not looked at for five minutes.
            "evaluation_interval": f"{min(240, max(STEP, int(until) // 240))}s",
            "tests": [
                {
                    "interval": f"{STEP}s",
                    "input_series": inputs,
                    "promql_expr_test": [one.shown() for one in expected],
                }
            ],
        }
    )
