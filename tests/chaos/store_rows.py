"""Rows C1 to C5: the stores are gone, locked, full or damaged."""

import asyncio
import resource

from tests.chaos.row import Row, Stage
from tests.chaos.world import POSTGRES, SQLITE, locked

#: No file may be written beyond this, new ones included: less than /readyz wants to find free.
MOST_BYTES = 32_768


async def redis_gone(stage: Stage) -> str:
    """C1: killed, back empty, silent."""
    redis = stage.world.redis
    assert redis is not None
    await asyncio.to_thread(redis.kill)
    await stage.under(1.0)
    await asyncio.to_thread(redis.start)
    await stage.under(0.5)
    redis.pause()
    await stage.under(1.5)
    redis.resume()
    failed = sum(bool(reply.errors) for reply in stage.journal.of_kind("query"))
    stage.expect(f"{failed} queries failed", so=failed == 0)
    return "killed, back empty, then silent: no query failed"


async def postgres_gone(stage: Stage) -> str:
    """C2: killed and started again; then its connections are ended one by one."""
    server = stage.world.postgres
    assert server is not None
    for _ in range(1 if stage.short else 3):
        await asyncio.to_thread(server.kill)
        await stage.under(0.7)
        await asyncio.to_thread(server.start)
        await stage.under(0.7)
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    await asyncio.to_thread(server.execute, ended)
    await stage.under(0.5)
    return "killed, started, its connections ended"


async def sqlite_locked(stage: Stage) -> str:
    """C3: another process holds the lock for writing for longer than the gateway waits."""
    with locked(stage.world.folder):
        await asyncio.sleep(7.0 if stage.short else 30.0)
    return f"locked for {7 if stage.short else 30} s"


async def disk_full(stage: Stage) -> str:
    """C4: no file of the gateway can grow any more."""
    gateway = stage.world.gateway
    ready = []
    gateway.limit(resource.RLIMIT_FSIZE, MOST_BYTES)
    async with stage.world.client() as http:
        for _ in range(4):
            await stage.under(0.6)
            ready.append((await http.get("/readyz")).status_code)
        gateway.limit(resource.RLIMIT_FSIZE, resource.RLIM_INFINITY)
        refused = sum(
            error.get("extensions", {}).get("code") == "STORE_UNAVAILABLE"
            for reply in stage.journal.replies
            for error in reply.errors
        )
    stage.expect(f"/readyz answered {ready}, no write was refused", so=refused > 0)
    stage.expect(f"/readyz answered {ready} while nothing could be written", so=503 in ready)
    return f"{refused} times STORE_UNAVAILABLE, /readyz {ready}"


ROWS = (
    Row("C1", "Redis is killed, empty, silent", redis_gone, set_ups=(POSTGRES,)),
    Row(
        "C2",
        "PostgreSQL is killed, and ends its connections",
        postgres_gone,
        set_ups=(POSTGRES,),
        unknown=True,
        hurt=frozenset({"flagship", "mini", "swan"}),
        tests=(
            "tests/store/test_engine.py::test_a_killed_postgresql_is_unavailable_until_it_is_back",
        ),
    ),
    Row(
        "C3",
        "another process locks SQLite's file",
        sqlite_locked,
        set_ups=(SQLITE,),
        unknown=True,
        hurt=frozenset({"flagship", "mini", "swan"}),
        tests=(
            "tests/store/test_engine.py::test_a_locked_sqlite_is_unavailable_until_the_lock_is_gone",
        ),
    ),
    Row(
        "C4",
        "the disk is full",
        disk_full,
        set_ups=(SQLITE,),
        unknown=True,
        hurt=frozenset({"flagship", "mini", "swan"}),
        tests=("tests/store/test_engine.py::test_a_full_disk_is_unavailable_and_loses_nothing",),
        because="a limit on the size of files; PostgreSQL's own disk is not the gateway's",
    ),
    Row(
        "C5",
        "the file is damaged, missing, of another version",
        tests=(
            "tests/store/test_engine.py::test_a_file_that_is_no_database_is_unavailable",
            "tests/store/test_engine.py::test_a_folder_that_is_not_there_is_named",
            "tests/store/test_migrate.py",
            "tests/store/test_store.py::test_another_key_is_refused_at_the_start",
        ),
        because="a gateway that does not start takes no load",
    ),
)
