import json
import os
import signal
import socket
from dataclasses import dataclass
from importlib.metadata import version

import httpx
import pytest

from gateway.cli.serve import reload_workers
from tests.cli.command import Running, gateway, serving
from tests.cli.conftest import Configure
from tests.fixtures_sandbox import Sandbox

SHOPS = {"query": "{ shops { key } }"}


def address_of(running: Running) -> str:
    started = json.loads(running.until("cli.gateway.starting"))
    running.until(
        "cli.gateway.started" if started["workers"] == 1 else "Application startup complete"
    )
    return f"http://{started['host']}:{started['port']}"


def ask(address: str, key: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(trust_env=False, timeout=30) as http:
        return http.post(f"{address}/graphql", json=SHOPS, headers=headers)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_gateway_is_served_until_a_signal(
    configure: Configure, sandbox: Sandbox, number: signal.Signals
) -> None:
    folder = configure(base_url=sandbox.base_url).parent
    added = gateway(
        *("keys", "add", "x", "--scopes", "orders:read,catalog:read", "--shops", "mini"),
        cwd=folder,
    )
    key = added.stdout.strip()

    fresh = number is signal.SIGTERM
    with serving("serve", "--port", "0", cwd=folder, fresh=fresh) as running:
        address = address_of(running)
        answer = ask(address, key)
        refused = ask(address, key[:-1])
        assert running.end(number) == 0

    assert answer.json()["data"] == {"shops": [{"key": "mini"}]}
    assert refused.status_code == 401
    first = json.loads(running.output.splitlines()[0])
    assert (first["event"], first["version"]) == (
        "cli.gateway.version",
        version("commerce-gateway"),
    )
    assert "Traceback" not in running.output
    assert key not in running.output


@pytest.mark.long
def test_several_processes_answer_together(
    configure: Configure, sandbox: Sandbox, postgres_url: str, redis_url: str
) -> None:
    folder = configure(
        base_url=sandbox.base_url,
        store=f'url = "{postgres_url}"',
        more=f'[cache]\nurl = "{redis_url}"\n',
    ).parent
    assert gateway("migrate", cwd=folder).returncode == 0
    added = gateway(*("keys", "add", "x", "--scopes", "catalog:read", "--shops", "*"), cwd=folder)

    serve = ("serve", "--port", "0", "--workers", "2")
    with serving(*serve, cwd=folder, fresh=True) as running:
        answer = ask(address_of(running), added.stdout.strip())
        running.send(signal.SIGHUP)
        running.until("runtime.reload.done")
        assert running.end(signal.SIGTERM) == 0

    assert [shop["key"] for shop in answer.json()["data"]["shops"]] == ["flagship", "mini", "swan"]


def test_a_signal_has_the_configuration_reloaded(
    configure: Configure,
) -> None:
    config = configure()
    text = config.read_text().replace('{ env = "SWAN_SECRET" }', '{ file = "swan.secret" }')
    config.write_text(text)
    secret = config.with_name("swan.secret")
    secret.write_text("canary-first-secret")

    with serving("serve", "--port", "0", cwd=config.parent) as running:
        address_of(running)
        secret.write_text("canary-second-secret")
        config.write_text(f'[log]\nlevel = "debug"\n[limits]\nmax_depth = 9\n{text}')
        running.send(signal.SIGHUP)
        done = json.loads(running.until("runtime.reload.done"))
        left = json.loads(running.until("runtime.reload.restart_needed"))
        config.write_text("[log]\nlevel = 7\n")
        running.send(signal.SIGHUP)
        refused = json.loads(running.until("runtime.reload.refused"))
        assert running.end(signal.SIGTERM) == 0

    assert done["changed"] == ["log.level", "shops[swan].app_secret"]
    assert left["settings"] == ["limits.max_depth"]
    assert "gateway.toml: log.level: expected" in refused["reason"]
    assert "canary" not in running.output


@dataclass(frozen=True)
class Process:
    """A worker, as the supervisor knows it."""

    pid: int | None
    exitcode: int | None = None


def test_each_worker_that_runs_is_told_to_reload() -> None:
    received: list[int] = []
    former = signal.signal(signal.SIGHUP, lambda number, _: received.append(number))
    try:
        own = Process(os.getpid())
        reload_workers([own, Process(None), own, Process(os.getpid(), exitcode=0)])
    finally:
        signal.signal(signal.SIGHUP, former)

    assert received == [signal.SIGHUP, signal.SIGHUP]


def test_a_busy_port_is_named(configure: Configure) -> None:
    folder = configure().parent
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = gateway("serve", "--port", str(port), cwd=folder)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"gateway: port {port} on 127.0.0.1 is busy; choose another with --port or server.port"
    )


def test_a_postgresql_that_was_not_migrated_is_refused(
    configure: Configure, postgres_url: str
) -> None:
    folder = configure(store=f'url = "{postgres_url}"').parent

    done = gateway("serve", "--port", "0", cwd=folder)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "gateway: store.url: the store is of an older version, or empty; "
        "run `gateway migrate --config gateway.toml` once"
    )


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("migrate",)], ids=" ".join)
def test_a_database_out_of_reach_is_told_with_its_remedy(
    configure: Configure, command: tuple[str, ...]
) -> None:
    folder = configure(store='url = "postgresql://u:canary-4f1c9a@127.0.0.1:9/gateway"').parent

    done = gateway(*command, cwd=folder)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "gateway: the ledger is out of reach: ConnectionRefusedError; "
        "check store.url, and that the database runs"
    )
    assert "canary" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("migrate",), ("doctor",)])
def test_a_damaged_file_is_told_with_the_copy_beside_it(
    configure: Configure, command: tuple[str, ...]
) -> None:
    folder = configure().parent
    assert gateway("migrate", cwd=folder).returncode == 0
    (folder / "gateway.db.before-0001").write_bytes((folder / "gateway.db").read_bytes())
    with (folder / "gateway.db").open("r+b") as file:
        file.write(b"\xa5" * 4096)

    done = gateway(*command, cwd=folder)

    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "the ledger's file is damaged: file is not a database" in said
    assert f"the last copy beside it is {folder}/gateway.db.before-0001" in said
    assert "check that the database runs" not in said


def test_another_encryption_key_is_refused(configure: Configure) -> None:
    folder = configure().parent
    assert gateway("migrate", cwd=folder).returncode == 0
    first = gateway("doctor", cwd=folder)
    assert "opens with the encryption key" in first.stdout

    done = gateway("serve", "--port", "0", cwd=folder, environ={"STORE_KEY": "ab" * 32})

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "gateway: store.encryption_key: this store was written with another key; give that one, "
        "name it in store.former_encryption_keys, or give another store.url"
    )


def test_several_processes_with_memory_or_one_file_stop_the_start(configure: Configure) -> None:
    folder = configure().parent

    done = gateway("serve", "--workers", "2", cwd=folder)

    assert done.returncode == 1
    assert done.stderr == (
        "gateway: gateway.toml: server.workers: 2 processes cannot share memory://; "
        "set cache.url to redis://HOST:6379/0, or workers to 1\n"
        "gateway: gateway.toml: server.workers: 2 processes cannot share one SQLite file, which "
        "one process writes at a time; set store.url to postgresql://USER:PASSWORD@HOST/DATABASE, "
        "or workers to 1\n"
    )


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_broken_keys_file_stops_the_start(configure: Configure, workers: str) -> None:
    # Nothing of it is reached.
    store = 'url = "postgresql://u@127.0.0.1:9/gateway"'
    config = configure(store=store, more='[cache]\nurl = "redis://127.0.0.1:9/0"\n')
    config.with_name("keys.toml").write_text("[[keys]")

    done = gateway("serve", "--port", "0", "--workers", workers, cwd=config.parent)

    assert done.returncode == 1
    first, line = done.stderr.splitlines()
    assert json.loads(first)["event"] == "cli.gateway.version"
    assert line.startswith(f"gateway: {config.with_name('keys.toml')}: not valid TOML: ")


def test_that_nobody_can_ask_is_warned_about(configure: Configure) -> None:
    with serving("serve", "--port", "0", cwd=configure().parent) as running:
        warned = json.loads(running.until("every request is refused"))
        running.until("cli.gateway.started")
        assert running.end() == 0

    assert warned["level"] == "warning"
    assert warned["remedy"] == "make one with `gateway keys add`"


def test_secrets_in_plain_are_warned_about_and_not_shown(configure: Configure) -> None:
    config = configure(more='[cache]\nurl = "redis://:canary-4f1c9a@127.0.0.1:9/0"\n')

    with serving("serve", "--port", "0", cwd=config.parent) as running:
        warned = json.loads(running.until("in plain"))
        running.until("cli.gateway.started")
        assert running.end() == 0

    assert warned["level"] == "warning"
    assert warned["event"] == "cli.configuration.plain_secret"
    assert warned["message"] == (
        'gateway.toml: cache.url: a secret in plain text; use { env = "NAME" } or { file = "PATH" }'
    )
    assert "canary-4f1c9a" not in running.output
