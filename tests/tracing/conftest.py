"""Fixtures of traces."""

from collections.abc import Iterator

import pytest

from tests.tracing.collector import Collector, collecting


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector; the gateways of this test export nothing before they end."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "3600000")
    with collecting() as one:
        yield one
