"""The sandbox's state between runs."""

import time
from dataclasses import replace
from pathlib import Path

import msgspec

from gateway.sandbox.accounts import DEFAULT_ACCOUNTS, FLAGSHIP
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.keeping import load_state, save_state
from gateway.sandbox.seeding import seeded_state
from gateway.sandbox.state import SandboxState
from gateway.sandbox.world import Setting
from tests.fixtures_sandbox import Sandbox, served
from tests.sandbox.calls import ask_store, code_of, sample

NOW = 1_700_000_000
PATIENCE = 10.0


def remembered(sandbox: Sandbox) -> SandboxState:
    content = sandbox.client.get("/_sandbox/state").content
    return msgspec.json.decode(content, type=SandboxState)


def test_the_whole_state_goes_to_a_file_and_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.json"
    assert load_state(path) is None
    state = seeded_state(DEFAULT_ACCOUNTS, NOW, 1)
    save_state(path, state)
    assert load_state(path) == state
    assert path.stat().st_mode & 0o777 == 0o600
    assert [known.name for known in path.parent.iterdir()] == ["state.json"]


def test_a_second_run_goes_on_where_the_first_ended(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    body = sample("wechat_store", "del.request")
    with served(create_sandbox(state_file=path)) as sandbox:
        token = sandbox.token(FLAGSHIP)
        assert code_of(ask_store(sandbox, "del", body, token)) == 0
        before = remembered(sandbox)
    with served(create_sandbox(state_file=path)) as sandbox:
        assert remembered(sandbox) == before
        assert code_of(ask_store(sandbox, "group.getall", token=token)) == 0


def test_the_file_is_written_while_the_sandbox_runs(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with served(create_sandbox(state_file=path)) as sandbox:
        sandbox.token(FLAGSHIP)
        while not path.exists():
            time.sleep(0.05)
        kept = load_state(path)
    assert kept is not None
    assert len(kept.tokens.tokens) == 1


def test_an_account_may_start_empty() -> None:
    empty = replace(FLAGSHIP, app_id="wxempty000000001", seeded=False)
    setting = Setting(accounts=(FLAGSHIP, empty), base_clock=lambda: NOW)
    with served(create_sandbox(setting=setting)) as sandbox:
        token = sandbox.token(empty)
        assert ask_store(sandbox, "order.getbyfilter", {}, token)["order_list"] == []
        assert len(ask_store(sandbox, "order.getbyfilter", {})["order_list"]) == 123
        assert sandbox.state()["now"] == NOW
