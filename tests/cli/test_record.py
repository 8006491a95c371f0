"""`gateway record`: which answers it writes, what it says of them, and that nothing leaks."""

import json
from pathlib import Path

import pytest

from gateway.cli import main
from gateway.platforms.wechat_store.endpoints import ENDPOINTS
from tests.cli.conftest import Configure
from tests.fixtures_sandbox import Sandbox

READS = [row for row in ENDPOINTS if row.shareable]


@pytest.fixture
def config(configure: Configure, sandbox: Sandbox, logging_as_it_was: None) -> Path:
    """A configuration over the sandbox, with a ledger of this version."""
    assert logging_as_it_was is None
    path = configure(base_url=sandbox.base_url)
    assert main(["migrate", "--config", str(path)]) == 0
    return path


def record(config: Path, folder: Path, shop: str = "flagship") -> int:
    return main(["record", shop, "-o", str(folder), "--config", str(config)])


def results(printed: str) -> dict[str, str]:
    """What is said of each call."""
    lines = [line for line in printed.splitlines() if ", which no model names" not in line]
    head, *rows = [line.split(maxsplit=1) for line in lines if line]
    assert head == ["CALL", "RESULT"]
    return {row[0]: row[1] for row in rows}


def test_each_read_is_recorded_and_masked(
    config: Path, sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order = sandbox.order()
    capsys.readouterr()

    assert record(config, tmp_path / "out") == 0

    printed = capsys.readouterr().out
    told = results(printed)
    assert told.keys() == {row.name for row in READS}
    assert set(told.values()) == {"fits"}
    assert "errcode" not in printed
    files = {path.name.removesuffix(".response.json"): path for path in _files(tmp_path / "out")}
    assert files.keys() == told.keys()
    text = "".join(path.read_text(encoding="utf-8") for path in files.values())
    for personal in (order["buyer_openid"], order["receiver_name"], order["receiver_mobile"]):
        assert personal not in text
    assert str(order["order_id"]) not in text
    for row in READS:
        answer = json.loads(files[row.name].read_text(encoding="utf-8"))
        assert answer["errcode"] == 0


def test_what_fits_no_model_is_told(
    config: Path, sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {"errcode": 0, "groups_detail": [{"group_id": 1, "group_name": "a", "colour": 1}]}
    sandbox.fault("body", answer, path="/merchant/group/getall", times=None)
    sandbox.fault("body", {"errcode": 0}, path="/merchant/shelf/getall", times=None)
    sandbox.fault("errcode", 48001, path="/merchant/express/getall", times=None)
    capsys.readouterr()

    assert record(config, tmp_path / "out") == 0

    printed = capsys.readouterr().out
    told = results(printed)
    assert told["group.getall"] == "fits"
    assert "group.getall has $.groups_detail[].colour, which no model names" in printed
    assert told["shelf.getall"].startswith("refused: shelf.getall: ")
    assert told["express.getall"] == "refused: fault on request"
    assert not (tmp_path / "out" / "express.getall.response.json").exists()


def test_an_unknown_shop_and_a_folder_that_exists_are_refused(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], sandbox: Sandbox
) -> None:
    sandbox.clear_log()
    assert record(config, tmp_path / "out", "nobody") == 1
    assert "there is no shop 'nobody'; shops: flagship, mini, swan" in capsys.readouterr().err
    assert record(config, tmp_path) == 1
    assert "cannot make the folder" in capsys.readouterr().err
    assert sandbox.counts() == {}


def test_a_platform_without_reads_has_nothing_to_record(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert record(config, tmp_path / "out", "swan") == 0

    assert capsys.readouterr().out == "CALL  RESULT\n"
    assert _files(tmp_path / "out") == []


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())
