"""Metrics are named by Prometheus' conventions, and the documents have all of them."""

import re
from collections import Counter

from gateway.telemetry import Telemetry
from tests.house.metrics_table import BEGIN, END, PAGE, page
from tests.house.tree import ROOT, files

#: What labels are of: the configuration, the code and the platforms' tables of calls. Nothing
#: that a caller sends.
LABELS = {
    "cause",
    "check",
    "code",
    "endpoint",
    "kind",
    "operation",
    "outcome",
    "period",
    "python",
    "shop",
    "state",
    "task",
    "topic",
    "version",
}
#: What a gauge of no unit says.
PLAIN = re.compile(
    r"_info$|_ready$|_passed$|_open$|_waiting$|_calls$|_complete$|^gateway_subscriptions$"
)


def test_names_end_in_what_they_count_in_base_units() -> None:
    for metric in Telemetry().described:
        assert re.fullmatch(r"gateway_[a-z]+(_[a-z]+)*", metric.name), metric.name
        if metric.kind == "counter":
            assert metric.name.endswith("_total"), metric.name
        elif metric.kind == "histogram":
            assert metric.name.endswith(("_seconds", "_bytes")), metric.name
        elif not metric.name.endswith(("_seconds", "_bytes")):
            assert PLAIN.search(metric.name), metric.name


def test_no_name_is_used_twice() -> None:
    names = Counter(metric.name for metric in Telemetry().described)

    assert len(names) > 25
    assert max(names.values()) == 1


def test_labels_are_those_that_no_caller_can_set() -> None:
    assert {label for metric in Telemetry().described for label in metric.labels} == LABELS


def test_the_page_has_the_table_that_the_code_makes() -> None:
    written = PAGE.read_text(encoding="utf-8")

    assert written.count(BEGIN) == written.count(END) == 1
    assert page(written) == written, "write it anew: make docs"


def test_documents_name_metrics_that_there_are() -> None:
    known = {metric.name for metric in Telemetry().described}
    for path in files("docs/*.md", "README.md"):
        text = (ROOT / path).read_text(encoding="utf-8")
        named = set(re.findall(r"\bgateway_[a-z_]+_(?:total|seconds|bytes|waiting|open)\b", text))
        assert named <= known, path
