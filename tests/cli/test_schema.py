import pytest

from gateway.cli import main
from resolvers.schema import sdl


def test_the_schema_is_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0

    printed = capsys.readouterr()
    assert printed.out == sdl()
    assert "type Query {" in printed.out
    assert printed.err == ""
