"""Measures how long the slowest wait at 70 % load: the gateway, and beside it the same machine.

The endpoint written by hand is asked in the same way, from kept answers: what it shows too is not
the gateway's. So is a fixed piece of work, which no server and no client disturb.
"""

import asyncio
import time
from collections.abc import Mapping
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


def tails(platform: Platform, *, rounds: int, seconds: float) -> Mapping[tuple[str, str, str], Row]:
    """By question, meaning of 70 % and server; rounds are interleaved."""
    with (
        server(_TARGETS[GATEWAY], platform) as gateway,
        server(_TARGETS[HAND_WRITTEN], platform) as control,
    ):
        servers = {GATEWAY: gateway, HAND_WRITTEN: control}
        return asyncio.run(_rounds(servers, rounds, seconds))


async def _rounds(
    servers: Mapping[str, Server], rounds: int, seconds: float
) -> dict[tuple[str, str, str], Row]:
    found: dict[tuple[str, str, str], Row] = {}
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
                most = Row()
                await servers[name].run(request, Plan(seconds=seconds / 2), most)
                pace = LOAD * most.runs[0].rate
                for meaning in (_MOST, _BUSY):
                    row = found.setdefault((question, meaning, name), Row())
                    await servers[name].run(request, Plan(seconds=seconds, pace=pace), row)
                    pace *= LOAD / row.busy[-1]
    return found


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
