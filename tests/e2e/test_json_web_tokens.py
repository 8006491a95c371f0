"""JSON Web Tokens of a real issuer: its keys are read over HTTP, rotated and withdrawn."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from gateway.auth.key_manager import KeyManager
from gateway.concurrency.clock import Clock
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from tests.auth.issuer import AUDIENCE, ISSUER, Issuer
from tests.e2e.api_keys import key
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, configuration, serving
from tests.waiting import eventually

VIEWER = "{ viewer { name scopes shops { key } } }"


class MovedClock:
    """The real clock, and what a test adds to it."""

    def __init__(self) -> None:
        self.added = 0.0
        real = Clock()
        self.clock = Clock(monotonic=lambda: real.monotonic() + self.added)


@pytest.fixture
def moved() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with Issuer().serving() as serving_issuer:
        yield serving_issuer


@pytest.fixture
async def client(
    sandbox: Sandbox, issuer: Issuer, tmp_path: Path, moved: MovedClock, book: KeyManager
) -> AsyncIterator[Client]:
    """A gateway in the mode "jwt", with keys beside."""
    book.add("first", frozenset(), frozenset({"*"}))
    auth = {
        "mode": "jwt",
        "keys_file": str(tmp_path / "keys.toml"),
        "jwks_url": issuer.url,
        "issuer": ISSUER,
        "audience": AUDIENCE,
    }
    settings = Settings.from_dict(PLATFORMS, configuration(sandbox, tmp_path, auth=auth))
    async with serving(settings, moved.clock) as asked:
        yield asked


async def ask(client: Client, token: str) -> dict[str, Any]:
    """What a caller with this token sees of itself, or the error, with its status."""
    answer = await client.ask(VIEWER, headers={"Authorization": f"Bearer {token}"})
    if answer.status == 200:
        viewer: dict[str, Any] = answer.data["viewer"]
        return viewer
    (error,) = answer.body["errors"]
    assert token not in str(answer.body)
    return {"status": answer.status, "message": error["message"], **error["extensions"]}


async def test_a_token_is_a_viewer_and_an_api_key_is_one_beside(
    client: Client, issuer: Issuer, book: KeyManager
) -> None:
    assert await ask(client, issuer.token()) == {
        "name": "jwt:anna",
        "scopes": ["catalog:read", "orders:read"],
        "shops": [{"key": "mini"}, {"key": "swan"}],
    }
    refused = await client.ask("{ pushes { nodes { id } } }", headers=bearer(issuer.token()))
    assert refused.codes == ["FORBIDDEN"]
    made = key(book, ["ops:read"])

    async def known() -> bool:
        return (await client.ask(VIEWER, headers=made)).status == 200

    await eventually(known)
    assert issuer.reads == 1


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_refusals_say_what_to_do(client: Client, issuer: Issuer) -> None:
    expired = await ask(client, issuer.token(exp=1))
    other = await ask(client, issuer.token(aud="another-service"))

    assert (expired["status"], expired["code"]) == (401, "UNAUTHENTICATED")
    assert expired["message"] == "the token has expired: get a new one"
    assert other["message"] == "the token is for another audience"


async def test_rotated_keys_are_found_and_withdrawn_ones_refused(
    client: Client, issuer: Issuer, moved: MovedClock
) -> None:
    old = issuer.token("one")
    assert (await ask(client, old))["name"] == "jwt:anna"
    issuer.keys["two"] = ECKey.generate_key("P-256")
    moved.added += 10.0

    # Both are valid for a while.
    assert (await ask(client, issuer.token("two")))["name"] == "jwt:anna"
    assert (await ask(client, old))["name"] == "jwt:anna"
    del issuer.keys["one"]
    moved.added += 10.0
    await ask(client, issuer.token("three", key=ECKey.generate_key("P-256")))

    assert (await ask(client, old))["message"] == (
        "the token is signed with a key that its issuer does not publish"
    )
    assert issuer.reads == 3


async def test_known_keys_go_on_while_the_issuer_is_down(
    client: Client, issuer: Issuer, moved: MovedClock
) -> None:
    assert (await ask(client, issuer.token()))["name"] == "jwt:anna"
    issuer.status = 503
    moved.added += 3_600.0
    unknown = issuer.token("two", key=ECKey.generate_key("P-256"))

    assert (await ask(client, unknown))["code"] == "UNAUTHENTICATED"
    assert (await ask(client, issuer.token()))["name"] == "jwt:anna"
    moved.added += 86_400.0
    answer = await ask(client, issuer.token())
    assert (answer["status"], answer["code"], answer["retryAfter"]) == (503, "OVERLOADED", 10.0)


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_an_answer_that_is_no_jwks_is_not_followed(
    client: Client, issuer: Issuer, moved: MovedClock, status: int
) -> None:
    await ask(client, issuer.token())
    issuer.status = status
    issuer.keys["two"] = ECKey.generate_key("P-256")
    moved.added += 10.0

    # A redirect to another path would fail the issuer's own assertion.
    assert (await ask(client, issuer.token("two")))["code"] == "UNAUTHENTICATED"
    assert issuer.reads == 2
