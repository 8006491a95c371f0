import os
import tomllib
from pathlib import Path

import pytest

from gateway.auth import KeyAuthenticator
from gateway.auth.key_ring import KeyRing
from gateway.cli import main
from gateway.errors import Unauthenticated
from schema.scope import Scope
from tests.cli.conftest import Configure


def keys(config: Path, *arguments: str) -> int:
    return main(["keys", *arguments, "--config", str(config)])


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
    authenticator = KeyAuthenticator(KeyRing(file, lambda: 0.0))
    viewer = authenticator.authenticate(f"Bearer {key}")
    assert viewer.scopes == {Scope.ORDERS_READ, Scope.CATALOG_READ}
    assert viewer.shops == frozenset({"mini", "swan"})

    assert keys(config, "list") == 0
    listed = capsys.readouterr().out
    assert key not in listed
    header, row = listed.splitlines()
    assert header.split() == ["NAME", "ID", "CREATED", "REVOKED", "SHOPS", "SCOPES"]
    created = tomllib.loads(file.read_text())["keys"][0]["created_at"].strftime("%Y-%m-%d")
    assert row.split() == [
        "front-end",
        viewer.key_id,
        created,
        "-",
        "mini,swan",
        "catalog:read,orders:read",
    ]

    assert keys(config, "revoke", "front-end") == 0
    assert capsys.readouterr().out == (
        f"front-end ({viewer.key_id}) is revoked; it stops within five seconds\n"
    )
    with pytest.raises(Unauthenticated):
        KeyAuthenticator(KeyRing(file, lambda: 0.0)).authenticate(f"Bearer {key}")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("add", "x", "--scopes", "orders", "--shops", "mini"),
            (
                "no such scope: orders; expected some of catalog:read, catalog:write, orders:read, "
                "orders:write, pii:read, raw:read, ops:read, ops:write, audit:read"
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

    assert capsys.readouterr().out == "NAME  ID  CREATED  REVOKED  SHOPS  SCOPES\n"


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
