"""Faults on request: each kind, where it strikes, how often, and a write whose answer is lost."""

import re
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.sandbox.faults import KINDS
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import CENTRE, ask_store, code_of, sample, to_json

GROUPS = "/merchant/group/getall"
BROKEN = (httpx.ReadError, httpx.RemoteProtocolError)


def groups(sandbox: Sandbox, **more: Any) -> httpx.Response:
    return sandbox.client.get(GROUPS, params={"access_token": sandbox.token(FLAGSHIP)}, **more)


def test_a_fault_strikes_as_often_as_asked(sandbox: Sandbox) -> None:
    sandbox.fault("errcode", -1, times=2)
    codes = [code_of(ask_store(sandbox, "group.getall", token="made-up")) for _ in range(3)]
    assert codes == [-1, -1, 40014]


def test_a_fault_can_last_until_it_is_cleared(sandbox: Sandbox) -> None:
    token = sandbox.token(FLAGSHIP)
    sandbox.fault("errcode", 45009, times=None)
    for _ in range(5):
        assert code_of(ask_store(sandbox, "group.getall", token=token)) == 45009
    sandbox.clear_faults()
    assert code_of(ask_store(sandbox, "group.getall", token=token)) == 0


def test_a_fault_may_ask_for_a_platform_a_path_or_an_app(sandbox: Sandbox) -> None:
    tokens = {account: sandbox.token(account) for account in (FLAGSHIP, MINI)}
    sandbox.fault("errcode", 1, platform="mini_program")
    sandbox.fault("errcode", 2, path="/merchant/shelf/")
    sandbox.fault("errcode", 3, app_id=MINI.app_id, times=2)
    assert code_of(ask_store(sandbox, "group.getall", token=tokens[FLAGSHIP])) == 0
    assert code_of(ask_store(sandbox, "shelf.getall", token=tokens[FLAGSHIP])) == 2
    query = {"access_token": tokens[MINI]}
    codes = [
        sandbox.client.post("/mall/deleteorder", params=query).json()["errcode"] for _ in range(4)
    ]
    assert codes == [1, 3, 3, 44002]


def test_the_token_calls_can_fail_too(sandbox: Sandbox) -> None:
    sandbox.fault("http_status", 503, platform="wechat_tokens")
    assert sandbox.client.get("/cgi-bin/token").status_code == 503


def test_latency_adds_to_another_fault(sandbox: Sandbox) -> None:
    sandbox.fault("latency", 0.3, path=GROUPS)
    sandbox.fault("errcode", -1, path=GROUPS)
    began = time.monotonic()
    assert groups(sandbox).json()["errcode"] == -1
    assert time.monotonic() - began >= 0.3


def test_baidu_refuses_in_either_envelope(sandbox: Sandbox) -> None:
    path = f"{CENTRE}/add/main/info"
    sandbox.fault("errcode", 4, platform="baidu")
    assert sandbox.client.post(path).json()["error_code"] == 4
    sandbox.fault("errno", 9, platform="baidu")
    assert sandbox.client.post(path).json()["errno"] == 9


def test_a_path_of_no_platform_is_not_found(sandbox: Sandbox) -> None:
    answer = sandbox.client.get("/elsewhere")
    assert answer.status_code == 404
    assert answer.json() == {"error": "no platform of the sandbox serves /elsewhere"}
    sandbox.fault("errcode", 9, path="/elsewhere")
    assert sandbox.client.get("/elsewhere").json() == {"errcode": 9}


def test_a_status_may_carry_headers_and_a_body(sandbox: Sandbox) -> None:
    value = {"status": 429, "headers": {"Retry-After": 7}, "body": "slow down"}
    sandbox.fault("http_status", value, path=GROUPS)
    answer = groups(sandbox)
    assert (answer.status_code, answer.headers["retry-after"], answer.text) == (
        429,
        "7",
        "slow down",
    )


def test_answers_may_be_something_else(sandbox: Sandbox) -> None:
    sandbox.fault("html", path=GROUPS)
    html = groups(sandbox)
    assert html.status_code == 200
    assert html.headers["content-type"] == "text/html"
    assert html.text.startswith("<!DOCTYPE html>")
    sandbox.fault("empty", path=GROUPS)
    assert groups(sandbox).content == b""
    sandbox.fault("body", [1, 2], path=GROUPS)
    assert groups(sandbox).json() == [1, 2]
    sandbox.fault("body", None, path=GROUPS)
    assert groups(sandbox).json() is None
    sandbox.fault("redirect", "http://169.254.169.254/", path=GROUPS)
    moved = groups(sandbox)
    assert (moved.status_code, moved.headers["location"]) == (302, "http://169.254.169.254/")


def test_an_answer_is_cut_in_half_or_to_a_length(sandbox: Sandbox) -> None:
    whole = groups(sandbox).content
    sandbox.fault("truncated", path=GROUPS)
    assert groups(sandbox).content == whole[: len(whole) // 2]
    sandbox.fault("truncated", 10, path=GROUPS)
    assert groups(sandbox).content == whole[:10]
    sandbox.fault("truncated", -10, path=GROUPS)
    with pytest.raises(BROKEN):
        groups(sandbox)


def test_a_connection_is_reset(sandbox: Sandbox) -> None:
    sandbox.fault("reset", path=GROUPS)
    with pytest.raises(BROKEN):
        groups(sandbox)
    assert groups(sandbox).json()["errcode"] == 0


def test_an_answer_never_comes_or_comes_too_slowly(sandbox: Sandbox) -> None:
    for kind in ("silence", "drip"):
        sandbox.fault(kind, 0.3, path=GROUPS)
        with pytest.raises(httpx.ReadTimeout):
            groups(sandbox, timeout=0.2)


def test_an_answer_that_drips_fast_enough_is_whole(sandbox: Sandbox) -> None:
    path = "/cgi-bin/token"
    sandbox.fault("drip", 0.001, path=path)
    assert sandbox.client.get(path).json()["errcode"] == 40002


def test_answers_may_be_huge_packed_or_not(sandbox: Sandbox) -> None:
    sandbox.fault("bomb", 3, path=GROUPS)
    packed = groups(sandbox)
    assert int(packed.headers["content-length"]) < 10_000
    assert len(packed.content) > 3 * 2**20
    sandbox.fault("huge", 1, path=GROUPS)
    assert int(groups(sandbox).headers["content-length"]) > 2**20


def test_a_token_expires_in_the_middle(sandbox: Sandbox) -> None:
    token = sandbox.token(FLAGSHIP)
    sandbox.fault("expired_token", platform="wechat_store")
    codes = [code_of(ask_store(sandbox, "group.getall", token=token)) for _ in range(2)]
    assert codes == [42001, 42001]
    assert groups(sandbox).json()["errcode"] == 0
    baidu = sandbox.token(SWAN)
    sandbox.fault("expired_token", platform="baidu")
    answer = sandbox.client.post(f"{CENTRE}/add/main/info", params={"access_token": baidu})
    assert answer.json()["error_code"] == 111


@pytest.mark.parametrize("kind", ["reset", "empty", "html", "errcode"])
def test_a_write_may_be_done_though_its_answer_is_lost(sandbox: Sandbox, kind: str) -> None:
    query = {"access_token": sandbox.token(FLAGSHIP)}
    content = to_json(sample("wechat_store", "del.request"))
    sandbox.fault(kind, -1, path="/merchant/del", after=True)
    try:
        answer = sandbox.client.post("/merchant/del", params=query, content=content)
        assert answer.content != b'{"errcode":0,"errmsg":"success"}'
    except BROKEN:
        assert kind == "reset"
    assert sandbox.client.post("/merchant/del", params=query, content=content).json()["errcode"] > 0


def test_without_after_the_write_is_not_done(sandbox: Sandbox) -> None:
    sandbox.fault("errcode", -1, path="/merchant/del")
    body = sample("wechat_store", "del.request")
    assert [code_of(ask_store(sandbox, "del", body)) for _ in range(2)] == [-1, 0]


def test_waiting_faults_are_listed(sandbox: Sandbox) -> None:
    sandbox.fault("errcode", 1, path="/a", times=3)
    waiting = sandbox.client.get("/_sandbox/faults").json()["faults"]
    assert [(one["kind"], one["path"], one["times"], one["hits"]) for one in waiting] == [
        ("errcode", "/a", 3, 0)
    ]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kind": "earthquake"}, f"kind must be one of {', '.join(KINDS)}"),
        ({"kind": "reset", "platform": "other"}, "platform must be one of"),
        ({"kind": "reset", "colour": "red"}, "unknown field colour"),
        ({}, "kind must be one of"),
        ({"kind": "latency"}, "latency needs a number as its value"),
        ({"kind": "errcode", "value": "x"}, "errcode needs a number as its value"),
        ({"kind": "http_status", "value": {}}, "http_status needs a number as its value"),
        ({"kind": "truncated", "value": "x"}, "truncated needs a number as its value"),
        ({"kind": "redirect", "value": 1}, "redirect needs an address as its value"),
        ({"kind": "reset", "times": "x"}, "Expected `int | null`, got `str`"),
    ],
)
def test_a_fault_that_is_none_is_refused(
    sandbox: Sandbox, asked: dict[str, object], said: str
) -> None:
    answer = sandbox.client.post("/_sandbox/faults", json=asked)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(said)


def test_the_documentation_names_every_kind() -> None:
    page = Path(__file__).parents[2] / "docs" / "sandbox.md"
    table = page.read_text(encoding="utf-8").partition("| kind |")[2]
    named = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)))
    assert sorted(named) == sorted(KINDS)
