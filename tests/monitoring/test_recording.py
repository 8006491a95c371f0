"""What was scraped is played as it was, and goes on as it went."""

from pathlib import Path

from tests.monitoring.causes import CAUSES
from tests.monitoring.recording import Expectation, Recording
from tests.monitoring.rules import alerts, excerpt
from tests.monitoring.test_alerts import played

BEGAN = 1_700_000_000.0
SCRAPE = """# TYPE gateway_retries_total counter
gateway_retries_total{{shop="swan"}} {retries}
# TYPE gateway_pushes_oldest_seconds gauge
gateway_pushes_oldest_seconds{{shop="swan"}} {oldest}
# TYPE gateway_last_timestamp_seconds gauge
gateway_last_timestamp_seconds{{task="works"}} {works}
gateway_last_timestamp_seconds{{task="hangs"}} 1.700000001e+09
gateway_last_timestamp_seconds{{task="never"}} 0.0
"""


def recording() -> Recording:
    """Three scrapes."""
    made = Recording(BEGAN)
    for step in range(3):
        text = SCRAPE.format(retries=2 * step, oldest=100 * step, works=BEGAN + 15 * step)
        made.add(BEGAN + 15 * step, text)
    return made


def played_series(made: Recording, metric: str, until: float, since: int) -> dict[str, str]:
    """By its first label the values of each series of a metric."""
    return {
        dict(series.labels)["shop" if "shop" in dict(series.labels) else "task"]: " ".join(
            made.values(series, until, since)
        )
        for series in made.series([metric])
    }


def test_counters_grow_on_and_gauges_stay() -> None:
    made = recording()

    assert played_series(made, "gateway_retries_total", 60, since=0) == {
        "swan": "0.000 2.000 4.000 6.000 8.000"
    }
    assert played_series(made, "gateway_pushes_oldest_seconds", 60, since=0) == {
        "swan": "0.000 100.000 200.000 200.000 200.000"
    }


def test_moments_keep_their_distance_if_they_moved_under_the_cause() -> None:
    assert played_series(recording(), "gateway_last_timestamp_seconds", 60, since=0) == {
        "works": "0.000 15.000 30.000 45.000 60.000",
        "hangs": "1.000 1.000 1.000 16.000 31.000",
        "never": "0.000 0.000 0.000 0.000 0.000",
    }
    made = recording()
    made.add(BEGAN + 45, SCRAPE.format(retries=4, oldest=0, works=BEGAN + 30))
    assert played_series(made, "gateway_last_timestamp_seconds", 75, since=1) == {
        "works": "0.000 15.000 30.000 30.000 30.000 30.000",
        "hangs": "1.000 1.000 1.000 1.000 1.000 1.000",
        "never": "0.000 0.000 0.000 0.000 0.000 0.000",
    }


def test_a_gateway_that_does_not_answer_is_down_and_its_series_end() -> None:
    made = recording()
    made.add(BEGAN + 45, None)
    (up,) = made.series(["up"])

    assert made.values(up, 75, since=2) == ["1.000", "1.000", "1.000", "0.000", "0.000", "0.000"]
    assert played_series(made, "gateway_retries_total", 60, since=2) == {
        "swan": "0.000 2.000 4.000 stale stale"
    }


async def test_an_alert_that_does_not_fire_is_told(promtool: Path, tmp_path: Path) -> None:
    expected = [Expectation("PushesWaiting", 900, fires=True, labels=(("shop", "swan"),))]

    amiss = await played(
        promtool,
        recording(),
        {"gateway_pushes_oldest_seconds"},
        expected,
        since=0,
        folder=tmp_path,
    )

    assert amiss is not None
    assert 'alertname=\\"PushesWaiting\\"' in amiss
    assert "got: nil" in amiss


def test_every_alert_has_a_cause() -> None:
    names = [alert.name for alert in alerts()]

    assert sorted(CAUSES) == sorted(names)
    assert [name for name in names if f'"alert": "{name}"' not in excerpt([name])] == []
