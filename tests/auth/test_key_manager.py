import os
import stat
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.auth.key_manager import KeyManager, scopes_named, shops_named
from gateway.auth.keys import fingerprint
from gateway.auth.keys_file import KeyRecord, read_keys, write_keys
from gateway.auth.viewer import RefundLimit
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


def test_a_key_may_end_and_be_bound(book: KeyManager, path: Path) -> None:
    book.add(
        "front-end",
        READ,
        FLAGSHIP,
        lifetime=timedelta(days=90),
        networks=frozenset({"10.0.0.0/8", "2001:db8::/32"}),
        refund_limit=RefundLimit(per_call=20_000, per_day=500_050),
    )

    (record,) = book.records()
    assert record.expires_at == NOON + timedelta(days=90)
    assert record.viewer().refund_limit == RefundLimit(20_000, 500_050)
    (row,) = tomllib.loads(path.read_text())["keys"]
    assert {name: row[name] for name in ("expires_at", "networks", "refund_per_day")} == {
        "expires_at": NOON + timedelta(days=90),
        "networks": ["10.0.0.0/8", "2001:db8::/32"],
        "refund_per_day": 500_050,
    }


def test_a_file_of_the_first_version_is_read_and_kept(book: KeyManager, path: Path) -> None:
    path.write_text(
        f"""
[[keys]]
name = "front-end"
sha256 = "{"0" * 64}"
scopes = ["orders:read"]
shops = ["flagship"]
created_at = 2026-11-23T12:00:00Z

[[keys]]
name = "gone"
sha256 = "{"1" * 64}"
scopes = ["orders:read"]
shops = ["*"]
created_at = 2026-11-23T12:00:00Z
revoked_at = 2026-11-24T12:00:00Z
"""
    )
    first = book.records()

    assert [record.is_valid(NOON) for record in first] == [True, False]
    viewer = first[0].viewer()
    assert (viewer.key_id, viewer.refund_limit) == (first[0].id, RefundLimit())
    write_keys(path, first)
    assert book.records() == first


def test_a_rotated_key_gives_way_to_one_that_may_do_the_same(book: KeyManager) -> None:
    limit = RefundLimit(per_call=1)
    networks = frozenset({"10.0.0.0/8"})
    book.add("front-end", READ, FLAGSHIP, networks=networks, refund_limit=limit)
    (before,) = book.records()

    key, old = book.rotate("front-end", timedelta(days=1))

    kept, new = book.records()
    assert kept == old
    assert (old.sha256, old.expires_at) == (before.sha256, NOON + timedelta(days=1))
    assert new == KeyRecord(
        name="front-end",
        sha256=fingerprint(key.get_secret_value()),
        scopes=READ,
        shops=FLAGSHIP,
        created_at=NOON,
        networks=networks,
        refund_per_call=1,
        replaces=before.id,
    )


def test_a_rotated_key_lasts_as_long_as_the_old_one_was_to(path: Path) -> None:
    day, now = timedelta(days=1), [NOON]
    book = KeyManager(path, lambda: now[0], os.urandom)
    book.add("front-end", READ, FLAGSHIP, lifetime=90 * day)
    now[0] += 80 * day

    book.rotate("front-end", 20 * day)
    now[0] += day
    book.rotate("front-end", day, lifetime=7 * day)

    first, second, third = book.records()
    # No rotation prolongs a key.
    assert first.expires_at == NOON + 82 * day
    assert second.expires_at == NOON + 82 * day
    assert third.expires_at == NOON + 88 * day
    assert first.id == second.replaces == third.replaces


def test_scopes_are_changed_of_all_keys_of_the_name(book: KeyManager) -> None:
    book.add("other", READ, FLAGSHIP)
    book.add("front-end", READ, FLAGSHIP)
    book.rotate("front-end", timedelta(days=1))

    changed = book.set_scopes("front-end", frozenset({Scope.PII_READ}))

    assert [sorted(record.scopes) for record in book.records()] == [
        ["catalog:read", "orders:read"],
        ["pii:read"],
        ["pii:read"],
    ]
    assert changed == book.records()[-1]


def test_both_keys_of_a_rotation_are_revoked(book: KeyManager) -> None:
    book.add("front-end", READ, FLAGSHIP)
    book.rotate("front-end", timedelta(days=1))

    revoked = book.revoke("front-end")

    assert [record.revoked_at for record in book.records()] == [NOON, NOON]
    assert revoked == book.records()


def test_a_name_is_free_again_after_its_key_expired(path: Path) -> None:
    now = [NOON]
    book = KeyManager(path, lambda: now[0], os.urandom)
    book.add("front-end", READ, FLAGSHIP, lifetime=timedelta(hours=1))
    now[0] += timedelta(hours=1)
    assert book.valid_records() == []

    book.add("front-end", READ, FLAGSHIP)

    assert book.valid_records() == book.records()[1:]


def test_no_valid_key_is_nothing_to_rotate_or_change(path: Path) -> None:
    now = [NOON]
    book = KeyManager(path, lambda: now[0], os.urandom)
    book.add("front-end", READ, FLAGSHIP, lifetime=timedelta(hours=1))
    now[0] += timedelta(hours=1)

    for change in (
        lambda: book.rotate("front-end", timedelta(days=1)),
        lambda: book.set_scopes("front-end", READ),
        lambda: book.revoke("front-end"),
    ):
        with pytest.raises(BadUserInput) as caught:
            change()
        assert caught.value.message == "there is no key front-end: there are none"


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

    (revoked,) = book.revoke("front-end")

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
        (
            (
                f'[[keys]]\nname = "a"\nsha256 = "{"0" * 64}"\nscopes = []\nshops = []\n'
                'created_at = 2026-11-23T12:00:00Z\nnetworks = ["10.0.0.1/8"]\n'
            ),
            "not a keys file: 10.0.0.1/8 has host bits set - at `$.keys[0]`",
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
        "orders:read, orders:write, refunds:write, pii:read, pii:reveal, raw:read, ops:read, "
        "ops:write, audit:read"
    )


def test_unknown_shops_are_refused_with_those_there_are() -> None:
    with pytest.raises(BadUserInput) as caught:
        shops_named(["flagshop"], ("flagship", "mini"))

    assert caught.value.message == "no such shop: flagshop; expected some of flagship, mini, *"


def test_a_key_for_nothing_is_refused() -> None:
    with pytest.raises(BadUserInput) as caught:
        shops_named([], ("flagship",))

    assert caught.value.message == "no shop is given; expected some of flagship, *"
