"""Nothing secret or personal leaves the gateway but to whom it is due: a search of all it left."""

import asyncio
import io
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest

from gateway.cli import main
from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from schema.scope import Scope
from tests.auth.issuer import AUDIENCE, ISSUER, Issuer
from tests.cli.canaries import ERASED, KEPT, found
from tests.cli.canary_day import (
    EVENT_SECRETS,
    IMPORT,
    ORDERS,
    WANTED,
    Day,
    callers_err,
    everybody_asks,
    messages_come,
    orders_are_copied,
    orders_come_in,
    orders_of,
    platforms_fail,
)
from tests.cli.command import serving
from tests.cli.conftest import STORE_KEY, Configure
from tests.cli.test_serve import address_of
from tests.fixtures_postgres import PostgresServer
from tests.fixtures_redis import RedisServer
from tests.fixtures_sandbox import Sandbox
from tests.tracing.collector import Collector, collecting
from tests.waiting import eventually

#: Where the gateway refuses to write any more, as a database that fails would.
REFUSED: Final = "canary-refused-by-store"
#: Places that only grow: at the end they also have what they had before.
APPENDED: Final = frozenset({"write-ahead log", "server's log"})
PASSWORD: Final = "canary-password-of-a-server"
#: Some of those that the day is traced by.
SPANS: Final = frozenset({"mutation", "transaction", "deliver outbox", "process inbox"})


@dataclass(frozen=True)
class Ledger:
    """A database: its URL, statements in it, and all bytes that it has by the place."""

    url: str
    execute: Callable[[str], None]
    left: Callable[[], dict[str, bytes]]
    #: Makes an order that is REFUSED fail in the database.
    spoil: str


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as one:
        yield one


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Ledger:
    if request.param == "sqlite":
        return on_sqlite(tmp_path)
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return on_postgresql(server)


def on_sqlite(folder: Path) -> Ledger:
    path = folder / "gateway.db"

    def execute(statement: str) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(statement)

    def left() -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in folder.glob("gateway.db*")}

    spoil = (
        f"CREATE TRIGGER spoilt BEFORE INSERT ON orders WHEN NEW.platform_id = '{REFUSED}'"
        " BEGIN SELECT RAISE(ABORT, 'spoilt'); END"
    )
    return Ledger(f"sqlite:///{path}", execute, left, spoil)


def on_postgresql(server: PostgresServer) -> Ledger:
    url, begun = server.create_database(), time.time()

    def left() -> dict[str, bytes]:
        return {
            "dump": server.dump(url),
            "write-ahead log": server.write_ahead_log(begun),
            "server's log": server.log(),
        }

    # Its message repeats the whole row.
    spoil = f"ALTER TABLE orders ADD CONSTRAINT spoilt CHECK (platform_id <> '{REFUSED}')"
    with_password = url.replace("postgres@", f"postgres:{PASSWORD}@")
    return Ledger(with_password, lambda text: server.execute(text, url=url), left, spoil)


def prepared(configuration: Path, issuer: Issuer, collector: Collector) -> Path:
    """Let two shops take messages, copy orders of one into the others, and trace all of it."""
    text = configuration.read_text()
    token, aes = (
        f'event_{name} = "{EVENT_SECRETS[of]}"\n'
        for name, of in (
            ("token", "event token"),
            ("aes_key", "AES key"),
        )
    )
    text = text.replace('key = "flagship"\n', f'key = "flagship"\n{token}{aes}')
    brand = 'service_phone = "400-000-0000"\ncontact_page = "/pages/contact"\n'
    text = text.replace('key = "mini"\n', f'key = "mini"\n{token}{brand}')
    for shop in ("mini", "swan"):
        text += f"""
[[mirrors]]
from = "flagship"
to = "{shop}"
order_page = "/pages/order?id={{platform_id}}"
product_page = "/pages/product?id={{platform_id}}"
parcel_page = "/pages/parcel?order={{platform_id}}"
category = ["购物"]
"""
    text += f"""
[auth]
mode = "jwt"
jwks_url = "{issuer.url}"
issuer = "{ISSUER}"
audience = "{AUDIENCE}"
[telemetry]
otlp_endpoint = "{collector.url}"
"""
    configuration.write_text(text)
    return configuration.parent


async def command(folder: Path, *words: str) -> tuple[int, str]:
    """Run a command of the gateway in a thread; answers its exit status and what it printed."""

    def run() -> tuple[int, str]:
        printed = io.StringIO()
        with redirect_stdout(printed), redirect_stderr(printed):
            status = main([*words, "--config", str(folder / "gateway.toml")])
        return status, printed.getvalue()

    return await asyncio.to_thread(run)


async def new_key(folder: Path, name: str, scopes: set[Scope]) -> str:
    named = ",".join(sorted(scopes))
    _, printed = await command(folder, "keys", "add", name, "--scopes", named, "--shops", "*")
    (key,) = [line for line in printed.splitlines() if line.startswith("cgw_")]
    return key


async def commands(folder: Path) -> str:
    """What the command line shows of all that is listed."""
    asked = (
        ("pushes", "list"),
        ("events", "list"),
        ("events", "list", "--json"),
        ("events", "replay", "--all"),
        ("keys", "list"),
        ("doctor",),
    )
    return "".join([(await command(folder, *words))[1] for words in asked])


def in_redis(server: RedisServer) -> bytes:
    """All names and values."""
    with server.client() as redis:
        names: list[bytes] = redis.keys("*")
        values = [redis.get(name) or b"" for name in names if redis.type(name) == b"string"]
        assert len(values) == len(names)
    assert {b"token", b"answer"} <= {name.partition(b":")[0] for name in names}
    return b"\n".join([*names, *values])


async def erase(folder: Path) -> None:
    """Erase the buyer in each shop; nothing is left to be erased then."""
    buyers = (
        ("mini", ERASED.mini_open_id),
        ("swan", ERASED.swan_open_id),
        ("swan", ERASED.swan_id),
        ("flagship", ERASED.store_open_id),
    )
    for shop, buyer in buyers:
        status, printed = await command(folder, "erase", "buyer", shop, buyer)
        assert status == 0, printed
    for shop, buyer in buyers:
        _, printed = await command(folder, "erase", "buyer", shop, buyer)
        assert printed.endswith("\n0 rows held personal data; it is erased\n"), printed


async def nothing_comes_back(day: Day) -> None:
    """Ask the owner's questions again, and repeat the owner's mutation."""
    personal = ERASED.canaries()

    async def forgotten() -> bool:
        return found(str(await day.ask(ORDERS)).encode(), personal) == []

    await eventually(forgotten)
    await day.sent(day.sandbox.fault, "http_status", 503, times=None, path="/merchant")
    day.due.clear()
    await everybody_asks(day)
    await day.ask(WANTED, openId="another")
    again = await day.ask(IMPORT, repeated="erased", input=orders_of(ERASED, "erased", day.began))
    assert again["extensions"]["idempotentReplay"]
    await day.sent(day.sandbox.clear_faults)
    given = "".join(day.due).encode()
    assert found(given, personal) == []
    assert found(given, {"name": KEPT.name}) == ["name, plain"]


async def everything_fails(day: Day, database: Ledger, redis: RedisServer) -> None:
    """Let the database refuse a row, lose its table, and Redis be gone."""
    refused = [{**order, "platformId": REFUSED} for order in orders_of(ERASED, "x", day.began)]
    await asyncio.to_thread(database.execute, database.spoil)
    await day.ask(IMPORT, key=day.limited, input=refused)
    await asyncio.to_thread(redis.kill)
    await everybody_asks(day)
    await asyncio.to_thread(database.execute, "ALTER TABLE orders RENAME TO elsewhere")
    failed = await day.ask(IMPORT, key=day.limited, input=orders_of(ERASED, "lost", day.began))
    assert failed["errors"][0]["extensions"]["code"] == "STORE_UNAVAILABLE"
    await day.ask(ORDERS, key=day.limited)


def every_secret(**keys: str) -> dict[str, str]:
    """The secrets of the configuration, and the keys of this day."""
    return {
        **keys,
        "store's key": STORE_KEY,
        "flagship": FLAGSHIP.secret,
        "mini": MINI.secret,
        "swan": SWAN.secret,
        **EVENT_SECRETS,
        "password": PASSWORD,
    }


def every_person() -> dict[str, str]:
    """What both buyers have told of themselves, by kind and buyer."""
    return {
        f"{kind} of {name}": canary
        for name, person in (("erased", ERASED), ("kept", KEPT))
        for kind, canary in person.canaries().items()
    }


@pytest.mark.usefixtures("logging_as_it_was")
async def test_nothing_secret_or_personal_is_left_behind(
    configure: Configure,
    sandbox: Sandbox,
    own_redis: RedisServer,
    database: Ledger,
    collector: Collector,
) -> None:
    async with Issuer().serving() as issuer:
        shared = own_redis.url.replace("://", f"://default:{PASSWORD}@")
        configuration = configure(
            base_url=sandbox.base_url,
            store=f'url = "{database.url}"',
            more=f'[log]\nlevel = "debug"\n[cache]\nurl = "{shared}"\n',
        )
        folder = prepared(configuration, issuer, collector)
        assert (await command(folder, "migrate"))[0] == 0
        owner = await new_key(folder, "owner", set(Scope))
        limited = await new_key(folder, "limited", set(Scope) - {Scope.PII_READ})
        token = issuer.token(
            exp=int(time.time()) + 600, scope=" ".join(Scope), shops=["flagship", "mini", "swan"]
        )
        secrets = every_secret(owner=owner, limited=limited, JWT=token)
        people = every_person()
        with serving("serve", "--port", "0", cwd=folder) as running:
            address = await asyncio.to_thread(address_of, running)
            async with httpx.AsyncClient(base_url=address, timeout=30, trust_env=False) as http:
                day = Day(http, sandbox, owner, limited, token)
                await orders_come_in(day)
                await orders_are_copied(day)
                await messages_come(day)
                await callers_err(day)
                await platforms_fail(day)
                given = "".join(day.due).encode()
                assert {kind.split(",")[0] for kind in found(given, people)} == set(people)
                places = await asyncio.to_thread(database.left)
                places["Redis"] = await asyncio.to_thread(in_redis, own_redis)
                places["command line"] = (await commands(folder)).encode()
                await erase(folder)
                await nothing_comes_back(day)
                await everything_fails(day, database, own_redis)

                after = await asyncio.to_thread(database.left)
                places |= {
                    name if name in APPENDED else f"{name} at the end": text
                    for name, text in after.items()
                }
            assert running.end() == 0
        places["log"], places["spans"] = running.output.encode(), b"".join(collector.bodies)
        places["answers"] = "".join(day.undue).encode()
        private = people | secrets | day.tokens
        # What is no secret is found in all of them: nothing was looked for in vain.
        for text in (b"".join(after.values()), places["command line"], places["answers"]):
            assert b"canary-kept" in text
        assert "[…]" in running.output
        assert {span.name for span in collector.spans} > SPANS
        leaks = {name: found(text, private) for name, text in places.items()}
        assert leaks == {name: [] for name in places}
