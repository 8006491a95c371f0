import asyncio
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.auth import (
    ALL_SHOPS,
    KeyAuthenticator,
    OpenAuthenticator,
    TokenAuthenticator,
    Viewer,
    authenticator_for,
)
from gateway.auth.json_web_tokens import TokenRules, TokenVerifier
from gateway.auth.jwks import Jwks
from gateway.auth.key_manager import KeyManager
from gateway.auth.key_ring import KeyRing
from gateway.auth.key_uses import KeyUses
from gateway.auth.keys import new_key
from gateway.errors import ConfigurationError, StoreUnavailable, Unauthenticated
from schema.scope import Scope
from tests.auth.issuer import AUDIENCE, ISSUER, Issuer

READ = frozenset({Scope.ORDERS_READ})
FLAGSHIP = frozenset({"flagship"})
MADE = datetime(2026, 11, 23, tzinfo=UTC)


class Clock:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.toml"


@pytest.fixture
def book(path: Path) -> KeyManager:
    return KeyManager(path, lambda: MADE, os.urandom)


def authenticator_of(path: Path, clock: Clock, uses: KeyUses | None = None) -> KeyAuthenticator:
    return KeyAuthenticator(KeyRing(path, clock), uses or KeyUses(clock), clock)


def viewer_of(
    authenticator: KeyAuthenticator, authorization: str | None, peer: str | None = None
) -> Viewer:
    return asyncio.run(authenticator.authenticate(authorization, peer=peer))


def refusal(
    authenticator: KeyAuthenticator, authorization: str | None, peer: str | None = None
) -> str:
    with pytest.raises(Unauthenticated) as caught:
        viewer_of(authenticator, authorization, peer)
    return caught.value.message


def test_a_key_tells_who_asks(book: KeyManager, path: Path, clock: Clock) -> None:
    key = book.add("front-end", READ, FLAGSHIP).get_secret_value()

    viewer = viewer_of(authenticator_of(path, clock), f"Bearer {key}")

    (record,) = book.records()
    assert (viewer.name, viewer.key_id) == ("front-end", record.id)
    assert viewer.scopes == READ
    assert viewer.shops == FLAGSHIP
    assert viewer.sees("flagship")
    assert not viewer.sees("mini")
    assert viewer.holds(Scope.ORDERS_READ)
    assert not viewer.holds(Scope.ORDERS_READ, Scope.PII_READ)


def test_a_key_for_every_shop_sees_those_of_later(
    book: KeyManager, path: Path, clock: Clock
) -> None:
    key = book.add("all", READ, frozenset({"*"})).get_secret_value()

    viewer = viewer_of(authenticator_of(path, clock), f"bearer {key}")

    assert viewer.shops is ALL_SHOPS
    assert viewer.sees("opened-next-year")


def test_what_is_no_good_key_is_told_apart(book: KeyManager, path: Path, clock: Clock) -> None:
    key = book.add("front-end", READ, FLAGSHIP).get_secret_value()
    book.revoke("front-end")
    authenticator = authenticator_of(path, clock)

    how = "send Authorization: Bearer KEY"
    unknown = "the API key is not known here, or was revoked"
    assert refusal(authenticator, None) == f"an API key is required: {how}"
    other = f"the Authorization header is malformed: {how}"
    assert refusal(authenticator, "") == other
    assert refusal(authenticator, "Basic dTpw") == other
    assert refusal(authenticator, "Bearer") == other
    assert refusal(authenticator, key) == other
    assert refusal(authenticator, f"Bearer {key}") == unknown
    stranger = new_key(os.urandom).get_secret_value()
    assert refusal(authenticator, f"Bearer {stranger}") == unknown
    cut = "this is not an API key of the gateway: was it copied completely?"
    assert refusal(authenticator, f"Bearer {key[:-1]}") == cut
    assert refusal(authenticator, "Bearer 钥匙") == cut


def test_no_refusal_repeats_the_key(path: Path, clock: Clock) -> None:
    key = new_key(os.urandom).get_secret_value()
    authenticator = authenticator_of(path, clock)

    for header in (key, f"Bearer {key}", f"Bearer {key[:-1]}", f"Basic {key}"):
        assert key[:-1] not in refusal(authenticator, header)


def test_a_key_works_soon_after_it_was_added(book: KeyManager, path: Path, clock: Clock) -> None:
    authenticator = authenticator_of(path, clock)
    key = book.add("front-end", READ, FLAGSHIP).get_secret_value()

    clock.now += 5.0

    assert viewer_of(authenticator, f"Bearer {key}").name == "front-end"


def test_a_revoked_key_stops_within_five_seconds(
    book: KeyManager, path: Path, clock: Clock
) -> None:
    key = book.add("front-end", READ, FLAGSHIP).get_secret_value()
    authenticator = authenticator_of(path, clock)
    viewer_of(authenticator, f"Bearer {key}")
    book.revoke("front-end")

    clock.now += 5.0

    assert refusal(authenticator, f"Bearer {key}") == (
        "the API key is not known here, or was revoked"
    )


def test_a_change_with_the_same_time_stamp_and_size_is_seen(
    book: KeyManager, path: Path, clock: Clock
) -> None:
    key = book.add("one", READ, FLAGSHIP).get_secret_value()
    authenticator = authenticator_of(path, clock)
    stamp = path.stat().st_mtime_ns
    path.write_text(path.read_text().replace('"one"', '"two"'))
    os.utime(path, ns=(stamp, stamp))

    clock.now += 5.0

    assert viewer_of(authenticator, f"Bearer {key}").name == "two"


def test_the_file_is_read_once_a_second_at_most(book: KeyManager, path: Path, clock: Clock) -> None:
    key = book.add("front-end", READ, FLAGSHIP).get_secret_value()
    authenticator = authenticator_of(path, clock)
    path.unlink()

    clock.now += 0.9

    assert viewer_of(authenticator, f"Bearer {key}").name == "front-end"


def test_a_broken_file_leaves_the_last_good_one_in_force(
    book: KeyManager, path: Path, clock: Clock
) -> None:
    key = book.add("front-end", READ, FLAGSHIP).get_secret_value()
    authenticator = authenticator_of(path, clock)
    good = path.read_text()
    path.write_text("[[keys]")

    with capture_logs() as logs:
        for _ in range(3):
            clock.now += 5.0
            assert viewer_of(authenticator, f"Bearer {key}").name == "front-end"

    assert [(line["log_level"], line["event"]) for line in logs] == [
        ("error", "auth.keys_file.invalid")
    ]
    path.write_text(good.replace("front-end", "repaired"))
    clock.now += 5.0
    assert viewer_of(authenticator, f"Bearer {key}").name == "repaired"


def test_a_file_that_cannot_be_read_leaves_the_last_good_one_in_force(
    book: KeyManager, path: Path, clock: Clock
) -> None:
    key = book.add("front-end", READ, FLAGSHIP).get_secret_value()
    authenticator = authenticator_of(path, clock)
    path.unlink()
    path.mkdir()

    with capture_logs() as logs:
        for _ in range(3):
            clock.now += 5.0
            assert viewer_of(authenticator, f"Bearer {key}").name == "front-end"

    assert [line["reason"] for line in logs] == [f"{path}: cannot be read: Is a directory"]


def test_the_log_tells_of_each_change_of_the_file_once(
    book: KeyManager, path: Path, clock: Clock
) -> None:
    book.add("front-end", READ, FLAGSHIP)
    ring = KeyRing(path, clock)
    book.add("back-end", READ, FLAGSHIP)
    good = path.read_text()

    with capture_logs() as logs:
        for text in (good, good, "keys = 7", "keys = 7", good, good):
            path.write_text(text)
            clock.now += 1.0
            ring.records()

    reloaded = {
        "event": "auth.keys_file.reloaded",
        "log_level": "info",
        "message": "The keys file was reloaded.",
        "keys": 2,
    }
    invalid = {
        "event": "auth.keys_file.invalid",
        "log_level": "error",
        "message": "The keys file is invalid; the keys loaded before remain valid.",
        "reason": logs[1]["reason"],
    }
    assert logs == [reloaded, invalid, reloaded]
    assert logs[1]["reason"].startswith(f"{path}: ")


def test_a_reload_reads_the_file_before_its_time(
    book: KeyManager, path: Path, clock: Clock
) -> None:
    ring = KeyRing(path, clock)
    book.add("front-end", READ, FLAGSHIP)
    assert ring.records() == []

    ring.reload()

    assert [record.name for record in ring.records()] == ["front-end"]


def test_a_mistake_that_comes_back_is_told_again(path: Path, clock: Clock) -> None:
    ring = KeyRing(path, clock)

    with capture_logs() as logs:
        for text in ("keys = 7", "", "keys = 7"):
            path.write_text(text)
            clock.now += 1.0
            assert ring.records() == []

    assert [line["event"] for line in logs] == [
        "auth.keys_file.invalid",
        "auth.keys_file.reloaded",
        "auth.keys_file.invalid",
    ]


def test_the_ring_has_the_keys_that_are_not_revoked(
    book: KeyManager, path: Path, clock: Clock
) -> None:
    for name in ("first", "second", "third"):
        book.add(name, READ, FLAGSHIP)
    book.revoke("second")
    ring = KeyRing(path, clock)

    assert [(record.name, record.scopes) for record in ring.records()] == [
        ("first", READ),
        ("third", READ),
    ]
    assert len(ring) == 2


def test_the_file_is_read_again_after_a_second_each_time(
    book: KeyManager, path: Path, clock: Clock
) -> None:
    ring = KeyRing(path, clock)

    for number in range(1, 4):
        book.add(f"key-{number}", READ, FLAGSHIP)
        clock.now += 0.75
        assert len(ring.records()) == number - 1
        clock.now += 0.25
        assert len(ring.records()) == number


def test_a_file_that_is_gone_lets_nobody_in(book: KeyManager, path: Path, clock: Clock) -> None:
    key = book.add("front-end", READ, FLAGSHIP).get_secret_value()
    authenticator = authenticator_of(path, clock)
    path.unlink()

    clock.now += 5.0

    assert refusal(authenticator, f"Bearer {key}") == (
        "the API key is not known here, or was revoked"
    )


def test_a_broken_file_stops_the_start(path: Path, clock: Clock) -> None:
    path.write_text("[[keys]")

    with pytest.raises(ConfigurationError, match="not valid TOML"):
        KeyRing(path, clock)


def test_a_key_is_refused_from_its_expiry_on(book: KeyManager, path: Path, clock: Clock) -> None:
    key = book.add("front-end", READ, FLAGSHIP, lifetime=timedelta(days=90)).get_secret_value()
    authenticator = authenticator_of(path, clock)
    end = (MADE + timedelta(days=90)).timestamp()

    clock.now = end - 1
    assert viewer_of(authenticator, f"Bearer {key}").name == "front-end"
    clock.now = end
    assert refusal(authenticator, f"Bearer {key}") == ("the API key has expired: ask for a new one")


def test_both_keys_of_a_rotation_work_for_a_while(
    book: KeyManager, path: Path, clock: Clock
) -> None:
    old = book.add("front-end", READ, FLAGSHIP).get_secret_value()
    authenticator = authenticator_of(path, clock)
    new, _ = book.rotate("front-end", timedelta(days=1))

    clock.now = MADE.timestamp() + 86_399
    viewers = [viewer_of(authenticator, f"Bearer {key}") for key in (old, new.get_secret_value())]
    # An idempotency key of the old one is the new one's too.
    assert viewers[0] == viewers[1]
    clock.now += 1
    assert refusal(authenticator, f"Bearer {old}") == "the API key has expired: ask for a new one"
    assert viewer_of(authenticator, f"Bearer {new.get_secret_value()}") == viewers[0]


def test_changed_scopes_are_in_force_within_five_seconds(
    book: KeyManager, path: Path, clock: Clock
) -> None:
    key = book.add("front-end", READ, FLAGSHIP).get_secret_value()
    authenticator = authenticator_of(path, clock)
    book.set_scopes("front-end", frozenset({Scope.CATALOG_READ}))

    clock.now += 5.0

    assert viewer_of(authenticator, f"Bearer {key}").scopes == {Scope.CATALOG_READ}


@pytest.mark.parametrize("peer", ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1", "192.0.2.7"])
def test_a_bound_key_works_from_its_networks(
    book: KeyManager, path: Path, clock: Clock, peer: str
) -> None:
    networks = frozenset({"10.0.0.0/8", "2001:db8::/32", "192.0.2.7/32"})
    key = book.add("front-end", READ, FLAGSHIP, networks=networks).get_secret_value()

    viewer = viewer_of(authenticator_of(path, clock), f"Bearer {key}", peer=peer)

    assert viewer.name == "front-end"


@pytest.mark.parametrize("peer", ["11.0.0.1", "::ffff:11.0.0.1", "2001:db9::1", "testclient", None])
def test_a_bound_key_is_refused_from_elsewhere(
    book: KeyManager, path: Path, clock: Clock, peer: str | None
) -> None:
    networks = frozenset({"10.0.0.0/8", "2001:db8::/32"})
    key = book.add("front-end", READ, FLAGSHIP, networks=networks).get_secret_value()

    assert refusal(authenticator_of(path, clock), f"Bearer {key}", peer) == (
        "the API key may not be used from this address"
    )


async def test_the_last_use_of_each_key_is_written_once(
    book: KeyManager, path: Path, clock: Clock
) -> None:
    keys = [book.add(name, READ, FLAGSHIP).get_secret_value() for name in ("one", "two", "idle")]
    expired = book.add("old", READ, FLAGSHIP, lifetime=timedelta(0)).get_secret_value()
    uses = KeyUses(clock)
    authenticator = authenticator_of(path, clock, uses)
    written: list[Mapping[str, float]] = []

    async def write(seen: Mapping[str, float]) -> None:
        written.append(dict(seen))

    clock.now = MADE.timestamp()
    for key in (keys[0], keys[1], keys[0]):
        clock.now += 1.0
        await authenticator.authenticate(f"Bearer {key}")
    with pytest.raises(Unauthenticated):
        await authenticator.authenticate(f"Bearer {expired}")
    await uses.flush(write)
    await uses.flush(write)

    one, two, *_ = book.records()
    assert written == [{one.id: MADE.timestamp() + 3.0, two.id: MADE.timestamp() + 2.0}]


async def test_uses_that_could_not_be_written_wait_for_the_next_time(clock: Clock) -> None:
    uses = KeyUses(clock)
    written: list[Mapping[str, float]] = []
    uses.note("a")
    uses.note("b")

    async def fail(_: Mapping[str, float]) -> None:
        clock.now += 1.0
        uses.note("a")
        raise StoreUnavailable("the store is away")

    async def write(seen: Mapping[str, float]) -> None:
        written.append(dict(seen))

    with pytest.raises(StoreUnavailable):
        await uses.flush(fail)
    await uses.flush(write)

    assert written == [{"a": 101.0, "b": 100.0}]


async def test_the_configured_mode_decides(path: Path, clock: Clock) -> None:
    uses, ring = KeyUses(clock), KeyRing(path, clock)
    tokens = TokenVerifier(
        Jwks(Issuer().read, clock), TokenRules(issuer=ISSUER, audience=AUDIENCE), clock
    )
    assert isinstance(authenticator_for(ring, uses, None, clock), KeyAuthenticator)
    assert isinstance(authenticator_for(ring, uses, tokens, clock), TokenAuthenticator)
    everyone = authenticator_for(None, uses, None, clock)
    assert isinstance(everyone, OpenAuthenticator)
    viewer = await everyone.authenticate(None, local=True)
    assert (viewer.name, viewer.scopes, viewer.shops) == ("open", frozenset(Scope), ALL_SHOPS)
    assert await everyone.authenticate("Bearer whatever", local=True) == viewer


async def test_open_mode_is_for_this_machine_by_its_own_name() -> None:
    with pytest.raises(Unauthenticated, match="is for this machine alone"):
        await OpenAuthenticator().authenticate(None)


async def test_keys_work_beside_tokens(book: KeyManager, path: Path) -> None:
    issuer = Issuer()
    key = book.add("front-end", READ, FLAGSHIP).get_secret_value()
    jwks = Jwks(issuer.read, time.monotonic)
    tokens = TokenVerifier(jwks, TokenRules(issuer=ISSUER, audience=AUDIENCE), time.time)
    keys = KeyAuthenticator(KeyRing(path, time.monotonic), KeyUses(time.time), time.time)
    both = TokenAuthenticator(keys, tokens)

    token = issuer.token()
    names = [(await both.authenticate(f"Bearer {given}")).name for given in (key, token, key)]

    assert names == ["front-end", "jwt:anna", "front-end"]
    cut = "this is not an API key of the gateway: was it copied completely?"
    for header, expected in (
        (None, "a token or an API key is required: send Authorization: Bearer KEY"),
        ("Basic dTpw", "the Authorization header is malformed: send Authorization: Bearer KEY"),
        ("Bearer cgw_x", cut),
        (f"Bearer {token}.{key}", cut),
        (f"Bearer {token[:-4]}", "the token's signature is not valid"),
    ):
        with pytest.raises(Unauthenticated) as caught:
            await both.authenticate(header)
        assert caught.value.message == expected
