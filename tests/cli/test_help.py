import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from gateway.cli import main
from gateway.cli.commands import command_line
from tests.cli.command import ROOT, gateway

#: What makes a start slow; none of it is needed to read the arguments.
HEAVY = ("pydantic", "sqlalchemy", "strawberry", "graphql", "fastapi", "uvicorn", "cryptography")


def test_the_commands_are_those_of_the_contract() -> None:
    assert list(command_line().commands) == [
        "run",
        "init",
        "serve",
        "sandbox",
        "migrate",
        "doctor",
        "status",
        "record",
        "schema",
        "keys",
        "pushes",
        "events",
        "store",
        "import",
        "export",
        "erase",
        "completion",
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
    assert main([*arguments, "--help"]) == 0

    assert told in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Usage: gateway [OPTIONS] COMMAND ..."),
        (("server",), "No such command 'server'. Did you mean 'serve'?"),
        (("keys",), "Usage: gateway keys [OPTIONS] COMMAND ..."),
        (("keys", "ad"), "No such command 'ad'. Did you mean 'add'?"),
        (("keys", "add", "x"), "Missing option '--scopes'."),
        (("keys", "add", "x", "--scopes", "a"), "Missing option '--shops'."),
        (("keys", "revoke"), "Missing argument 'NAME'."),
        (("events", "replay"), "expected either an ID or --all"),
        (("events", "replay", "1", "--all"), "expected either an ID or --all"),
        (("import", "x", "--shop", "y", "--kind", "z"), "'z' is not one of 'orders', 'shipments'"),
        (("completion", "tcsh"), "'tcsh' is not one of 'bash', 'zsh', 'fish'"),
        (("run", "--port", "x"), "expected a port from 0 to 65535, not 'x'"),
        (("serve", "--port", "65536"), "expected a port from 0 to 65535, not '65536'"),
        (("serve", "--workers", "0"), "expected a number of processes from 1 up, not '0'"),
        (("serve", "--conf", "x"), "No such option '--conf'. Did you mean '--config'?"),
        (("schema", "x"), "Got unexpected extra argument (x)"),
    ],
)
def test_wrong_use_is_status_2(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2

    assert told in capsys.readouterr().err


def test_each_command_explains_itself_and_its_options() -> None:
    def all_of(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
        yield path, command
        if isinstance(command, click.Group):
            for name, one in command.commands.items():
                yield from all_of(one, f"{path} {name}")

    for path, command in all_of(command_line(), "gateway"):
        assert command.help, path
        assert path == "gateway" or command.short_help, path
        for parameter in command.params:
            assert isinstance(parameter, click.Argument) or parameter.help, (path, parameter.name)


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0

    assert capsys.readouterr().out == f"gateway {version('commerce-gateway')}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0

    assert f"_GATEWAY_COMPLETE={shell}_complete" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("gateway ke", ["plain,keys"]),
        ("gateway pushes list --sta", ["plain,--states"]),
        ("gateway pushes list --states dead,dis", ["plain,dead,DISCARDED"]),
        ("gateway keys add x --scopes orders:", ["plain,orders:read", "plain,orders:write"]),
        ("gateway import x --kind s", ["plain,shipments"]),
        ("gateway events replay --a", ["plain,--all"]),
        ("gateway serve --config ga", ["file,ga"]),
    ],
)
def test_a_shell_completes_commands_options_and_values(
    words: str,
    completed: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("_GATEWAY_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))

    assert main([]) == 0

    assert capsys.readouterr().out.splitlines() == completed


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from gateway.cli import main; main(['--help']); "
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

    assert done.stdout.splitlines()[-1] == "[]"


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
