"""Baidu's token call, and what its gateway says to a bad token."""

from typing import Any

import pytest

from gateway.platforms.baidu.sandbox.invented import Invented
from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import CENTRE

CHOICES = Invented()
IDENTITY = {
    "grant_type": "client_credentials",
    "client_id": SWAN.app_id,
    "client_secret": SWAN.secret,
}


def refused(sandbox: Sandbox, token: str | None) -> dict[str, Any]:
    query = {"open_id": "swanbuyer"} | ({} if token is None else {"access_token": token})
    path = f"{CENTRE}/update/main/status"
    result: dict[str, Any] = sandbox.client.post(path, params=query, content="{}").json()
    return result


def test_a_token_lives_thirty_days(sandbox: Sandbox) -> None:
    answer = sandbox.client.get("/oauth/2.0/token", params=IDENTITY).json()
    assert answer["expires_in"] == 2592000
    assert answer["scope"] == "smartapp_snsapi_base"
    assert "error_code" not in refused(sandbox, answer["access_token"])
    sandbox.advance(2592001)
    assert refused(sandbox, answer["access_token"])["error_code"] == 111


def test_a_token_comes_by_post_too(sandbox: Sandbox) -> None:
    answer = sandbox.client.post("/oauth/2.0/token", data=IDENTITY).json()
    assert "error_code" not in refused(sandbox, answer["access_token"])
    by_query = sandbox.client.post("/oauth/2.0/token", params=IDENTITY).json()
    assert by_query["access_token"] != answer["access_token"]


def test_a_newer_token_leaves_the_former_alone(sandbox: Sandbox) -> None:
    former, _ = sandbox.token(SWAN), sandbox.token(SWAN)
    sandbox.advance(3600)
    assert ("error_code" in refused(sandbox, former)) is CHOICES.new_token_voids_former


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"grant_type": "client_credential"}, "unsupported_grant_type"),
        ({"client_id": "unknown"}, "invalid_client"),
        ({"client_id": FLAGSHIP.app_id}, "invalid_client"),
        ({"client_secret": "wrong"}, "invalid_client"),
    ],
)
def test_who_asks_wrongly_gets_no_token(
    sandbox: Sandbox, changed: dict[str, str], error: str
) -> None:
    answer = sandbox.client.get("/oauth/2.0/token", params={**IDENTITY, **changed})
    assert answer.status_code == CHOICES.token_error_status
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.json()["error"] == error


def test_bad_tokens_are_refused_in_the_gateways_envelope(sandbox: Sandbox) -> None:
    assert refused(sandbox, "made-up").keys() == {"error_code", "error_msg"}
    assert refused(sandbox, "made-up")["error_code"] == 110
    assert refused(sandbox, None)["error_code"] == CHOICES.missing_token
    assert refused(sandbox, sandbox.token(FLAGSHIP))["error_code"] == 6
