"""`gateway import`: lines go to the ledger, refused ones are told, and Ctrl-C loses nothing."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.bulk.worker import BulkWorker
from gateway.cli import main
from tests.cli.conftest import Configure
from tests.cli.test_audit import events
from tests.e2e.bulk_files import lines_of
from tests.e2e.order_samples import baidu_order


@pytest.fixture
def config(configure: Configure) -> Path:
    return configure()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.jsonl"
    path.write_bytes(lines_of([baidu_order("b1"), baidu_order("b2", shop="mini")]))
    return path


def run(config: Path, file: Path, *more: str, shop: str = "swan") -> int:
    return main(["import", str(file), "--shop", shop, "--config", str(config), *more])


def orders(tmp_path: Path) -> list[str]:
    with closing(sqlite3.connect(tmp_path / "gateway.db")) as store:
        return [name for (name,) in store.execute("SELECT platform_id FROM orders")]


def test_orders_are_imported_and_refused_lines_are_told(
    config: Path, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = tmp_path / "refused.jsonl"

    assert run(config, file, "--refused", str(refused)) == 1

    told = capsys.readouterr()
    reason = "The line is for another shop: this import is for swan."
    assert told.out == f"line 2 (shop): {reason}\n1 lines imported, 1 refused\n"
    assert told.err.endswith("gateway: 1 lines were refused\n")
    assert orders(tmp_path) == ["b1"]
    assert json.loads(refused.read_text())["message"] == reason
    assert refused.stat().st_mode & 0o777 == 0o600
    assert [event[1:3] for event in events(config)] == [("gateway import orders", ",swan,")]


def test_shipments_are_imported_and_programs_read_json(
    config: Path, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(config, file)
    capsys.readouterr()
    shipments = tmp_path / "shipments.csv"
    shipments.write_text("platformId,otherCarrier,trackingNumber\nb1,顺丰速运,SF1\n")

    assert run(config, shipments, "--kind", "shipments", "--json") == 0

    told = capsys.readouterr()
    assert json.loads(told.out) == {
        "kind": "SHIPMENTS_IMPORT",
        "state": "DONE",
        "done": 1,
        "failed": 0,
        "total": 1,
        "error": None,
        "refused": [],
    }
    assert json.loads(told.err.splitlines()[-1]) == {"done": 1, "total": 1}


def test_an_interrupted_import_continues_with_the_same_file(
    config: Path,
    file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def interrupted(_: BulkWorker) -> int:
        await asyncio.sleep(0)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(BulkWorker, "once", interrupted)
        assert run(config, file) == 1
    assert orders(tmp_path) == []
    capsys.readouterr()

    assert run(config, file) == 1

    assert capsys.readouterr().err.startswith("continues the import of this file")
    assert orders(tmp_path) == ["b1"]


def test_what_cannot_be_imported_is_refused(
    config: Path, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    empty.touch()

    assert run(config, file, shop="nowhere") == 1
    assert 'There is no shop "nowhere".' in capsys.readouterr().err
    assert run(config, empty) == 1
    told = capsys.readouterr().err
    assert told == f"gateway: {empty}: The file is empty: it has no line to import.\n"
    assert run(config, tmp_path / "none") == 1
