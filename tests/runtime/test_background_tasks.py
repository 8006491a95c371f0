"""Every long-lived task of a running gateway goes on after an exception that nothing expects."""

import asyncio
import inspect
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from structlog.testing import capture_logs

from gateway.concurrency.background_task import BackgroundTask
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from tests.feed.subscribers import following
from tests.fixtures_redis import RedisServer
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, configuration, serving
from tests.inbox.test_webhooks import STORE, shops
from tests.waiting import eventually

NAMES = {
    "audit_log",
    "backlog_metrics",
    "bulk_operations",
    "erased_caches",
    "health_feed",
    "inbox",
    "index_backfill",
    "index_recorder",
    "index_ledger",
    "key_uses",
    "mirror_follower",
    "notifier",
    "order_feed",
    "outbox_dispatch/mini",
    "outbox_dispatch/swan",
    "outbox_leases",
    "payments",
    "rate_limiter_listen",
    "rate_limiter_report",
    "reconciler",
    "retention",
    "store_statistics",
    "webhook_delivery",
    "webhook_health",
    "webhook_recorder",
}
#: The server's own: what it runs is not the gateway's.
SERVER = {"Server.serve", "LifespanOn.main", "PromptServer._tick"}
FIGURE = re.compile(r'^gateway_background_task_(\w+)\{task="(.+)"\} (.+)$', re.MULTILINE)
#: A report of the rate limiter in which nothing was spent; the notifier reads no content.
MESSAGE = msgspec.msgpack.encode({"sender": "test", "spent": {}})


def long_lived(before: set["asyncio.Task[Any]"]) -> dict[str, BackgroundTask | None]:
    """Every task of the gateway by its name; None for one that is not supervised."""
    found: dict[str, BackgroundTask | None] = {}
    for task in asyncio.all_tasks() - before:
        work = task.get_coro()
        if not inspect.iscoroutine(work):
            found[task.get_name()] = None
        elif work.__qualname__ not in SERVER:
            runner = inspect.getcoroutinelocals(work).get("self")
            found[task.get_name()] = runner if isinstance(runner, BackgroundTask) else None
    return found


def throw_once(task: BackgroundTask) -> None:
    """Let the next round of a task fail with an error that nothing expects."""
    work = task._work  # noqa: SLF001 - whatever the work is, it is this that fails

    async def fail() -> int:
        task._work = work  # noqa: SLF001 - once
        raise ZeroDivisionError

    task._work = fail  # noqa: SLF001 - as above


def wake(tasks: Sequence[BackgroundTask], redis_server: RedisServer) -> None:
    """Let each task begin its next round; those that listen end one when a message comes."""
    for task in tasks:
        task.wake()
    with redis_server.client() as redis:
        channels: Any = redis.pubsub_channels()
        assert len(channels) == 2
        for channel in channels:
            redis.publish(channel, MESSAGE)


async def until(holds: Callable[[dict[tuple[str, str], float]], bool], gateway: Client) -> None:
    """Wait until the metrics of background tasks, by metric and task, are as they should be."""

    async def as_wanted() -> bool:
        text = (await gateway.http.get("/metrics")).text
        return holds({(name, task): float(value) for name, task, value in FIGURE.findall(text)})

    await eventually(as_wanted)


async def test_every_long_lived_task_goes_on_after_an_unexpected_exception(
    own_redis: RedisServer, sandbox: Sandbox, tmp_path: Path
) -> None:
    sections = configuration(
        sandbox,
        tmp_path,
        shops=shops(sandbox, tmp_path, **STORE),
        cache={"url": own_redis.url},
    )
    before = asyncio.all_tasks()
    with capture_logs() as lines:
        async with serving(Settings.from_dict(PLATFORMS, sections)) as gateway:
            # The first subscriptions start the feeds and the notifier; they outlive them.
            async with (
                following(gateway.http, "subscription { orderChanged { cursor } }"),
                following(gateway.http, "subscription { shopHealthChanged { key } }"),
            ):
                await until(lambda seen: len({task for _, task in seen}) == len(NAMES), gateway)
            # Tasks of requests that have been answered end, and those of a commit under way.
            await eventually(lambda: long_lived(before).keys() == NAMES)
            found = long_lived(before)
            assert found.keys() == NAMES
            tasks = [task for task in found.values() if task is not None]
            assert len(tasks) == len(NAMES)

            for task in tasks:
                throw_once(task)
            wake(tasks, own_redis)
            await until(
                lambda seen: all(seen.get(("failures_total", name)) == 1.0 for name in NAMES),
                gateway,
            )
            failed_by = time.time()
            wake(tasks, own_redis)
            await until(
                lambda seen: all(
                    seen["last_success_timestamp_seconds", name] > failed_by for name in NAMES
                ),
                gateway,
            )
            await eventually(lambda: long_lived(before).keys() == NAMES)

    failures = [line for line in lines if line["event"] == "background.task.failed"]
    assert {line["task"] for line in failures} == NAMES
    assert len(failures) == len(NAMES)
    assert {type(line["exc_info"]) for line in failures} == {ZeroDivisionError}
    assert asyncio.all_tasks() == before
