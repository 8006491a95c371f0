"""Each alert fires under its cause, made in a running gateway, and none where all is well.

promtool plays what was scraped over the time that the rule waits. The files for it are made here.
"""

import asyncio
import tempfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pytest

from tests.fixtures_postgres import PostgresServer
from tests.fixtures_sandbox import Sandbox
from tests.monitoring.causes import CAUSES
from tests.monitoring.recording import Expectation, Recording, metrics_of, unit_test
from tests.monitoring.rules import alerts, excerpt
from tests.monitoring.watched_gateway import watched

#: Scrapes before a cause, and of a gateway that is well, whose clock runs slower: its background
#: tasks wait by ours, and would seem to stand still.
BEFORE, WELL, SLOWER = 2, 5, 5
#: Seconds after the time that a rule waits.
MORE = 600
HOUR = 3_600


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL that only these tests kill."""
    with tempfile.TemporaryDirectory(prefix="alerts-") as folder:
        made = PostgresServer(Path(folder))
        yield made
        made.stop()


@pytest.fixture
def store(server: PostgresServer) -> Iterator[PostgresServer]:
    """The same, running."""
    server.start()
    yield server
    server.stop()


async def played(
    promtool: Path,
    recording: Recording,
    metrics: Collection[str],
    expected: Sequence[Expectation],
    *,
    since: int,
    folder: Path,
) -> str | None:
    """What promtool finds amiss; None: all is as expected."""
    rules, file = folder / "rules.json", folder / "unit.json"
    some = excerpt({one.alert for one in expected})
    await asyncio.to_thread(rules.write_text, some, encoding="utf-8")
    made = unit_test(recording, rules, metrics, expected, since)
    await asyncio.to_thread(file.write_text, made, encoding="utf-8")
    playing = await asyncio.create_subprocess_exec(
        *(promtool, "test", "rules", file),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await playing.communicate()
    return None if playing.returncode == 0 else said.decode()


@pytest.mark.long
@pytest.mark.parametrize("name", CAUSES)
async def test_an_alert_fires_under_its_cause(
    name: str, promtool: Path, store: PostgresServer, sandbox: Sandbox, tmp_path: Path
) -> None:
    cause = CAUSES[name]
    (alert,) = [one for one in alerts() if one.name == name]
    if cause.before is not None:
        cause.before(sandbox)
    async with watched(sandbox, store, tmp_path, cause.besides) as gateway:
        await gateway.scrape(BEFORE)
        since = len(gateway.recording) - 1
        await cause.make(gateway)
        recording = gateway.recording
        sandbox.clear_faults()

    metrics = metrics_of([alert.expression])
    labels = tuple(cause.labels.items())
    end = recording.seconds + alert.lasting + MORE
    expected = [
        Expectation(name, recording.moment(since), fires=False),
        Expectation(name, end, fires=True, labels=labels),
    ]
    amiss = await played(promtool, recording, metrics, expected, since=since, folder=tmp_path)

    assert amiss is None, (
        f"{name} {dict(labels)} does not fire as its rule says:\n{alert.expression}\n"
        f"waiting for {alert.lasting} s, with the series\n"
        f"{recording.told(metrics, recording.seconds, since)}\n{amiss}"
    )


@pytest.mark.long
async def test_no_alert_fires_where_all_is_well(
    promtool: Path, store: PostgresServer, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with watched(sandbox, store, tmp_path, {}, SLOWER) as gateway:
        for _ in range(WELL):
            assert (await gateway.client.ask("{ orders(first: 3) { nodes { id } } }")).data
            await gateway.scrape()
        recording = gateway.recording

    metrics = metrics_of(alert.expression for alert in alerts())
    expected = [
        Expectation(alert.name, at, fires=False)
        for alert in alerts()
        for at in range(0, HOUR + 1, HOUR // 6)
    ]
    amiss = await played(promtool, recording, metrics, expected, since=0, folder=tmp_path)

    assert amiss is None, f"{recording.told(metrics, recording.seconds, 0)}\n{amiss}"
