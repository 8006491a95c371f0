"""Results that cannot be recorded at once are kept, and nothing is sent twice meanwhile."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.errors import StoreUnavailable
from gateway.outbox.dispatch_loop import DispatchLoop
from gateway.platform_kit.connection import PlatformClients
from gateway.ports import DeliveryResult, DeliveryStatus
from gateway.registry import build_adapters
from gateway.store.outbox import Settlement
from gateway.store.store import Store
from tests.fixtures_ledger import KEY
from tests.fixtures_sandbox import Sandbox
from tests.outbox.conftest import Office, Time, command
from tests.outbox.test_dispatcher import calls
from tests.platforms.baidu.conftest import settings
from tests.store.claims import claim_due, due_ids
from tests.waiting import eventually


@pytest.fixture
async def office(
    sandbox: Sandbox,
    clients: PlatformClients,
    time: Time,
    tmp_path: Path,
    ledger_template: Path,
) -> AsyncIterator[Office]:
    """Answer a replica over a file that waits for no lock."""
    shutil.copy(ledger_template, tmp_path / "gateway.db")
    url = f"sqlite:///{tmp_path / 'gateway.db'}"
    store = await Store.open(url, encryption_key=KEY, clock=time, lock_timeout=0.05)
    adapter = build_adapters([settings(sandbox.base_url)], clients, store, time)["swan"]
    assert adapter.deliveries is not None
    yield Office(store, adapter.deliveries, time)
    await store.close()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let nobody write the ledger."""
    with closing(sqlite3.connect(folder / "gateway.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def test_what_cannot_be_recorded_is_not_sent_twice(
    office: Office, sandbox: Sandbox, time: Time, tmp_path: Path
) -> None:
    async with office.store.transaction() as transaction:
        await office.intake.accept(transaction, [command("A", "ORDER_IMPORT")])
        claimed = await claim_due(
            office.store, transaction, office.dispatcher.owner, "swan", lease=60, limit=9
        )
    with locked(tmp_path):
        with pytest.raises(StoreUnavailable):
            await office.dispatcher.deliver(claimed)
        assert calls(sandbox, "A") == ["add/main/info 200"]
        # The lease is over, and this process still knows what came of it.
        time.now += 61
        assert await office.dispatcher.deliver_due("swan") == 0
    async with office.store.transaction() as transaction:
        (line,) = [push.line for push in claimed]
        assert await office.dispatcher.claim(transaction, [line]) == []

    async def delivered() -> bool:
        return await office.states() == ["DELIVERED"]

    await eventually(delivered)
    assert calls(sandbox, "A") == ["add/main/info 200"]
    assert await office.dispatcher.deliver_due("swan") == 0


async def test_leases_that_are_half_over_are_renewed(office: Office, time: Time) -> None:
    async with office.store.transaction() as transaction:
        await office.intake.accept(transaction, [command("A", "ORDER_IMPORT")])
    sent, end = asyncio.Event(), asyncio.Event()

    class Slow:
        batch = office.deliveries.batch

        async def deliver(self, _messages: object) -> list[DeliveryResult]:
            sent.set()
            await end.wait()
            return [DeliveryResult(result_status=DeliveryStatus.DELIVERED)]

    slow = Office(office.store, Slow(), time)
    other = Office(office.store, office.deliveries, time)
    sending = asyncio.create_task(slow.dispatcher.deliver_due("swan"))
    await sent.wait()
    await slow.dispatcher.renew()
    for _ in range(3):
        time.now += slow.dispatcher.lease * 0.6
        await slow.dispatcher.renew()
        assert await other.dispatcher.deliver_due("swan") == 0
    end.set()

    assert await sending == 1
    assert await slow.states() == ["DELIVERED"]
    assert [push.attempts for push in await slow.pushes()] == [1]


async def test_a_mistake_of_ours_in_one_result_leaves_the_others_recorded(
    office: Office, sandbox: Sandbox
) -> None:
    async with office.store.transaction() as transaction:
        await office.intake.accept(
            transaction, [command(name, "ORDER_IMPORT") for name in ("A", "B")]
        )

    original = office.dispatcher._backlog._settlement  # noqa: SLF001 - the mistake

    async def mistaken(*arguments: object) -> Settlement:
        raise ZeroDivisionError(arguments)

    sandbox.fault("http_status", 503, path="/rest/", times=1)
    office.dispatcher._backlog._settlement = mistaken  # type: ignore[assignment,method-assign]  # noqa: SLF001
    with capture_logs() as lines:
        await office.dispatcher.deliver_due("swan")
    office.dispatcher._backlog._settlement = original  # type: ignore[method-assign]  # noqa: SLF001

    assert sorted(await office.states()) == ["DELIVERED", "PENDING"]
    (line,) = [line for line in lines if line["event"] == "outbox.push.not_settled"]
    assert (line["shop"], len(line["pushes"])) == ("swan", 1)


async def test_the_end_records_what_waits_to_be_recorded(
    office: Office, sandbox: Sandbox, tmp_path: Path
) -> None:
    loop = DispatchLoop(office.dispatcher, poll=0.02, grace=0.1)
    loop.start()
    async with office.store.transaction() as transaction:
        await office.intake.accept(transaction, [command("A", "ORDER_IMPORT")])
    sandbox.fault("latency", 0.3, path="/rest/", times=1)
    office.dispatcher.wake("swan")
    await eventually(sandbox.counts)
    with locked(tmp_path):
        await asyncio.sleep(0.4)
        stopping = asyncio.create_task(loop.stop())
        await asyncio.sleep(0.2)
    await stopping

    assert await office.states() == ["DELIVERED"]
    assert calls(sandbox, "A") == ["add/main/info 200"]


async def test_what_was_claimed_and_cannot_be_read_is_given_back(
    office: Office, sandbox: Sandbox
) -> None:
    async with office.store.transaction() as transaction:
        await office.intake.accept(transaction, [command("A", "ORDER_IMPORT")])
        ids = await due_ids(office.store, transaction, "swan")
    async with office.store.transaction() as transaction:
        leases = await office.store.outbox.lease(
            transaction, office.dispatcher.owner, ids, lease=60
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(office.store.outbox, "leased", unreadable)
        with pytest.raises(StoreUnavailable):
            await office.dispatcher._leased(leases)  # noqa: SLF001 - the reader alone fails

    async with office.store.transaction() as transaction:
        (claimed,) = await claim_due(office.store, transaction, "other", "swan", lease=60, limit=9)
    assert not claimed.lost
    assert sandbox.counts() == {}


async def unreadable(_leases: object) -> None:
    """Fail as a reader does."""
    raise StoreUnavailable("the reader is gone")
