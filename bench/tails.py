"""Measures how long the slowest wait at 70 % load: the gateway, and beside it the same machine.

The endpoint written by hand is asked in the same way, from kept answers: what it shows too is not
the gateway's. So is a fixed piece of work, which no server and no client disturb.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bench.load import Measured, Plan
from bench.processes import OTHER_CORE, SERVER_CORE, pin
from bench.questions import QUESTIONS
from bench.stage import Platform, Row, Server, server
from bench.variants import GATEWAY, HAND_WRITTEN

_TARGETS: Final = {GATEWAY: "bench.gateway:default", HAND_WRITTEN: "bench.handwritten:kept"}
#: Of what the server can answer at the most, or of its core's time.
LOAD: Final = 0.7
#: Steps of the fixed piece of work: about as long as a request of A takes.
_WORK: Final = 15_000
_MOST: Final = f"{LOAD:.0%} of the most"
_BUSY: Final = f"core {LOAD:.0%} busy"


@dataclass
class Tail:
    """What was measured of one server, one question and one meaning of 70 %, a value a round."""

    runs: list[Measured] = field(default_factory=list)
    #: How much of its core the server took, 0 to 1.
    busy: list[float] = field(default_factory=list)

    def median(self, figure: Callable[[Measured], float]) -> float:
        """Of a figure of the rounds."""
        return statistics.median(figure(run) for run in self.runs)


def tails(
    platform: Platform, *, rounds: int, seconds: float
) -> Mapping[tuple[str, str, str], Tail]:
    """By question, meaning of 70 % and server; rounds are interleaved."""
    with (
        server(_TARGETS[GATEWAY], platform) as gateway,
        server(_TARGETS[HAND_WRITTEN], platform) as control,
    ):
        servers = {GATEWAY: gateway, HAND_WRITTEN: control}
        return asyncio.run(_rounds(servers, rounds, seconds))


async def _rounds(
    servers: Mapping[str, Server], rounds: int, seconds: float
) -> dict[tuple[str, str, str], Tail]:
    found: dict[tuple[str, str, str], Tail] = {}
    for question, query in QUESTIONS.items():
        # By documents that differ, or executions are shared the more the more is asked: 70 % of
        # what is answered at the most would be more than all that is answered one by one.
        asking = {
            GATEWAY: servers[GATEWAY].asking(query, apart=True),
            HAND_WRITTEN: servers[HAND_WRITTEN].asking(query),
        }
        # Long enough for each document to be compiled.
        await servers[GATEWAY].run(asking[GATEWAY], Plan(seconds=4.0), Row())
        for _ in range(rounds):
            for name, request in asking.items():
                most = await _measured(servers[name], request, Plan(seconds=seconds / 2))
                pace = LOAD * most.rate
                for meaning in (_MOST, _BUSY):
                    tail = found.setdefault((question, meaning, name), Tail())
                    busy = await _run(
                        servers[name], request, Plan(seconds=seconds, pace=pace), tail
                    )
                    pace *= LOAD / busy
    return found


async def _measured(server: Server, request: Callable[[], bytes], plan: Plan) -> Measured:
    row = Row()
    await server.run(request, plan, row)
    return row.runs[0]


async def _run(server: Server, request: Callable[[], bytes], plan: Plan, tail: Tail) -> float:
    """One run; answers how busy the server's core was."""
    row = Row()
    await server.run(request, plan, row)
    tail.runs += row.runs
    tail.busy.append(row.runs[0].rate * row.effort[0])
    return tail.busy[-1]


def unevenness(seconds: float) -> Measured:
    """How long the same work takes each time, on the server's core and with nothing beside it."""
    found = Measured()
    pin(SERVER_CORE)
    until = time.perf_counter() + seconds
    while (started := time.perf_counter()) < until:
        sum(number * number for number in range(_WORK))
        found.seconds.append(time.perf_counter() - started)
    pin(OTHER_CORE)
    found.elapsed = seconds
    return found
