"""`gateway export` on a ledger of its own: of a buyer, and of objects."""

import asyncio
import json
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gateway.cli import main
from gateway.cli.bulk_progress import BulkProgressLine
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
    assert re.search(r"\norders +2\n", told)
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


def export(config: Path, *arguments: str) -> int:
    return main(["export", *arguments, "--config", str(config)])


def test_orders_are_written_with_the_fields_that_are_asked_for(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "orders.jsonl"
    selection = "{ platformId status buyer { openId } }"

    assert export(config, "orders", "-o", str(file), "--selection", selection) == 0

    buyer = '"status":"SHIPPED","buyer":{"openId":"buyer-1"}}\n'
    text = f'{{"platformId":"1",{buyer}{{"platformId":"2",{buyer}'
    assert file.read_text() == text
    assert file.stat().st_mode & 0o777 == 0o600
    told = capsys.readouterr()
    assert told.out == (
        "Left out, because the index is not filled yet: flagship.\n"
        f"2 lines, {len(text)} bytes written to {file}\n"
    )
    # The first shop has none; the next line would come after ten seconds.
    assert told.err == f"orders  [{'.' * 24}] 0 of 2\n"
    assert [event[1:3] for event in events(config)] == [("gateway export orders", ",mini,swan,")]


@pytest.mark.parametrize(
    ("arguments", "platform_ids"),
    [
        (("orders", "--shops", "swan", "--statuses", "shipped"), ["1", "2"]),
        (("orders", "--shop", "mini"), []),
        (("orders", "--statuses", "completed"), []),
        (("orders", "--from", "2020-09-13"), ["1", "2"]),
        (("orders", "--from", "2020-09-14T00:00+08:00"), []),
        (("orders", "--to", "2020-09-13T12:26:40Z"), []),
        (("after-sales",), []),
        (("products", "--shops", "swan"), []),
        (("changes",), []),
    ],
)
def test_a_filter_chooses_and_the_default_selection_has_all_that_is_held(
    config: Path,
    capsysbinary: pytest.CaptureFixture[bytes],
    arguments: tuple[str, ...],
    platform_ids: list[str],
) -> None:
    assert export(config, *arguments, "--out", "-", "--json") == 0

    told = capsysbinary.readouterr()
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert [line["platformId"] for line in lines] == platform_ids
    assert all(line["shop"] == {"key": "swan"} for line in lines)
    *_, result = (json.loads(line) for line in told.err.splitlines())
    assert (result["lines"], result["bytes"], result["file"]) == (len(lines), len(told.out), None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("orders", "--selection", "{ nothing }"),
            "gateway: selection: Cannot query field 'nothing' on type 'Order'. (line 1, column 3)",
        ),
        (
            ("orders", "--selection", "{ shop { orders { totalCount } } }"),
            "gateway: selection.shop.orders: Only the platform has Shop.orders of mini, swan,",
        ),
        (("orders", "--shops", "nowhere"), 'gateway: orders.shops: There is no shop "nowhere".'),
        (
            ("products", "--shops", "flagship"),
            "gateway: products.shops: The index is not filled yet with the products of flagship:",
        ),
        (("orders", "--statuses", "sold"), "gateway: no status SOLD; expected "),
    ],
)
def test_a_wrong_export_leaves_no_file(
    config: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    message: str,
) -> None:
    file = tmp_path / "orders.jsonl"

    assert export(config, *arguments, "--out", str(file)) == 1

    assert capsys.readouterr().err.startswith(message)
    assert not file.exists()
    assert events(config) == []


@pytest.mark.parametrize("time", ["soon", "2020-09-13T10:00", "10:00Z"])
def test_a_time_has_an_offset(config: Path, capsys: pytest.CaptureFixture[str], time: str) -> None:
    assert export(config, "orders", "--out", "-", "--from", time) == 2
    assert "expected a date, or a time with its offset" in capsys.readouterr().err


def test_a_file_that_exists_is_kept(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept"
    file.write_text("mine")

    assert export(config, "orders", "--out", str(file)) == 1

    assert file.read_text() == "mine"


def test_values_that_cannot_be_decrypted_are_told_and_the_file_is_whole(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "orders.jsonl"
    with closing(sqlite3.connect(tmp_path / "gateway.db")) as ledger, ledger:
        ledger.execute("UPDATE orders SET personal = x'00' WHERE platform_id = '2'")

    assert export(config, "orders", "-o", str(file), "--selection", "{ buyer { openId } }") == 1

    assert file.read_text() == '{"buyer":{"openId":"buyer-1"}}\n{"buyer":null}\n'
    assert capsys.readouterr().err.endswith(
        "gateway: 1 of the lines have fields that cannot be decrypted, and are null\n"
    )


@pytest.mark.parametrize(
    ("total", "texts"),
    [
        (
            1_000,
            [
                f"orders  [{'.' * 24}] 0 of 1,000",
                f"orders  [{'#' * 12}{'.' * 12}] 500 of 1,000  50 a second, 10 s left",
                f"orders  [{'#' * 24}] 1,000 of 1,000  50 a second",
            ],
        ),
        (None, ["orders  0", "orders  500  50 a second", "orders  1,000  50 a second"]),
    ],
)
def test_progress_is_a_line_each_ten_seconds_or_a_bar_on_a_terminal(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    total: int | None,
    texts: list[str],
) -> None:
    def show(times: list[float]) -> str:
        moments = iter([0.0, *times])
        line = BulkProgressLine("orders", total, lambda: next(moments))
        for done in (0, 500, 1_000):
            line.show(done)
        line.end()
        return capsys.readouterr().err

    # Each is asked for the time twice: for its text, and whether it is due.
    assert show([0, 0, 10, 10, 20, 20]) == "".join(f"{text}\n" for text in texts)
    assert show([0, 0, 9, 9, 20, 20]) == f"{texts[0]}\n{texts[2]}\n"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert show([0, 0, 10, 10, 20, 20]) == "".join(f"\r\x1b[K{text}" for text in texts) + "\r\x1b[K"


def test_progress_for_programs_is_json_each_second(capsys: pytest.CaptureFixture[str]) -> None:
    moments = iter([0.0, 0.5, 1.0, 2.0])
    line = BulkProgressLine("orders", 3, lambda: next(moments), as_json=True)
    for done in (1, 2, 3):
        line.show(done)
    line.end()

    told = capsys.readouterr().err.splitlines()
    assert told == ['{"done":1,"total":3}', '{"done":3,"total":3}']
