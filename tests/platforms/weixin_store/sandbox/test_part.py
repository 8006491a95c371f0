"""The Weixin Store in the sandbox: what its paths say to requests that no call understands."""

import pytest

from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from tests.fixtures_sandbox import Sandbox

INFO = "/channels/ec/basics/info/get"


def test_the_store_itself(sandbox: Sandbox) -> None:
    answer = sandbox.client.get(INFO, params={"access_token": sandbox.token(WEIXIN)}).json()

    assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
    assert answer["info"]["status"] == "open_finished"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", INFO, 43001),
        ("GET", "/channels/ec/unheard", 40066),
        ("POST", "/shop/ec/unheard", 40066),
        ("POST", "/channels/ec/cooperation/order/get", 48001),
    ],
)
def test_a_request_is_refused(sandbox: Sandbox, method: str, path: str, code: int) -> None:
    query = {"access_token": sandbox.token(WEIXIN)}

    assert sandbox.client.request(method, path, params=query).json()["errcode"] == code


def test_a_mini_program_s_token_is_not_good_for_a_store(sandbox: Sandbox) -> None:
    answer = sandbox.client.get(INFO, params={"access_token": sandbox.token(MINI)})

    assert answer.json()["errcode"] == 48001


def test_a_change_of_an_unknown_store_is_refused(sandbox: Sandbox) -> None:
    answer = sandbox.client.post("/_sandbox/weixin/shop", json={"app_id": "wx0"})

    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "no Weixin Store has the app id 'wx0'"},
    )
