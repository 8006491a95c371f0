import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli import main
from gateway.cli.commands import COMMANDS
from tests.cli.command import ROOT, gateway

#: What makes a start slow; none of it is needed to read the arguments.
HEAVY = ("pydantic", "sqlalchemy", "strawberry", "graphql", "fastapi", "uvicorn", "cryptography")


def test_the_commands_are_those_of_the_contract() -> None:
    assert [command.name for command in COMMANDS] == [
        "run",
        "serve",
        "sandbox",
        "migrate",
        "doctor",
        "record",
        "schema",
        "keys",
        "pushes",
        "events",
        "store",
        "import",
        "export",
        "erase",
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Exit status: 0 done, 1 refused or failed, 2 wrong use."),
        (("run",), "--sandbox-port"),
        (("serve",), "--workers"),
        (("sandbox",), "--state FILE"),
        (("migrate",), "Running it again changes nothing."),
        (("doctor",), "with what to do where it fails"),
        (("schema",), "GraphQL's schema definition language"),
        (("keys",), "the key itself is shown once"),
        (("keys", "add"), "pii:read"),
        (("keys", "list"), "--config FILE"),
        (("keys", "revoke"), "NAME"),
        (("pushes", "list"), "--states a,b"),
        (("pushes", "retry"), "ID"),
        (("events", "list"), "--json"),
        (("events", "replay"), "--all"),
        (("store", "rekey"), "--config FILE"),
        (("export", "buyer"), "--out FILE"),
        (("erase", "buyer"), "OPEN_ID"),
    ],
)
def test_help_explains(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*arguments, "--help"])

    assert caught.value.code == 0
    assert told in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("server",), "invalid choice: 'server'"),
        (("keys",), "the following arguments are required: ACTION"),
        (("keys", "add", "x"), "the following arguments are required: --scopes, --shops"),
        (("keys", "revoke"), "the following arguments are required: NAME"),
        (("events", "replay"), "one of the arguments ID --all is required"),
        (("events", "replay", "1", "--all"), "not allowed with argument"),
        (("run", "--port", "x"), "expected a port from 0 to 65535, not 'x'"),
        (("serve", "--port", "65536"), "expected a port from 0 to 65535, not '65536'"),
        (("serve", "--workers", "0"), "expected a number of processes from 1 up, not '0'"),
        (("serve", "--conf", "x"), "unrecognized arguments: --conf x"),
        (("schema", "x"), "unrecognized arguments: x"),
    ],
)
def test_wrong_use_is_status_2(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert told in capsys.readouterr().err


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from gateway.cli.commands import arguments_parser; arguments_parser(); "
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "[]\n"


def test_the_statuses_are_those_of_the_process(tmp_path: Path) -> None:
    done = gateway("schema", cwd=tmp_path, fresh=True)
    assert (done.returncode, done.stderr) == (0, "")

    failed = gateway("migrate", cwd=tmp_path)
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert failed.stderr == (
        "gateway: gateway.toml: no such file; write one, or name it with --config FILE\n"
    )

    assert gateway("bogus", cwd=tmp_path, fresh=True).returncode == 2


def test_a_reader_that_has_gone_away_is_answered_by_the_status_alone(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    try:
        done = gateway("schema", cwd=tmp_path, stdout=writing, fresh=True)
    finally:
        os.close(writing)

    assert (done.returncode, done.stderr) == (1, "")
