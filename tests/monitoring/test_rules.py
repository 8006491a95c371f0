"""Each alert has what an on-call engineer needs, and asks for metrics that there are."""

import asyncio
import re
from collections import Counter
from pathlib import Path

from gateway.telemetry import Telemetry
from tests.house.tree import ROOT
from tests.monitoring.rules import RULES, alerts, dashboard, queries, selectors

RUNBOOKS = (ROOT / "docs" / "runbooks.md").read_text(encoding="utf-8")


async def test_promtool_takes_the_rules(promtool: Path) -> None:
    check = await asyncio.create_subprocess_exec(
        *(promtool, "check", "rules", RULES),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )

    said, _ = await check.communicate()

    assert (check.returncode, f"{len(alerts())} rules found" in said.decode()) == (0, True), said


def test_every_alert_says_how_bad_it_is_and_where_to_read_on() -> None:
    for alert in alerts():
        assert set(alert.labels) == {"severity"}, alert.name
        assert alert.labels["severity"] in {"critical", "warning"}, alert.name
        assert set(alert.annotations) == {"summary", "description", "runbook_url"}, alert.name
        anchor = f"docs/runbooks.md#{alert.name.lower()}"
        assert alert.annotations["runbook_url"] == anchor


def test_every_alert_has_its_runbook_and_no_runbook_is_left_over() -> None:
    headings = re.findall(r"^### (\w+)$", RUNBOOKS, re.MULTILINE)
    names = [alert.name for alert in alerts()]

    assert sorted(headings) == sorted(names)
    assert max(Counter(names).values()) == 1
    for part in re.split(r"^### ", RUNBOOKS, flags=re.MULTILINE)[1:]:
        assert part.count("**Means**") == 1, part
        assert "**Look**" in part, part
        assert "**do**" in part.lower(), part


def test_rules_and_dashboard_ask_for_metrics_and_labels_that_there_are() -> None:
    known = {metric.name: {*metric.labels, "instance", "job"} for metric in Telemetry().described}
    for name in [name for name in known if name.endswith("_seconds")]:
        known[f"{name}_bucket"] = known[name] | {"le"}

    expressions = [alert.expression for alert in alerts()]
    expressions += [query.expression for query in queries("1m")]
    asked = [one for expression in expressions for one in selectors(expression)]

    assert len(asked) > 60
    for metric, labels in asked:
        if metric.startswith("gateway_"):
            assert labels <= known[metric], metric
        else:
            assert metric == "up" or metric.startswith("process_"), metric


def test_every_panel_asks_the_data_source_of_the_variable() -> None:
    board = dashboard()
    source = {"type": "prometheus", "uid": "${datasource}"}
    first, *others = board["templating"]["list"]

    assert (first["type"], first["name"], first["query"]) == (
        "datasource",
        "datasource",
        "prometheus",
    )
    assert [one["datasource"] for one in others] == [source] * len(others)
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    for panel in panels:
        assert panel["datasource"] == source, panel["title"]
        assert panel["description"], panel["title"]
        assert [target["datasource"] for target in panel["targets"]] == [source] * len(
            panel["targets"]
        )
    assert max(Counter(panel["id"] for panel in board["panels"]).values()) == 1
    assert len(panels) > 25
