"""Backup, loss of everything, restore by docs/deployment.md: nothing acknowledged is missing.

The commands are the documented ones, with the folders, users and programs of this machine in place
of a container's.
"""

import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Running, serving
from tests.cli.test_serve import address_of
from tests.deploy.configurations import COMPOSE, compose
from tests.drill.site import Shopkeeper, make_site, shopkeeper, writing
from tests.fixtures_postgres import PostgresServer
from tests.fixtures_redis import RedisServer
from tests.fixtures_sandbox import Sandbox
from tests.house.tree import ROOT
from tests.waiting import eventually

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

SERVE = ("serve", "--port", "0")
PAGE = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
#: What is kept apart from the databases.
KEPT = ("gateway.toml", "keys.toml", "store_key")


def documented(service: str, program: str, places: Mapping[str, str]) -> list[str]:
    """The one documented command in a container, at the places of this machine."""
    joined = PAGE.replace("\\\n", " ")
    pattern = rf"^docker compose exec (?:--no-TTY )?{service} ({program} .*?)(?: [<>]\S+)?$"
    (command,) = re.findall(pattern, joined, re.MULTILINE)
    return shlex.split(placed(command, places))


def placed(text: str, places: Mapping[str, str]) -> str:
    """A text with the containers' paths and names replaced."""
    for there, here in places.items():
        text = text.replace(there, here)
    return text


def run(program: Path, arguments: Sequence[str], given: bytes = b"") -> bytes:
    """Run a program on some input; answers what it prints."""
    return subprocess.run(
        [program, *arguments], input=given, stdout=subprocess.PIPE, check=True
    ).stdout


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The gateway's folder, which is lost."""
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Another disk, which stays."""
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """A server of the test's own, to be lost."""
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        server = PostgresServer(Path(name))
        server.start()
        yield server
        server.stop()


@contextmanager
def client(running: Running, key: str) -> Iterator[Shopkeeper]:
    """A client of a gateway that has started."""
    with shopkeeper(address_of(running), key) as keeper:
        yield keeper


def keep(site: Path, kept: Path) -> None:
    """Back up what is no database."""
    for name in KEPT:
        shutil.copy2(site / name, kept / name)


def give_back(kept: Path, site: Path) -> None:
    """Restore what is no database, into an empty folder."""
    site.mkdir()
    for name in KEPT:
        shutil.copy2(kept / name, site / name)


async def begin(keeper: Shopkeeper, sandbox: Sandbox, name: str) -> None:
    """Write orders of which some are delivered, and some wait for a platform that is down."""
    for number in range(5):
        keeper.write(f"{name}-delivered-{number}")
    await eventually(lambda: keeper.pending() == 0)
    sandbox.fault("http_status", 503, platform="baidu", path="/rest/", times=None)
    for number in range(5):
        keeper.write(f"{name}-waiting-{number}")
    assert keeper.pending() == 5


async def check_restored(
    site: Path, key: str, acknowledged: Mapping[str, str], sandbox: Sandbox
) -> None:
    """Start the restored gateway: all that was acknowledged is there, and goes out once."""
    sandbox.clear_faults()
    with serving(*SERVE, cwd=site) as running, client(running, key) as keeper:
        await eventually(keeper.is_ready)
        assert {name: keeper.read(order) for name, order in acknowledged.items()} == {
            name: name for name in acknowledged
        }
        # Asked again, each tells what it told before.
        for name, order in acknowledged.items():
            again = keeper.write(name)
            assert again["extensions"]["idempotentReplay"] is True
            assert keeper.acknowledged[name] == order
        await eventually(lambda: keeper.pending() == 0)
        assert running.end(signal.SIGTERM) == 0
    (shop,) = sandbox.shops("baidu").values()
    # Each reached the platform by one call; 5 is its status.
    calls = {name: shop["orders"][name]["calls"] for name in acknowledged}
    assert calls == {name: ["add/main/info 5"] for name in acknowledged}


async def test_an_sqlite_store_is_restored_from_an_online_copy(
    site: Path, kept: Path, sandbox: Sandbox
) -> None:
    key = make_site(site, sandbox, "sqlite:///gateway.db")
    places = {"/data": str(site), "/backup": str(kept)}
    with serving(*SERVE, cwd=site) as running, client(running, key) as keeper:
        await begin(keeper, sandbox, "before")
        with writing(keeper, "during-"):
            await eventually(lambda: len(keeper.acknowledged) > 20)
            acknowledged = dict(keeper.acknowledged)
            run(Path(sys.executable), documented("gateway", "python", places)[1:])
        keep(site, kept)
        running.end(signal.SIGKILL)
    shutil.rmtree(site)

    give_back(kept, site)
    (files,) = re.findall(r"--entrypoint cp gateway (/backup/.*) /data/$", PAGE, re.MULTILINE)
    for file in files.split():
        shutil.copy(placed(file, places), site)

    await check_restored(site, key, acknowledged, sandbox)


async def test_a_postgresql_store_is_restored_from_a_dump(
    site: Path, kept: Path, sandbox: Sandbox, postgres: PostgresServer, own_redis: RedisServer
) -> None:
    places = {"/archive": str(kept), "--username=gateway": "--username=postgres"}
    at = f"--host={postgres.folder}"
    postgres.execute("CREATE DATABASE gateway")
    url = f"postgresql://postgres@/gateway?host={postgres.folder}"
    key = make_site(site, sandbox, url, own_redis.url)
    with serving(*SERVE, cwd=site) as running, client(running, key) as keeper:
        await begin(keeper, sandbox, "before")
        with writing(keeper, "during-"):
            await eventually(lambda: len(keeper.acknowledged) > 20)
            acknowledged = dict(keeper.acknowledged)
            program, *dump = documented("postgres", "pg_dump", places)
            dumped = run(postgres.program(program), [at, *dump])
        keep(site, kept)
        running.end(signal.SIGKILL)
    lose_all(site, postgres, own_redis)

    postgres.make()
    postgres.start()
    own_redis.start()
    give_back(kept, site)
    postgres.execute("CREATE DATABASE gateway")
    program, *restore = documented("postgres", "pg_restore", places)
    run(postgres.program(program), [at, *restore], dumped)

    await check_restored(site, key, acknowledged, sandbox)


async def test_a_postgresql_store_is_restored_to_its_last_commit(
    site: Path, kept: Path, sandbox: Sandbox, postgres: PostgresServer, own_redis: RedisServer
) -> None:
    archive = kept / "archive"
    (archive / "wal").mkdir(parents=True)
    places = {
        "/run/postgresql": str(postgres.folder),
        "/archive": str(archive),
        "--username=gateway": "--username=postgres",
    }
    postgres.execute("CREATE DATABASE gateway")
    url = f"postgresql://postgres@/gateway?host={postgres.folder}"
    key = make_site(site, sandbox, url, own_redis.url)
    with archiving(postgres, places):
        program, *ask = documented("postgres", "psql", places)
        run(postgres.program(program), [f"--host={postgres.folder}", *ask])
        await eventually(lambda: synchronous(postgres))
        with serving(*SERVE, cwd=site) as running, client(running, key) as keeper:
            await begin(keeper, sandbox, "before")
            with writing(keeper, "during-"):
                await eventually(lambda: len(keeper.acknowledged) > 20)
                program, *base = documented("wal-archive", "pg_basebackup", places)
                run(postgres.program(program), base)
                clean_archive(postgres, places)
                written = len(keeper.acknowledged)
                await eventually(lambda: len(keeper.acknowledged) > written + 20)
                # In the middle of a write.
                postgres.lose()
                running.end(signal.SIGKILL)
                keeper.gone.set()
    acknowledged = dict(keeper.acknowledged)
    keep(site, kept)
    lose_all(site, None, own_redis)

    own_redis.start()
    give_back(kept, site)
    restore_cluster(postgres, places)
    postgres.start()
    with archiving(postgres, places):
        await check_restored(site, key, acknowledged, sandbox)


def lose_all(site: Path, postgres: PostgresServer | None, redis: RedisServer) -> None:
    """Lose the gateway's folder, the database and the cache."""
    shutil.rmtree(site)
    redis.kill()
    if postgres is not None:
        postgres.lose()


@contextmanager
def archiving(postgres: PostgresServer, places: Mapping[str, str]) -> Iterator[None]:
    """Run the archive's command of the compose file while the context lasts."""
    _, _, script = compose("replicas")["services"]["wal-archive"]["command"]
    environ = {"PATH": f"{postgres.program('psql').parent}:/usr/bin:/bin"}
    archive = subprocess.Popen(["sh", "-euc", placed(script, places)], env=environ)
    try:
        yield
    finally:
        archive.kill()
        archive.wait()


def clean_archive(postgres: PostgresServer, places: Mapping[str, str]) -> None:
    """Delete by the documented command what the base backup does not need; it needs the last."""
    before = segments(Path(places["/archive"], "wal"))
    shell, *script = documented("wal-archive", "sh", places)
    environ = {"PATH": f"{postgres.program('psql').parent}:/usr/bin:/bin"}
    subprocess.run([shell, *script], env=environ, check=True)
    assert max(before) in segments(Path(places["/archive"], "wal"))


def segments(folder: Path) -> set[str]:
    """The segments of a log, the one that is being written among them."""
    return {path.name.removesuffix(".partial") for path in folder.iterdir()}


def synchronous(postgres: PostgresServer) -> bool:
    """Whether a commit waits for the archive."""
    url = f"postgresql://postgres@/postgres?host={postgres.folder}"
    state = "SELECT sync_state FROM pg_stat_replication WHERE application_name = 'pg_receivewal'"
    return postgres.scalar(state, url=url) == "sync"


def restore_cluster(postgres: PostgresServer, places: Mapping[str, str]) -> None:
    """Run the compose file's script in place of the lost database."""
    service = compose("replicas")["services"]["restore"]
    shell, path = service["entrypoint"]
    text = (COMPOSE / "replicas" / path.removeprefix("/")).read_text()
    environ: dict[str, Any] = {"PGDATA": str(postgres.data), "PATH": "/usr/bin:/bin"}
    restore = [shell, "-c", placed(text, places)]
    subprocess.run(restore, env=environ, check=True)
    postgres.give_back()
    # A folder that holds something is left alone.
    again = subprocess.run(restore, env=environ, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert again.stderr == f"{postgres.data} is not empty: restore into a new volume\n"
