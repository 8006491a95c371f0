import pytest

from gateway.cli import main
from tests.cli.conftest import Configure


def test_a_store_is_brought_to_this_version(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configure(store='url = "sqlite:///ledger.db"')

    assert main(["migrate", "--config", str(config)]) == 0
    assert capsys.readouterr().out == "the store is of this version\n"
    assert config.with_name("ledger.db").exists()

    assert main(["migrate", "--config", str(config)]) == 0
    assert capsys.readouterr().out == "the store is of this version already\n"


def test_postgresql_is_migrated_by_command(
    configure: Configure, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configure(store=f'url = "{postgres_url}"')

    assert main(["migrate", "--config", str(config)]) == 0
    assert capsys.readouterr().out == "the store is of this version\n"

    assert main(["migrate", "--config", str(config)]) == 0
    assert capsys.readouterr().out == "the store is of this version already\n"


def test_a_store_out_of_reach_is_told_in_a_line(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configure(store='url = "sqlite:///gone/ledger.db"')

    assert main(["migrate", "--config", str(config)]) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"gateway: store.url: there is no folder {config.with_name('gone')}"
