import json
import os
import sqlite3
import tomllib
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.auth import KeyAuthenticator
from gateway.auth.key_ring import KeyRing
from gateway.auth.key_uses import KeyUses
from gateway.auth.viewer import RefundLimit, Viewer
from gateway.cli import main
from gateway.errors import Unauthenticated
from schema.scope import Scope
from tests.cli.conftest import Configure

HEAD = "NAME  ID  CREATED  EXPIRES  REVOKED  LAST USED  FROM  REFUNDS  SHOPS  SCOPES"


def keys(config: Path, *arguments: str) -> int:
    return main(["keys", *arguments, "--config", str(config)])


def viewer_of(file: Path, key: str) -> Viewer:
    ring = KeyRing(file, lambda: 0.0)
    return KeyAuthenticator(ring, KeyUses(lambda: 0.0), lambda: 0.0).viewer(key, "10.0.0.1")


def audited(config: Path) -> list[tuple[str, str, str, str]]:
    """The events of the audit log, oldest first."""
    with closing(sqlite3.connect(config.with_name("gateway.db"))) as database:
        return database.execute(
            "SELECT action, subject, shops, outcome FROM audit_events"
            " WHERE action LIKE 'gateway keys %' ORDER BY at, id"
        ).fetchall()


def test_a_key_is_added_shown_once_and_revoked(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configure()

    scopes = "orders:read, catalog:read"
    assert keys(config, "add", "front-end", "--scopes", scopes, "--shops", "mini,swan") == 0

    shown = capsys.readouterr()
    key = shown.out.removesuffix("\n")
    assert shown.err == "The key of front-end, shown this once; keep it safe:\n"
    file = config.with_name("keys.toml")
    viewer = viewer_of(file, key)
    assert viewer.scopes == {Scope.ORDERS_READ, Scope.CATALOG_READ}
    assert viewer.shops == frozenset({"mini", "swan"})

    assert keys(config, "list") == 0
    listed = capsys.readouterr().out
    assert key not in listed
    header, row = listed.splitlines()
    assert header.split() == HEAD.split()
    created = tomllib.loads(file.read_text())["keys"][0]["created_at"].strftime("%Y-%m-%d")
    assert row.split() == [
        "front-end",
        viewer.key_id,
        created,
        *"-----",
        "mini,swan",
        "catalog:read,orders:read",
    ]

    assert keys(config, "list", "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told.pop("createdAt").startswith(created)
    assert told == {
        "name": "front-end",
        "id": viewer.key_id,
        "expiresAt": None,
        "revokedAt": None,
        "lastUsedAt": None,
        "networks": [],
        "refundPerCall": None,
        "refundPerDay": None,
        "shops": ["mini", "swan"],
        "scopes": ["catalog:read", "orders:read"],
    }

    assert keys(config, "revoke", "front-end") == 0
    assert capsys.readouterr().out == (
        f"front-end ({viewer.key_id}) is revoked; it stops within five seconds\n"
    )
    with pytest.raises(Unauthenticated):
        viewer_of(file, key)


def test_a_key_that_ends_is_bound_rotated_and_changed(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configure()
    file = config.with_name("keys.toml")
    bounds = ("--expires", "90d", "--from", "10.0.0.0/8,192.0.2.7")
    limit = ("--refund-limit", "200/call,5000.5/day")
    which = ("--scopes", "orders:read", "--shops", "*")
    assert keys(config, "add", "clerk", *which, *bounds, *limit) == 0
    old = capsys.readouterr().out.removesuffix("\n")

    assert keys(config, "rotate", "clerk", "--overlap", "12h", "--expires", "30d") == 0

    shown = capsys.readouterr()
    new = shown.out.removesuffix("\n")
    assert viewer_of(file, old) == viewer_of(file, new)
    assert viewer_of(file, new).refund_limit == RefundLimit(20_000, 500_050)
    first, second = tomllib.loads(file.read_text())["keys"]
    assert first["expires_at"] == second["created_at"] + timedelta(hours=12)
    assert second["expires_at"] == second["created_at"] + timedelta(days=30)
    until = first["expires_at"].strftime("%Y-%m-%dT%H:%M:%SZ")
    assert shown.err == (
        f"The new key of clerk, shown this once; keep it safe. The old one ({first['sha256'][:12]})"
        f" works until {until}:\n"
    )

    assert keys(config, "scopes", "clerk", "pii:read,orders:read") == 0
    assert capsys.readouterr().out == ("clerk has orders:read, pii:read, within five seconds\n")
    assert viewer_of(file, old).scopes == {Scope.ORDERS_READ, Scope.PII_READ}
    assert keys(config, "list") == 0
    rows = capsys.readouterr().out.splitlines()[1:]
    assert rows[0].split()[3] == until
    assert [row.split()[6:] for row in rows] == [
        ["10.0.0.0/8,192.0.2.7/32", "200.00/call,5000.50/day", "*", "orders:read,pii:read"]
    ] * 2

    assert keys(config, "revoke", "clerk") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"clerk ({one['sha256'][:12]}) is revoked; it stops within five seconds"
        for one in (first, second)
    ]


def test_acts_are_in_the_audit_log_of_a_store(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configure()
    assert main(["migrate", "--config", str(config)]) == 0
    keys(config, "add", "one", "--scopes", "orders:read", "--shops", "mini,flagship")
    keys(config, "add", "all", "--scopes", "orders:read", "--shops", "*")
    keys(config, "scopes", "one", "pii:read")
    keys(config, "rotate", "one")
    keys(config, "revoke", "one")
    # What was refused was not done.
    keys(config, "revoke", "one")
    keys(config, "list")

    assert audited(config) == [
        ("gateway keys add", "one", ",flagship,mini,", "OK"),
        ("gateway keys add", "all", "", "OK"),
        ("gateway keys scopes", "one", ",flagship,mini,", "OK"),
        ("gateway keys rotate", "one", ",flagship,mini,", "OK"),
        ("gateway keys revoke", "one", ",flagship,mini,", "OK"),
    ]
    capsys.readouterr()


def test_the_list_tells_the_last_use(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configure()
    assert main(["migrate", "--config", str(config)]) == 0
    keys(config, "add", "one", "--scopes", "orders:read", "--shops", "mini")
    viewer = viewer_of(config.with_name("keys.toml"), capsys.readouterr().out.split()[-1])
    with closing(sqlite3.connect(config.with_name("gateway.db"))) as database, database:
        database.execute("INSERT INTO key_uses VALUES (?, 1795752000.5)", (viewer.key_id,))

    assert keys(config, "list") == 0

    assert capsys.readouterr().out.splitlines()[1].split()[5] == "2026-11-27T04:00:00Z"


def test_a_store_out_of_reach_keeps_nobody_from_revoking_a_key(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configure(store='url = "postgresql://gateway@127.0.0.1:9/gateway"')
    assert keys(config, "add", "one", "--scopes", "orders:read", "--shops", "mini") == 0
    key = capsys.readouterr().out.removesuffix("\n")

    assert keys(config, "revoke", "one") == 0

    told = capsys.readouterr()
    assert told.err.startswith("this is not in the audit log: ")
    assert "one (" in told.out
    with pytest.raises(Unauthenticated):
        viewer_of(config.with_name("keys.toml"), key)
    assert keys(config, "list") == 0
    assert capsys.readouterr().err.startswith("last uses are not known: ")


def test_an_empty_store_is_left_as_it_is(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configure()
    config.with_name("gateway.db").touch()

    assert keys(config, "add", "one", "--scopes", "orders:read", "--shops", "mini") == 0

    assert capsys.readouterr().err.startswith(
        "this is not in the audit log: the store is of another version, or empty\n"
    )
    with closing(sqlite3.connect(config.with_name("gateway.db"))) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == []


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--expires", "90", "expected 90d, 12h or 30m, of at most ten years, not '90'"),
        ("--expires", "-1d", "expected 90d, 12h or 30m, of at most ten years, not '-1d'"),
        ("--expires", "3651d", "expected 90d, 12h or 30m, of at most ten years, not '3651d'"),
        ("--from", "10.0.0.1/8", "expected addresses or networks such as 10.0.0.0/8, not"),
        ("--refund-limit", "200", "expected yuan as in 200/call,5000.50/day, not '200'"),
        ("--refund-limit", "1/day,2/day", "expected yuan as in 200/call,5000.50/day, not"),
        ("--refund-limit", "1.005/day", "expected yuan as in 200/call,5000.50/day, not"),
        ("--refund-limit", "", "expected yuan as in 200/call,5000.50/day, not ''"),
    ],
)
def test_a_bound_that_cannot_be_is_wrong_use(
    configure: Configure,
    capsys: pytest.CaptureFixture[str],
    option: str,
    value: str,
    expected: str,
) -> None:
    config = configure()

    added = keys(config, "add", "x", "--scopes", "orders:read", "--shops", "*", option, value)

    assert added == 2
    assert expected in capsys.readouterr().err
    assert not config.with_name("keys.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("add", "x", "--scopes", "orders", "--shops", "mini"),
            (
                "no such scope: orders; expected some of catalog:read, catalog:write, orders:read, "
                "orders:write, refunds:write, pii:read, pii:reveal, raw:read, ops:read, ops:write, "
                "audit:read"
            ),
        ),
        (
            ("add", "x", "--scopes", "orders:read", "--shops", "main"),
            "no such shop: main; expected some of flagship, mini, swan, *",
        ),
        (
            ("add", "x", "--scopes", "orders:read", "--shops", ""),
            "no shop is given; expected some of flagship, mini, swan, *",
        ),
        (
            ("add", "x y", "--scopes", "orders:read", "--shops", "*"),
            (
                "'x y' is not a valid name for a key: expected up to 64 letters, digits, dots, "
                "hyphens and underscores"
            ),
        ),
        (("revoke", "x"), "there is no key x: there are none"),
        (("rotate", "x"), "there is no key x: there are none"),
        (("scopes", "x", "orders:read"), "there is no key x: there are none"),
    ],
)
def test_what_cannot_be_is_refused(
    configure: Configure,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    expected: str,
) -> None:
    config = configure()

    assert keys(config, *arguments) == 1

    assert capsys.readouterr() == ("", f"gateway: {expected}\n")
    assert not config.with_name("keys.toml").exists()


def test_every_mistake_of_the_configuration_is_a_line(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configure(more="[server]\nport = 'x'\n[log]\nlevel = 'loud'\n")

    assert keys(config, "list") == 1

    assert capsys.readouterr().err.splitlines() == [
        f"gateway: {config}: server.port: expected a whole number, found a string",
        (
            f'gateway: {config}: log.level: expected "debug", "info", "warning" or "error", '
            "found a string"
        ),
    ]


def test_without_keys_the_list_has_a_header_only(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    assert keys(configure(), "list") == 0

    assert capsys.readouterr().out == f"{HEAD}\n"


def test_a_broken_keys_file_is_told_in_a_line(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configure()
    config.with_name("keys.toml").write_text("[[keys]")

    assert keys(config, "list") == 1

    assert capsys.readouterr().err.startswith(
        f"gateway: {config.with_name('keys.toml')}: not valid TOML: "
    )


def test_a_variable_that_is_not_set_is_named(
    configure: Configure, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configure()
    monkeypatch.delenv("SWAN_SECRET")
    assert "SWAN_SECRET" not in os.environ

    assert keys(config, "list") == 1

    assert capsys.readouterr().err == (
        f"gateway: {config}: shops[2].app_secret: the environment variable SWAN_SECRET is not set\n"
    )
