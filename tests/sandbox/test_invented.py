"""What no source tells stands in one table a platform, and in no other file of the sandbox."""

import ast
from pathlib import Path

import gateway.platforms
import gateway.sandbox
from gateway.registry import sandbox_parts
from tests.sandbox.invented_tables import OFFSET, moved, values


def test_a_swapped_table_shares_no_value_with_the_default() -> None:
    for part in sandbox_parts():
        pairs = zip(values(part.invented), values(moved(part.invented)), strict=True)
        assert all(value != other for value, other in pairs)


def test_no_other_file_of_the_sandbox_writes_an_invented_code() -> None:
    # Those above stand in a manual, and only where they are used is invented.
    codes = {
        value
        for part in sandbox_parts()
        for value in values(part.invented)
        if type(value) is int and OFFSET < value < 100 * OFFSET
    }
    (platforms,) = gateway.platforms.__path__
    host = Path(gateway.sandbox.__file__).parent
    for path in [*host.rglob("*.py"), *Path(platforms).glob("*/sandbox/*.py")]:
        if path.name != "invented.py":
            written = {
                node.value
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Constant) and isinstance(node.value, int)
            }
            assert not codes & written, path
