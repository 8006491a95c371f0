"""WeChat's two token calls: lifetimes, the five-minute overlap, forced refreshes, refusals."""

from typing import Any

import pytest

from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.sandbox.server_state import Account
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import ask_store, code_of, to_json

IDENTITY = {
    "grant_type": "client_credential",
    "appid": FLAGSHIP.app_id,
    "secret": FLAGSHIP.secret,
}


def plain(sandbox: Sandbox, **changed: str) -> dict[str, Any]:
    query = {**IDENTITY, **changed}
    result: dict[str, Any] = sandbox.client.get("/cgi-bin/token", params=query).json()
    return result


def stable(sandbox: Sandbox, **changed: Any) -> dict[str, Any]:
    content = to_json({**IDENTITY, **changed})
    result: dict[str, Any] = sandbox.client.post("/cgi-bin/stable_token", content=content).json()
    return result


def code_with(sandbox: Sandbox, token: str) -> int:
    return code_of(ask_store(sandbox, "group.getall", token=token))


def test_a_token_lives_two_hours(sandbox: Sandbox) -> None:
    answer = plain(sandbox)
    assert answer["expires_in"] == 7200
    assert answer.keys() == {"access_token", "expires_in"}
    assert code_with(sandbox, answer["access_token"]) == 0
    sandbox.advance(7190)
    assert code_with(sandbox, answer["access_token"]) == 0
    sandbox.advance(11)
    assert code_with(sandbox, answer["access_token"]) == 42001


def test_each_call_voids_the_former_token_after_five_minutes(sandbox: Sandbox) -> None:
    former = plain(sandbox)["access_token"]
    newer = plain(sandbox)["access_token"]
    assert newer != former
    sandbox.advance(290)
    assert code_with(sandbox, former) == 0
    sandbox.advance(11)
    assert code_with(sandbox, former) == 40001
    assert code_with(sandbox, newer) == 0


def test_the_stable_token_stays_until_five_minutes_before_its_end(sandbox: Sandbox) -> None:
    first = stable(sandbox)
    assert first["expires_in"] == 7200
    sandbox.advance(6000)
    again = stable(sandbox)
    assert again["access_token"] == first["access_token"]
    assert again["expires_in"] in (1199, 1200)
    sandbox.advance(901)
    newer = stable(sandbox)
    assert newer["access_token"] != first["access_token"]
    assert newer["expires_in"] == 7200
    sandbox.advance(290)
    assert code_with(sandbox, first["access_token"]) == 0
    sandbox.advance(20)
    assert code_with(sandbox, first["access_token"]) == 42001
    assert code_with(sandbox, newer["access_token"]) == 0


def test_a_forced_refresh_kills_the_former_at_once(sandbox: Sandbox) -> None:
    former = stable(sandbox)["access_token"]
    newer = stable(sandbox, force_refresh=True)["access_token"]
    assert code_with(sandbox, former) == 40001
    assert code_with(sandbox, newer) == 0


def test_forced_refreshes_less_than_thirty_seconds_apart_do_nothing(sandbox: Sandbox) -> None:
    first = stable(sandbox, force_refresh=True)["access_token"]
    sandbox.advance(25)
    assert stable(sandbox, force_refresh=True)["access_token"] == first
    sandbox.advance(6)
    assert stable(sandbox, force_refresh=True)["access_token"] != first


def test_twenty_forced_refreshes_a_day_are_the_most(sandbox: Sandbox) -> None:
    sandbox.reset()
    now = sandbox.state()["now"]
    # Whatever the time of day, the twenty-one calls fall on one day in Beijing.
    sandbox.advance(86400 - (now + 8 * 3600) % 86400 + 1)
    for _ in range(20):
        assert "access_token" in stable(sandbox, force_refresh=True)
        sandbox.advance(31)
    assert stable(sandbox, force_refresh=True)["errcode"] == 45009
    assert "access_token" in stable(sandbox)
    sandbox.advance(86400)
    assert "access_token" in stable(sandbox, force_refresh=True)


def test_the_two_calls_know_nothing_of_each_other(sandbox: Sandbox) -> None:
    kept = stable(sandbox)["access_token"]
    former = plain(sandbox)["access_token"]
    plain(sandbox)
    sandbox.advance(400)
    assert code_with(sandbox, kept) == 0
    stable(sandbox, force_refresh=True)
    assert code_with(sandbox, former) == 40001
    assert code_with(sandbox, plain(sandbox)["access_token"]) == 0


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"grant_type": "password"}, 40002),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"appid": "wxunknown"}, 40013),
        ({"appid": SWAN.app_id}, 40013),
        ({"secret": "wrong"}, 40125),
    ],
)
def test_who_asks_wrongly_gets_no_token(
    sandbox: Sandbox, changed: dict[str, str], code: int
) -> None:
    assert plain(sandbox, **changed)["errcode"] == code
    assert stable(sandbox, **changed)["errcode"] == code


def test_the_daily_calls_are_counted(sandbox: Sandbox) -> None:
    now = sandbox.state()["now"]
    sandbox.advance(86400 - (now + 8 * 3600) % 86400 + 1)
    for _ in range(2000):
        assert plain(sandbox)["expires_in"] == 7200
    assert plain(sandbox)["errcode"] == 45009


def test_methods_and_bodies_of_the_token_calls_are_checked(sandbox: Sandbox) -> None:
    client = sandbox.client
    assert client.post("/cgi-bin/token", params=IDENTITY).json()["errcode"] == 43001
    assert client.get("/cgi-bin/stable_token", params=IDENTITY).json()["errcode"] == 43002
    assert client.post("/cgi-bin/stable_token").json()["errcode"] == 44002
    assert client.post("/cgi-bin/stable_token", data=IDENTITY).json()["errcode"] == 47001


@pytest.mark.parametrize(("token", "code"), [("", 41001), ("made-up", 40014)])
def test_a_missing_and_a_made_up_token_are_refused(sandbox: Sandbox, token: str, code: int) -> None:
    answer = sandbox.client.get("/merchant/group/getall", params={"access_token": token})
    assert answer.json()["errcode"] == code


@pytest.mark.parametrize(
    ("account", "path"),
    [
        (MINI, "/merchant/group/getall"),
        (FLAGSHIP, "/mall/deleteorder"),
        (FLAGSHIP, "/channels/ec/cooperation/order/get"),
        (SWAN, "/merchant/group/getall"),
    ],
)
def test_a_token_is_good_for_its_own_app_only(
    sandbox: Sandbox, account: Account, path: str
) -> None:
    answer = sandbox.client.post(
        path, params={"access_token": sandbox.token(account)}, content="{}"
    )
    assert answer.json()["errcode"] == 48001
