"""One row of the catalogue: what is done to the gateway, and what came of it."""

import asyncio
import random
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.gateway_process import DEADLINE, Usage
from tests.chaos.invariants import (
    INVARIANTS,
    MORE_FILES,
    MORE_MEMORY,
    Evidence,
    Findings,
    check,
    shown_code,
)
from tests.chaos.journal import Journal
from tests.chaos.load import Load, stock
from tests.chaos.world import SET_UPS, World

#: Seconds of load before each fault.
BEFORE = 0.5
FLAGSHIP = frozenset({"flagship"})
EVERYBODY = frozenset({"flagship", "mini", "swan"})


@dataclass(slots=True)
class Stage:
    """What a row plays on: the world, its own journal and load, randomness of the seed."""

    world: World
    journal: Journal
    load: Load
    chance: random.Random
    short: bool
    findings: Findings = field(default_factory=Findings)

    async def fault(self, kind: str, value: Any = None, **more: Any) -> None:
        """Ask the sandbox for a fault; until it is cleared, unless `times` says otherwise."""
        await asyncio.to_thread(self.world.sandbox.fault, kind, value, **{"times": None, **more})

    async def clear(self) -> None:
        """End the faults of the platforms."""
        await asyncio.to_thread(self.world.sandbox.clear_faults)

    async def under(self, seconds: float) -> None:
        """Let the load go on for so long; three times as long in the full run."""
        await asyncio.sleep(seconds if self.short else 3 * seconds)

    async def calls(self, path: str) -> int:
        """How often the platforms were asked for paths that begin so."""
        counts = await asyncio.to_thread(self.world.sandbox.counts)
        return sum(count for known, count in counts.items() if known.startswith(path))

    def expect(self, words: str, *, so: bool) -> None:
        """Note what the row itself promises, where it is not so."""
        self.findings.add("own", [] if so else [words])


Play = Callable[[Stage], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A row: played by `play` under the load, or shown by tests of the suite, or both.

    `hurt` names the shops whose lists the fault may hide. With `unknown` an answer may be lost in
    the middle of a write, with `rejects` the platform may refuse one for good, with `cuts` a
    client's connection may end. `because` says why a part of it is not played here.
    """

    name: str
    fault: str
    play: Play | None = None
    tests: tuple[str, ...] = ()
    hurt: frozenset[str] = FLAGSHIP
    unknown: bool = False
    rejects: bool = False
    cuts: bool = False
    set_ups: tuple[str, ...] = SET_UPS
    because: str = ""
    short: bool = True
    #: Seconds for which the row itself keeps the gateway from answering.
    stands_still: float = 0.0
    #: MiB by which the gateway may grow over the row.
    memory: float = MORE_MEMORY


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a row: `broken` by invariant; `figures` in words; `looked_at` in order."""

    row: Row
    set_up: str
    looked_at: Sequence[str]
    broken: dict[str, list[str]]
    figures: str


async def played(row: Row, world: World, seed: int, *, short: bool, play: int = 1) -> Result:
    """Play a row under the load, and check every invariant; `play` counts its plays."""
    assert row.play is not None
    chance = random.Random(f"{seed} {row.name}")
    # Another play needs keys of its own: the gateway answers a repeated one from its memory.
    journal = Journal(f"{row.name.lower()}-{seed}-{play}")
    load = Load(journal, world.sandbox, world.gateway.url)
    stage = Stage(world, journal, load, chance, short)
    had, first_change = await asyncio.to_thread(stock, world.sandbox), len(world.follower.changes)
    tokens = await asyncio.to_thread(world.tokens)
    load.start()
    try:
        await asyncio.sleep(BEFORE)
        before = world.gateway.usage()
        figures = await row.play(stage)
        await world.heal()
        await load.stop()
        works_again = await world.works_again()
    finally:
        await load.ended()
    await world.retry_pending()
    pending = await world.drained()
    await world.announced(journal)
    evidence = Evidence(
        journal=journal,
        ledger=await world.ledger(journal, pending),
        platforms=await asyncio.to_thread(world.platforms),
        added=await asyncio.to_thread(stock, world.sandbox) - had,
        changes=world.follower.changes[first_change:],
        before=before,
        after=await settled_usage(world, before),
        artefacts=await asyncio.to_thread(world.artefacts),
        tokens=[*tokens, *await asyncio.to_thread(world.tokens)],
        hurt=row.hurt,
        may_be_unknown=row.unknown,
        may_reject=row.rejects,
        may_cut_off=row.cuts,
        deadline=None if short else DEADLINE + row.stands_still,
        works_again=works_again,
        more_memory=row.memory,
    )
    broken = stage.findings.broken | check(evidence).broken
    return Result(row, world.set_up, ("own", *INVARIANTS), broken, _figures(journal, figures))


def stopped(row: Row, set_up: str, error: Exception) -> Result:
    """The result of a row that could not be played to its end."""
    words = "".join(traceback.format_exception(error))
    return Result(row, set_up, ("own",), {"own": [f"it stopped: {words}"]}, "not played to its end")


async def settled_usage(world: World, before: Usage) -> Usage:
    """What the gateway holds once connections to the platforms that nobody uses are closed."""
    for _ in range(180):
        if world.gateway.usage().files <= before.files + MORE_FILES:
            break
        await asyncio.sleep(0.25)
    return world.gateway.usage()


def _figures(journal: Journal, more: str) -> str:
    times = sorted(reply.seconds for reply in journal.replies) or [0.0]
    codes = Counter(shown_code(error) for reply in journal.replies for error in reply.errors)
    errors = ", ".join(f"{count} {code}" for code, count in sorted(codes.items()))
    words = [
        f"{len(journal.replies)} answers",
        f"errors: {errors}" if errors else "no error",
        f"{journal.writes} writes",
        f"{len(journal.events)} events",
        f"slowest {times[-1]:.1f} s",
    ]
    if journal.cut_off:
        words.append(f"{journal.cut_off} cut off")
    return ", ".join([*words, *filter(None, [more])])
