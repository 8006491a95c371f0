"""The sandbox's state between runs."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.registry import sandbox_parts
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.part import accounts_of, seeded_state
from gateway.sandbox.server_state import Setting
from gateway.sandbox.state_file import StateFileError, load_state, save_state
from tests.fixtures_sandbox import Sandbox, served
from tests.sandbox.calls import ask_store, code_of, sample

PARTS = sandbox_parts()
NOW = 1_700_000_000
TIMEOUT = 10.0


def remembered(sandbox: Sandbox) -> dict[str, Any]:
    return {
        part.name: {
            app_id: msgspec.convert(shop, part.shop_type, str_keys=True)
            for app_id, shop in sandbox.shops(part.name).items()
        }
        for part in PARTS
    }


def test_the_whole_state_goes_to_a_file_and_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.json"
    assert load_state(path, PARTS) is None
    state = seeded_state(PARTS, accounts_of(PARTS), NOW, 1)
    save_state(path, state)
    assert load_state(path, PARTS) == state
    assert path.stat().st_mode & 0o777 == 0o600
    assert [known.name for known in path.parent.iterdir()] == ["state.json"]


def test_a_second_run_goes_on_where_the_first_ended(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    body = sample("wechat_store", "del.request")
    with served(create_sandbox(PARTS, state_file=path)) as sandbox:
        token = sandbox.token(FLAGSHIP)
        assert code_of(ask_store(sandbox, "del", body, token)) == 0
        before = remembered(sandbox)
    with served(create_sandbox(PARTS, state_file=path)) as sandbox:
        assert remembered(sandbox) == before
        assert code_of(ask_store(sandbox, "group.getall", token=token)) == 0


def test_the_file_is_written_while_the_sandbox_runs(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with served(create_sandbox(PARTS, state_file=path)) as sandbox:
        sandbox.token(FLAGSHIP)
        while not path.exists():
            time.sleep(0.05)
        kept = load_state(path, PARTS)
    assert kept is not None
    assert len(kept.tokens.tokens) == 1


def test_an_account_may_start_empty() -> None:
    empty = replace(FLAGSHIP, app_id="wxempty000000001", seeded=False)
    setting = Setting(accounts=(FLAGSHIP, empty), base_clock=lambda: NOW)
    with served(create_sandbox(PARTS, setting)) as sandbox:
        token = sandbox.token(empty)
        assert ask_store(sandbox, "order.getbyfilter", {}, token)["order_list"] == []
        assert len(ask_store(sandbox, "order.getbyfilter", {})["order_list"]) == 123
        assert sandbox.state()["now"] == NOW


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"seeded_at": 1, "stores": {}, "minis": {}, "swans": {}, "tokens": {}}', "version"),
        ('{"seeded_at": 1, "shops": {"wechat_store": {}}, "tokens": {}}', "no shops"),
        ('{"seeded_at": "yesterday"}', "version"),
        ("{", "version"),
    ],
)
def test_a_file_of_another_version_gives_way_to_the_sample_shop(
    tmp_path: Path, content: str, said: str
) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    with pytest.raises(StateFileError, match=said):
        load_state(path, PARTS)

    with capture_logs() as logs:
        app = create_sandbox(PARTS, state_file=path)
    with served(app) as sandbox:
        assert len(ask_store(sandbox, "order.getbyfilter", {})["order_list"]) == 123

    logged = [(line["event"], line["path"]) for line in logs]
    assert logged == [("sandbox.state_file.unreadable", str(path))]
    assert load_state(path, PARTS) is not None
