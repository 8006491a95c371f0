"""Shows where the gateway's processor time goes: the share of each room in a request.

    python -m bench.profile [--kept] [--apart | --fresh] [QUESTION ...]

The gateway runs in this process, without a server around it, asked by 32 at a time; the platform
is a process of its own. With `--kept` its answers are kept. With `--apart` no two requests under
way are the same; with `--fresh` they share no call either. What C functions take is counted to the
room that calls them. cProfile makes small functions look larger than they are: read the shares as
a hint where to look.
"""

import argparse
import asyncio
import cProfile
import itertools
import pstats
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import uvloop
from starlette.types import ASGIApp, Message

from bench.gateway import KEPT, LIVE, settings_of
from bench.load import documents_of
from bench.questions import QUESTIONS
from bench.stage import platform
from gateway.app import create_app
from gateway.cli.worker_process import tune_interpreter

_ROOT: Final = Path(__file__).parents[1]
_AT_A_TIME: Final = 32
_REQUESTS: Final = 3_200
_ROOMS: Final = (
    ("gateway/http", "the edge: HTTP, limits, keys of shared executions"),
    ("gateway/executor", "the executor"),
    ("<plan>", "the executor"),
    ("gateway/platforms", "adapters and mapping"),
    ("gateway/upstream", "calls to the platform, and their cache"),
    ("gateway/services", "services, resolvers and loaders"),
    ("resolvers", "services, resolvers and loaders"),
    ("schema", "public types"),
    ("gateway", "the rest of the gateway"),
    ("strawberry", "Strawberry"),
    ("graphql", "graphql-core"),
)
_ELSE: Final = "Python and other libraries"

#: Where a function stands, as pstats names it: file, line, name.
Function = tuple[str, int, str]


@asynccontextmanager
async def opened(app: ASGIApp) -> AsyncIterator[None]:
    """The application as a server opens it."""
    started, over = asyncio.Event(), asyncio.Event()
    messages = iter(({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}))

    async def receive() -> Message:
        if started.is_set():
            await over.wait()
        return next(messages)

    async def send(_: Message) -> None:
        started.set()

    serving: Any = app({"type": "lifespan"}, receive, send)
    running = asyncio.create_task(serving)
    await started.wait()
    yield
    over.set()
    await running


async def ask(app: ASGIApp, body: bytes, *, fresh: bool) -> bytes:
    """The body of the answer to one request."""
    answered: list[bytes] = []
    unread = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return unread.pop() if unread else await asyncio.Future()

    async def send(message: Message) -> None:
        answered.append(message.get("body", b""))

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "headers": [
            (b"host", b"127.0.0.1"),
            (b"content-type", b"application/json"),
            (b"accept", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            *([(b"cache-control", b"no-cache")] if fresh else []),
        ],
    }
    await app(scope, receive, send)
    return answered[-1]


async def _profiled(app: ASGIApp, next_body: Callable[[], bytes], *, fresh: bool) -> pstats.Stats:
    async def lane(requests: int) -> None:
        for _ in range(requests):
            answer = await ask(app, next_body(), fresh=fresh)
            if b'"errors"' in answer[:30]:
                raise ValueError(f"the gateway failed: {answer[:300]!r}")

    async def all_lanes() -> None:
        each = _REQUESTS // _AT_A_TIME
        await asyncio.gather(*(lane(each) for _ in range(_AT_A_TIME)))

    # Once before: plans are made, and answers kept.
    await all_lanes()
    profile = cProfile.Profile()
    profile.enable()
    await all_lanes()
    profile.disable()
    return pstats.Stats(profile)


def _room(function: Function) -> str | None:
    """The room of a function; None for one of C."""
    file = function[0]
    if file == "~":
        return None
    parts = file.removeprefix(f"{_ROOT}/").rpartition("site-packages/")[2]
    return next((title for start, title in _ROOMS if parts.startswith(start)), _ELSE)


def shares(stats: pstats.Stats) -> Counter[str]:
    """Seconds by room, this page's own left out."""
    found: Counter[str] = Counter()
    entries: dict[Function, Any] = stats.stats  # type: ignore[attr-defined] # pstats declares it not
    for function, (_, _, own, _, callers) in entries.items():
        room = _room(function)
        if room is not None:
            found[room] += own
            continue
        for caller, (_, _, spent, _) in callers.items():
            found[_room(caller) or _ELSE] += spent
    return found


async def _measure(name: str, url: str, how: argparse.Namespace) -> str:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(settings_of(url, Path(folder), KEPT if how.kept else LIVE))
        bodies = itertools.cycle(documents_of(QUESTIONS[name], apart=how.apart))
        async with opened(app):
            tune_interpreter()
            stats = await _profiled(app, lambda: next(bodies), fresh=how.fresh)
            found = shares(stats)
    whole = found.total()
    lines = [f"| {room} | {spent / whole:.0%} |" for room, spent in found.most_common()]
    return "\n".join([f"| {name} | share |", "|---|---:|", *lines, ""])


def main() -> None:
    """Measure each question, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", nargs="*", default=list(QUESTIONS), help="A, B, C")
    parser.add_argument("--kept", action="store_true", help="the platform's answers are kept")
    parser.add_argument("--apart", action="store_true", help="no two requests are the same")
    parser.add_argument("--fresh", action="store_true", help="nothing is shared at all")
    arguments = parser.parse_args()
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    with platform() as stage:
        for name in arguments.questions:
            sys.stdout.write(asyncio.run(_measure(name, stage.url, arguments)) + "\n")


if __name__ == "__main__":
    main()
