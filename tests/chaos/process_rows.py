"""Rows D1 to D5: the gateway is killed, stopped, held; its clocks move."""

import asyncio
import signal

from tests.chaos.row import EVERYBODY, Row, Stage
from tests.chaos.upstream_rows import CENTRE, STORE

DAY = 86_400.0
#: Seconds in which the gateway gets no processor: longer than its claims last, and a short stall.
HELD, STALLED = 20.0, 2.0


async def killed(stage: Stage) -> str:
    """D1."""
    times = 2 if stage.short else 12
    for _ in range(times):
        await asyncio.sleep(stage.chance.uniform(0.1, 0.9))
        await stage.world.gateway.kill()
        await stage.world.gateway.start()
    return f"{times} times"


async def stopped(stage: Stage) -> str:
    """D2: what is under way is answered; the streams end; the next process goes on."""
    times = 1 if stage.short else 4
    for _ in range(times):
        await stage.fault("latency", 0.4, path=STORE)
        await asyncio.sleep(0.3)
        status = await stage.world.gateway.stop()
        stage.expect(f"it ended with {status}", so=status == 0)
        await stage.world.gateway.start()
        await stage.clear()
        await stage.under(0.5)
    return f"{times} times, exit status 0"


async def held(stage: Stage) -> str:
    """D3: for longer than a claim of a push lasts; it goes on where it was."""
    gateway = stage.world.gateway
    await stage.fault("latency", 0.3, path=CENTRE)
    await asyncio.sleep(0.4)
    gateway.signal(signal.SIGSTOP)
    await asyncio.sleep(4.0 if stage.short else HELD)
    gateway.signal(signal.SIGCONT)
    await stage.under(1.0)
    return f"held for {4 if stage.short else HELD:g} s with pushes under way"


async def stalled(stage: Stage) -> str:
    """D4: seconds in which nothing runs."""
    for _ in range(2):
        stage.world.gateway.signal(signal.SIGSTOP)
        await asyncio.sleep(STALLED)
        stage.world.gateway.signal(signal.SIGCONT)
        await stage.under(0.5)
    return f"twice for {STALLED:g} s"


async def other_time(stage: Stage) -> str:
    """D5: a day ahead, then a day behind, then right again."""
    gateway = stage.world.gateway
    before = await stage.calls("/cgi-bin") + await stage.calls("/oauth")
    for days in (1, -2, 1):
        await gateway.move_clocks(wall=days * DAY)
        await stage.under(0.8)
    asked = await stage.calls("/cgi-bin") + await stage.calls("/oauth") - before
    stage.expect(f"{asked} token calls", so=asked <= 4)
    return f"{asked} token calls"


ROWS = (
    Row(
        "D1",
        "the gateway is killed at any moment",
        killed,
        unknown=True,
        cuts=True,
        hurt=EVERYBODY,
        because="`make crash` kills it 50 times on each database",
    ),
    Row("D2", "the gateway is stopped under load", stopped, cuts=True, unknown=True),
    Row(
        "D3",
        "the gateway is held for longer than its claims last",
        held,
        stands_still=HELD,
        unknown=True,
        hurt=EVERYBODY,
        tests=(
            "tests/outbox/test_dispatcher.py::test_what_a_dead_replica_held_is_taken_over",
            "tests/store/test_outbox.py::test_an_owner_cannot_settle_its_own_earlier_attempt",
        ),
    ),
    Row(
        "D4",
        "the event loop stands still",
        stalled,
        stands_still=STALLED,
        unknown=True,
        hurt=EVERYBODY,
        because="no cap on memory: Python without memory may fail anywhere; A11 bounds it",
    ),
    Row(
        "D5",
        "the clock is a day ahead, then a day behind",
        other_time,
        because="the clock is the gateway's own, injected; leap seconds are not played",
    ),
)
