"""`gateway export buyer` on a ledger of its own."""

import asyncio
import json
from pathlib import Path

import pytest

from gateway.cli import main
from tests.cli.conftest import Configure
from tests.cli.test_audit import events
from tests.cli.test_pushes import fill


@pytest.fixture
def config(configure: Configure, tmp_path: Path) -> Path:
    asyncio.run(fill(tmp_path / "gateway.db"))
    return configure()


def run(config: Path, file: Path, shop: str = "swan") -> int:
    return main(["export", "buyer", shop, "buyer-1", "--out", str(file), "--config", str(config)])


def test_a_buyer_is_exported_then_erased_then_there_is_nothing(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, empty = tmp_path / "buyer.jsonl", tmp_path / "empty.jsonl"

    assert run(config, file) == 0
    told = capsys.readouterr().out
    assert "\norders                          2\n" in told
    assert told.endswith(f"\n4 rows written to {file}\n")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["place"] for line in lines] == ["orders", "orders", "pushes", "pushes"]
    assert {line["personal"]["open_id"] for line in lines} == {"buyer-1"}
    assert file.stat().st_mode & 0o777 == 0o600
    assert [event[1:3] for event in events(config)] == [("gateway export buyer", ",swan,")]
    assert main(["erase", "buyer", "swan", "buyer-1", "--config", str(config)]) == 0
    assert run(config, empty) == 0
    assert empty.read_bytes() == b""


def test_a_file_that_exists_or_an_unknown_shop_is_refused(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "kept"
    file.write_text("mine")

    assert run(config, file) == 1
    assert "File exists" in capsys.readouterr().err
    assert file.read_text() == "mine"
    assert run(config, tmp_path / "new", "nowhere") == 1
    assert capsys.readouterr().err == "gateway: there is no shop 'nowhere'\n"
    assert not (tmp_path / "new").exists()
    assert events(config) == []
