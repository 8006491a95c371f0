import os
import stat
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.auth.key_manager import KeyManager, scopes_named, shops_named
from gateway.auth.keys import fingerprint
from gateway.auth.keys_file import read_keys
from gateway.errors import BadUserInput, ConfigurationError
from schema.scope import Scope

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
READ = frozenset({Scope.ORDERS_READ, Scope.CATALOG_READ})
FLAGSHIP = frozenset({"flagship"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.toml"


@pytest.fixture
def book(path: Path) -> KeyManager:
    return KeyManager(path, lambda: NOON, os.urandom)


def test_the_file_holds_the_hash_and_never_the_key(book: KeyManager, path: Path) -> None:
    key = book.add("front-end", READ, FLAGSHIP).get_secret_value()

    content = path.read_text()
    assert key not in content
    assert tomllib.loads(content) == {
        "keys": [
            {
                "name": "front-end",
                "sha256": fingerprint(key),
                "scopes": ["catalog:read", "orders:read"],
                "shops": ["flagship"],
                "created_at": NOON,
            }
        ]
    }


def test_nobody_else_can_read_the_file(book: KeyManager, path: Path) -> None:
    book.add("front-end", READ, FLAGSHIP)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_key_leaves_the_first_as_it_was(book: KeyManager) -> None:
    book.add("one", READ, FLAGSHIP)
    first = book.records()

    book.add("two", frozenset(Scope), frozenset({"*"}))

    assert book.records()[:1] == first
    assert [record.name for record in book.records()] == ["one", "two"]


def test_nothing_but_the_file_is_left_behind(book: KeyManager, path: Path) -> None:
    book.add("one", READ, FLAGSHIP)
    book.revoke("one")

    assert list(path.parent.iterdir()) == [path]


def test_a_revoked_key_keeps_its_line(book: KeyManager, path: Path) -> None:
    book.add("front-end", READ, FLAGSHIP)

    revoked = book.revoke("front-end")

    assert revoked.revoked_at == NOON
    assert read_keys(path) == [revoked]


def test_a_name_is_free_again_after_its_key_was_revoked(book: KeyManager) -> None:
    book.add("front-end", READ, FLAGSHIP)
    book.revoke("front-end")

    book.add("front-end", READ, FLAGSHIP)

    assert [record.revoked_at for record in book.records()] == [NOON, None]


def test_a_name_is_given_once(book: KeyManager) -> None:
    book.add("front-end", READ, FLAGSHIP)
    before = book.records()

    with pytest.raises(BadUserInput) as caught:
        book.add("front-end", READ, FLAGSHIP)

    assert caught.value.message == (
        "there is a key front-end already; revoke it, or choose another name"
    )
    assert book.records() == before


@pytest.mark.parametrize("name", ["", "a b", "-x", "x" * 65, "name\n", "名"])
def test_a_name_stands_on_one_line(book: KeyManager, path: Path, name: str) -> None:
    with pytest.raises(BadUserInput, match="is not a valid name for a key"):
        book.add(name, READ, FLAGSHIP)

    assert not path.exists()


def test_a_key_that_is_not_there_cannot_be_revoked(book: KeyManager) -> None:
    with pytest.raises(BadUserInput) as caught:
        book.revoke("front-end")
    assert caught.value.message == "there is no key front-end: there are none"

    book.add("back-end", READ, FLAGSHIP)
    with pytest.raises(BadUserInput) as caught:
        book.revoke("front-end")
    assert caught.value.message == "there is no key front-end: the keys are back-end"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    book = KeyManager(tmp_path / "gone" / "keys.toml", lambda: NOON, os.urandom)

    with pytest.raises(ConfigurationError) as caught:
        book.add("front-end", READ, FLAGSHIP)

    assert caught.value.message == f"{tmp_path / 'gone'}: No such file or directory"


def test_a_file_that_cannot_be_put_in_place_is_named(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.mkdir()

    with pytest.raises(ConfigurationError) as caught:
        KeyManager(path, lambda: NOON, os.urandom).records()

    assert caught.value.message == f"{path}: cannot be read: Is a directory"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[[keys]", "not valid TOML: "),
        ("[[keyz]]\n", "not a keys file: Object contains unknown field `keyz`"),
        ('[[keys]]\nname = "a"\n', "not a keys file: Object missing required field `sha256`"),
        (
            (
                '[[keys]]\nname = "a"\nsha256 = "abc"\nscopes = []\nshops = []\n'
                "created_at = 2026-11-23T12:00:00Z\n"
            ),
            "not a keys file: Expected `str` matching regex",
        ),
        (
            (
                f'[[keys]]\nname = "a"\nsha256 = "{"0" * 64}"\nscopes = ["all"]\nshops = []\n'
                "created_at = 2026-11-23T12:00:00Z\n"
            ),
            "not a keys file: Invalid enum value 'all'",
        ),
    ],
)
def test_a_file_that_is_none_of_ours_is_not_written_over(
    book: KeyManager, path: Path, content: str, expected: str
) -> None:
    path.write_text(content)

    with pytest.raises(ConfigurationError) as caught:
        book.add("front-end", READ, FLAGSHIP)

    assert caught.value.message.startswith(f"{path}: {expected}")
    assert path.read_text() == content


def test_scopes_and_shops_are_known_by_name() -> None:
    assert scopes_named(["orders:read", "catalog:read"]) == READ
    assert shops_named(["flagship"], ("flagship", "mini")) == FLAGSHIP
    assert shops_named(["*"], ("flagship", "mini")) == {"*"}


def test_unknown_scopes_are_refused_with_those_there_are() -> None:
    with pytest.raises(BadUserInput) as caught:
        scopes_named(["orders:read", "order:write", "admin"])

    assert caught.value.message == (
        "no such scope: order:write, admin; expected some of catalog:read, catalog:write, "
        "orders:read, orders:write, pii:read, raw:read, ops:read, ops:write, audit:read"
    )


def test_unknown_shops_are_refused_with_those_there_are() -> None:
    with pytest.raises(BadUserInput) as caught:
        shops_named(["flagshop"], ("flagship", "mini"))

    assert caught.value.message == "no such shop: flagshop; expected some of flagship, mini, *"


def test_a_key_for_nothing_is_refused() -> None:
    with pytest.raises(BadUserInput) as caught:
        shops_named([], ("flagship",))

    assert caught.value.message == "no shop is given; expected some of flagship, *"
