import asyncio
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import update

from gateway.cli import main
from gateway.cli.doctor import sqlite_finding
from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from gateway.store.store import Store
from gateway.store.webhook_deliveries import NewWebhookDelivery
from gateway.store.webhook_endpoints import NewWebhookEndpoint
from gateway.store.webhook_tables import webhook_deliveries
from tests.auth.issuer import Issuer
from tests.cli.conftest import STORE_KEY, Configure
from tests.fixtures_redis import RedisServer
from tests.fixtures_sandbox import Sandbox


class Report:
    """What `gateway doctor` printed."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.lines = out.splitlines()
        self.err = err

    def of(self, subject: str) -> list[tuple[str, str]]:
        """The outcome and text of each line about a subject, SQLite's version left out."""
        rows = ((line[:4].strip(), line[6:21].strip(), line[23:]) for line in self.lines)
        return [
            (outcome, text)
            for outcome, about, text in rows
            if about == subject and not text.startswith("SQLite ")
        ]


TOKEN: Final = "/cgi-bin/stable_token"
TRADE: Final = "/wxa/sec/order/is_trade_managed"
MANAGED: Final = (
    "ok",
    "its payments are under trade management: their money waits for the reports of shipping",
)


@pytest.fixture
def doctor(
    logging_as_it_was: None,  # noqa: ARG001 - the command sets logging up
    capsys: pytest.CaptureFixture[str],
) -> "Doctor":
    return Doctor(capsys)


class Doctor:
    """Runs the command in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, config: Path) -> Report:
        self._capsys.readouterr()
        status = main(["doctor", "--config", str(config)])
        printed = self._capsys.readouterr()
        return Report(status, printed.out, printed.err)


def test_everything_is_well(configure: Configure, sandbox: Sandbox, doctor: Doctor) -> None:
    config = configure(base_url=sandbox.base_url)
    arguments = ["add", "x", "--scopes", "orders:read", "--shops", "*", "--config", str(config)]
    main(["keys", *arguments])
    main(["migrate", "--config", str(config)])

    report = doctor(config)

    assert report.status == 0
    assert report.err == ""
    assert report.of("configuration") == [("ok", f"{config} is sound and has 3 shops")]
    assert report.of("secrets") == []
    assert report.of("store") == [
        ("ok", "is writable, of this version, and opens with the encryption key")
    ]
    assert report.of("cache") == [("ok", "is the memory of the one process")]
    assert report.of("keys") == [("ok", f"1 good in {config.with_name('keys.toml')}")]
    address = sandbox.base_url.removeprefix("http://")
    ((outcome, way),) = report.of("network")
    assert (outcome, way.startswith(f"{address}: DNS 127.0.0.1, TCP, HTTP ")) == ("ok", True)
    assert report.of("clock") == [("ok", f"agrees with that of {address}")]
    for shop in ("flagship", "swan"):
        assert report.of(f"shop {shop}") == [("ok", "its platform accepts the credentials")]
    assert report.of("shop mini") == [
        ("ok", "its platform accepts the credentials"),
        MANAGED,
    ]


def test_an_account_without_trade_management_is_told(
    configure: Configure, sandbox: Sandbox, doctor: Doctor
) -> None:
    sandbox.fault("body", {"errcode": 0, "is_trade_managed": False}, path=TRADE)
    report = doctor(configure(base_url=sandbox.base_url))

    assert report.status == 0
    ((_, _), (outcome, text)) = report.of("shop mini")
    assert outcome == "warn"
    assert text == (
        "its payments are not under trade management: reports of shipping are refused with"
        " 10060001; open 发货信息管理 in the platform's console if the app's category has to report"
    )


def test_an_account_of_which_nothing_is_told_is_a_warning(
    configure: Configure, sandbox: Sandbox, doctor: Doctor
) -> None:
    sandbox.fault("errcode", 48001, path=TRADE)
    report = doctor(configure(base_url=sandbox.base_url))

    assert report.status == 0
    ((_, _), (outcome, text)) = report.of("shop mini")
    assert outcome == "warn"
    assert text.startswith("what its platform says of the account is not known: ")


def test_nothing_is_made_or_changed(configure: Configure, sandbox: Sandbox, doctor: Doctor) -> None:
    config = configure(base_url=sandbox.base_url)

    report = doctor(config)

    assert report.status == 0
    file = config.with_name("gateway.db")
    assert report.of("store") == [("ok", f"{file} is not there yet; the first start makes it")]
    assert report.of("keys") == [
        (
            "warn",
            "there is no valid key, so every request is refused; make one with `gateway keys add`",
        )
    ]
    assert list(config.parent.iterdir()) == [config]


def test_programs_get_json_and_terminals_colours(
    configure: Configure,
    sandbox: Sandbox,
    doctor: Doctor,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = configure(base_url=sandbox.base_url)
    plain = doctor(config)

    assert main(["doctor", "--json", "--config", str(config)]) == 0
    checks = json.loads(capsys.readouterr().out)
    assert len(checks) == len(plain.lines)
    assert checks[0] == {
        "result": "OK",
        "subject": "configuration",
        "text": f"{config} is sound and has 3 shops",
        "remedy": None,
    }
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = doctor(config)
    assert coloured.lines[0].startswith("\x1b[32mok  \x1b[0m  configuration")
    assert "\x1b" not in "".join(plain.lines)


def test_a_wrong_secret_is_told_with_its_remedy(
    configure: Configure, sandbox: Sandbox, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configure(base_url=sandbox.base_url)
    monkeypatch.setenv("FLAGSHIP_SECRET", "canary-4f1c9a")
    monkeypatch.setenv("SWAN_SECRET", "canary-4f1c9b")

    report = doctor(config)

    assert report.status == 1
    assert report.err == "gateway: 2 of the checks failed\n"
    remedy = (
        "; compare its app id and secret with the platform's console, "
        "and this machine's address with the list of allowed ones there"
    )
    for shop in ("flagship", "swan"):
        ((outcome, text),) = report.of(f"shop {shop}")
        assert outcome == "FAIL"
        assert text.endswith(remedy)
    assert report.of("shop mini") == [("ok", "its platform accepts the credentials"), MANAGED]
    assert not any("upstream.platform.down" in line for line in report.lines)
    assert "canary" not in "".join(report.lines)


@pytest.mark.parametrize(
    ("code", "said", "address"),
    [
        (40164, "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist", "203.0.113.7"),
        (61004, "access clientip is not registered requestIP: 198.51.100.23", "198.51.100.23"),
        (45035, "access clientip is not registered", None),
    ],
)
def test_the_address_that_a_platform_sees_is_told(
    configure: Configure,
    sandbox: Sandbox,
    doctor: Doctor,
    code: int,
    said: str,
    address: str | None,
) -> None:
    sandbox.fault("body", {"errcode": code, "errmsg": said}, times=None, path=TOKEN)

    report = doctor(configure(base_url=sandbox.base_url))

    ((outcome, text),) = report.of("shop flagship")
    remedy = (
        "compare its app id and secret with the platform's console, and this machine's address"
        " with the list of allowed ones there"
        if address is None
        else f"the platform sees this machine as {address}: add it to the list of allowed addresses"
        " in the platform's console"
    )
    assert (outcome, text.partition("; ")[2]) == ("FAIL", remedy)


def test_a_weixin_store_is_asked_for_itself(
    configure: Configure, sandbox: Sandbox, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEIXIN_SECRET", WEIXIN.secret)
    shop = f"""
[[shops]]
key = "weixin"
platform = "weixin_store"
app_id = "{WEIXIN.app_id}"
app_secret = {{ env = "WEIXIN_SECRET" }}
base_url = "{sandbox.base_url}"
"""

    report = doctor(configure(base_url=sandbox.base_url, more=shop))

    assert report.of("shop weixin") == [("ok", "its platform accepts the credentials")]
    assert sandbox.counts()["/channels/ec/basics/info/get"] == 1


def test_a_platform_out_of_reach_is_told(configure: Configure, doctor: Doctor) -> None:
    report = doctor(configure(base_url="http://127.0.0.1:9"))

    assert report.status == 1
    ((outcome, text),) = report.of("shop mini")
    assert outcome == "FAIL"
    assert text.endswith("; check its base_url and the way to the platform")
    # Once, for all shops whose address it is.
    ((outcome, text),) = report.of("network")
    assert outcome == "FAIL"
    assert text.startswith("127.0.0.1:9: DNS 127.0.0.1, but TCP failed: ")


def test_secrets_in_plain_are_told(configure: Configure, sandbox: Sandbox, doctor: Doctor) -> None:
    config = configure(base_url=sandbox.base_url)
    config.write_text(config.read_text().replace('{ env = "MINI_SECRET" }', '"canary-4f1c9a"'))

    report = doctor(config)

    assert report.of("secrets") == [
        (
            "warn",
            (
                f"{config}: shops[1].app_secret: a secret in plain text; "
                'use { env = "NAME" } or { file = "PATH" }'
            ),
        )
    ]
    assert "canary" not in "".join(report.lines)


def test_redis_is_asked(
    configure: Configure, sandbox: Sandbox, own_redis: RedisServer, doctor: Doctor
) -> None:
    config = configure(base_url=sandbox.base_url, more=f'[cache]\nurl = "{own_redis.url}"\n')

    assert doctor(config).of("cache") == [("ok", "Redis answers")]

    own_redis.kill()
    report = doctor(config)
    assert report.status == 1
    assert report.of("cache") == [
        ("FAIL", "Redis does not answer (ConnectionError); check cache.url")
    ]
    assert "TCP failed" in report.of("network")[0][1]


def test_an_empty_postgresql_is_told_with_the_command(
    configure: Configure, sandbox: Sandbox, postgres_url: str, doctor: Doctor
) -> None:
    config = configure(base_url=sandbox.base_url, store=f'url = "{postgres_url}"')

    report = doctor(config)
    assert report.status == 1
    assert report.of("store") == [
        ("FAIL", "is of an older version, or empty; run `gateway migrate`")
    ]

    main(["migrate", "--config", str(config)])
    report = doctor(config)
    assert report.of("store") == [
        ("ok", "is writable, of this version, and opens with the encryption key")
    ]
    assert report.of("clock")[0] == ("ok", "agrees with that of the database")


def test_a_folder_that_is_not_there_is_told(
    configure: Configure, sandbox: Sandbox, doctor: Doctor
) -> None:
    config = configure(base_url=sandbox.base_url, store='url = "sqlite:///none/gateway.db"')

    report = doctor(config)

    assert report.status == 1
    assert report.of("store")[-1] == (
        "FAIL",
        f"there is no folder {config.parent / 'none'}; make it",
    )


def test_a_postgresql_out_of_reach_is_told(
    configure: Configure, sandbox: Sandbox, doctor: Doctor
) -> None:
    url = "postgresql://u:canary-4f1c9a@127.0.0.1:9/gateway"
    config = configure(base_url=sandbox.base_url, store=f'url = "{url}"')

    report = doctor(config)

    assert report.status == 1
    ((outcome, text),) = report.of("store")
    assert outcome == "FAIL"
    assert text.endswith("; check store.url, and that the database runs")
    assert report.of("network")[0][1].startswith("127.0.0.1:9: DNS 127.0.0.1, but TCP failed: ")
    assert "canary" not in "".join(report.lines)


def test_another_encryption_key_is_told(
    configure: Configure, sandbox: Sandbox, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configure(base_url=sandbox.base_url)
    main(["migrate", "--config", str(config)])
    doctor(config)
    monkeypatch.setenv("STORE_KEY", "ab" * 32)

    ((outcome, text),) = doctor(config).of("store")

    assert outcome == "FAIL"
    assert text.startswith("store.encryption_key: this store was written with another key")


def test_a_broken_keys_file_is_told(configure: Configure, sandbox: Sandbox, doctor: Doctor) -> None:
    config = configure(base_url=sandbox.base_url)
    config.with_name("keys.toml").write_text("[[keys]")

    report = doctor(config)

    assert report.status == 1
    ((outcome, text),) = report.of("keys")
    assert outcome == "FAIL"
    assert text.endswith("; restore the file, or remove it and make new keys")


def test_a_keys_file_that_others_can_change_is_told(
    configure: Configure, sandbox: Sandbox, doctor: Doctor
) -> None:
    config = configure(base_url=sandbox.base_url)
    arguments = ["add", "x", "--scopes", "orders:read", "--shops", "*", "--config", str(config)]
    main(["keys", *arguments])
    file = config.with_name("keys.toml")
    file.chmod(0o622)

    assert doctor(config).of("keys") == [
        ("warn", f"{file} can be changed by other users; chmod 600 {file}")
    ]


def test_open_mode_is_told(configure: Configure, sandbox: Sandbox, doctor: Doctor) -> None:
    config = configure(base_url=sandbox.base_url, more='[auth]\nmode = "open"\n')

    assert doctor(config).of("keys") == [
        ("warn", 'everyone on this machine may do everything; use "keys"')
    ]


JWT = """
[auth]
mode = "jwt"
jwks_url = "{url}"
issuer = "https://login.example"
audience = "gateway"
"""


def test_the_keys_of_an_issuer_are_read(
    configure: Configure, sandbox: Sandbox, doctor: Doctor
) -> None:
    document = Issuer().document()

    class Jwks(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(document)))
            self.end_headers()
            self.wfile.write(document)

        def log_message(self, *_: object) -> None:
            """Prints nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Jwks) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/jwks"
        report = doctor(configure(base_url=sandbox.base_url, more=JWT.format(url=url)))
        server.shutdown()
        thread.join()

    assert report.of("issuer") == [("ok", "keys that can be used: 1")]
    assert report.of("keys") == [("ok", "there is no valid key: only tokens are accepted")]


def test_an_issuer_that_cannot_be_reached_is_told(
    configure: Configure, sandbox: Sandbox, doctor: Doctor
) -> None:
    report = doctor(
        configure(base_url=sandbox.base_url, more=JWT.format(url="http://127.0.0.1:9/jwks"))
    )

    assert report.status == 1
    assert report.of("issuer") == [
        (
            "FAIL",
            (
                "auth.jwks_url: no connection: Connection refused; check auth.jwks_url and the way "
                "to the issuer"
            ),
        )
    ]


def test_a_configuration_that_is_wrong_leaves_nothing_to_check(
    configure: Configure, doctor: Doctor
) -> None:
    config = configure(more="[server]\nprot = 8000\n")

    report = doctor(config)

    assert report.status == 1
    assert report.lines == []
    assert report.err == f"gateway: {config}: server.prot: unknown key; did you mean port?\n"


@pytest.mark.parametrize(
    ("version", "repaired"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 60, 0), True),
    ],
)
def test_the_versions_of_sqlite_with_the_wal_reset_bug_are_known(
    version: tuple[int, int, int], *, repaired: bool
) -> None:
    name = f"SQLite {'.'.join(map(str, version))}"

    assert str(sqlite_finding(version)) == (
        f"ok    store            {name}"
        if repaired
        else f"warn  store            {name} can, very rarely, damage a database that several "
        "processes write; run one gateway, or use PostgreSQL, or SQLite from 3.51.3"
    )


async def webhooks_in(path: Path) -> None:
    """Leave an endpoint that works, one that fails with a dead letter, and one turned off."""
    store = await Store.open(f"sqlite:///{path}", encryption_key=STORE_KEY, clock=lambda: 1e9)
    try:
        async with store.transaction() as transaction:
            for host in ("good", "failing", "off"):
                endpoint = NewWebhookEndpoint(
                    url=f"https://{host}.example/canary-4f1c9a",
                    topics=frozenset({"ORDER_CHANGED"}),
                    shops=None,
                    key_name="crm",
                    key_id="k1",
                    secret="whsec_AAAA",
                )
                made = await store.webhook_endpoints.add(transaction, endpoint, most=3)
                assert made is not None
                if host == "failing":
                    await store.webhook_endpoints.note_failure(transaction, made)
                    dead = NewWebhookDelivery(
                        endpoint=made, topic="ORDER_CHANGED", shop="mini", subject=None, body="{}"
                    )
                    await store.webhook_deliveries.record(transaction, [dead])
                    await transaction.connection.execute(
                        update(webhook_deliveries).values(state="DEAD")
                    )
                elif host == "off":
                    await store.webhook_endpoints.turn_off(transaction, made, "410 Gone")
    finally:
        await store.close()


def test_webhooks_that_fail_are_told(
    configure: Configure, sandbox: Sandbox, tmp_path: Path, doctor: Doctor
) -> None:
    asyncio.run(webhooks_in(tmp_path / "gateway.db"))

    report = doctor(configure(base_url=sandbox.base_url))

    remedies = {
        "takes": "`webhookEndpoints { deliveries }` has its answers; tell whom the key belongs to",
        "failed": "once it works, send them again with `webhookDeliveryRetry`",
        "off": "mend it, then turn it on with `webhookEndpointUpdate`",
    }
    failing, off = (f"{host}.example (of the key crm)" for host in ("failing", "off"))
    assert report.status == 0
    assert report.of("webhooks") == [
        ("warn", f"{failing} takes nothing since 2001-09-09T01:46:40Z; {remedies['takes']}"),
        ("warn", f"{failing}: deliveries that failed for good: 1; {remedies['failed']}"),
        ("warn", f"{off} was turned off: 410 Gone; {remedies['off']}"),
    ]
    assert "canary" not in "".join(report.lines)
