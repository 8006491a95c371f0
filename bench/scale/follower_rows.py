"""A row about followers: one change told to two thousand of them."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from bench.scale.callers import Times, caller
from bench.scale.figures import Figure, Row
from bench.scale.intake_rows import inputs
from bench.scale.order_inputs import IMPORT
from bench.scale.served_gateway import Usage
from bench.scale.stage import Stage

_FOLLOWERS, _SHORT = 2_000, 300
#: Changes that are told, one after the other, and the seconds from one to the next.
_CHANGES, _APART = 8, 1.0
#: Seconds within which the followers have to connect, and to have had everything.
_CONNECTED, _TOLD = 120.0, 30.0
_THOUSAND: Final = 1_000


class FollowersProcess:
    """The process of `bench.scale.followers`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def connected(self) -> None:
        """Wait until all of them follow.

        Raises:
            RuntimeError: they do not.
        """
        async with asyncio.timeout(_CONNECTED):
            if await self._stdout.readline() != b"ready\n":
                raise RuntimeError("the followers cannot connect")

    async def end(self) -> dict[str, Any]:
        """End it; what the followers saw."""
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - it is a pipe
        stdin.write(b"\n")
        await stdin.drain()
        async with asyncio.timeout(_CONNECTED):
            seen: dict[str, Any] = json.loads(await self._stdout.readline())
        return seen

    @property
    def _stdout(self) -> asyncio.StreamReader:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 - it is a pipe
        return stdout


@asynccontextmanager
async def followed(url: str, count: int) -> AsyncIterator[FollowersProcess]:
    """So many followers of a gateway, who are cut off with the context."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.scale.followers", url, str(count)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    try:
        yield FollowersProcess(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def followers(stage: Stage) -> Sequence[Figure]:
    """Changes told to followers who select fields of the order."""
    count = _SHORT if stage.short else _FOLLOWERS
    await stage.platform.ask("reset=1&delay=0")
    orders = inputs(stage)
    began: dict[str, float] = {}
    writes = Times()
    async with stage.gateway() as gateway, caller(gateway.url) as asking:
        without = gateway.usage()
        async with followed(gateway.url, count) as following:
            await following.connected()
            # The last of them have only just asked.
            await asyncio.sleep(1)
            idle = gateway.usage()
            for _ in range(_CHANGES):
                at = time.time()
                given = orders.one("mini", adopt=True)
                reply = writes.note(await asking.ask(IMPORT, {"input": given}))
                began[reply.data["done"]["order"]["id"]] = at
                await asyncio.sleep(max(0.0, at + _APART - time.time()))
            await asyncio.sleep(2)
            seen = await following.end()
        used = gateway.usage()
        alone = Times()
        for _ in range(_CHANGES):
            given = orders.one("mini", adopt=True)
            alone.note(await asking.ask(IMPORT, {"input": given}))
    _note_costs(stage, count, without, idle, used)
    stage.say(f"  { ({name: value for name, value in seen.items() if name != 'seen'}) }")
    return _figures(count, began, seen, (writes, alone))


def _note_costs(stage: Stage, count: int, without: Usage, idle: Usage, used: Usage) -> None:
    thousands = count / _THOUSAND
    memory = (idle.memory - without.memory) / thousands
    stage.costs["memory per 1,000 followers, MiB"] = memory
    processor = (used.processor - idle.processor) / thousands / _CHANGES
    stage.costs["processor per change and 1,000 followers, s"] = processor


def _figures(
    count: int, began: dict[str, float], seen: dict[str, Any], times: tuple[Times, Times]
) -> list[Figure]:
    told = {order: seen["seen"].get(order, [0, 0.0]) for order in began}
    last = sorted(when - began[order] for order, (_, when) in told.items())
    writes, alone = times
    return [
        Figure(
            what=f"until the last of {count:,} has it, median",
            value=max(0.0, last[len(last) // 2]),
            unit="s",
            today="6 to 8 s",
            most=1.0,
        ),
        Figure(what="the slowest change", value=max(0.0, last[-1]), unit="s"),
        Figure(
            what="the mutation itself, median",
            value=writes.percentile(0.5),
            unit="ms",
            today="6 s",
            most=300,
        ),
        Figure(what="the same without followers, median", value=alone.percentile(0.5), unit="ms"),
        Figure(
            what="events missed",
            value=sum(count - followers for followers, _ in told.values()),
            today="10,670 of 22,320",
            most=0,
            exact=True,
        ),
        Figure(
            what="`next` without data or error",
            value=seen["without_data"],
            today="510",
            most=0,
            exact=True,
        ),
    ]


ROWS: Final = (Row(name="followers", title="a change told to followers", measure=followers),)
