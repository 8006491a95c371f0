"""No file and no function grows past what one can hold in mind; names say what is inside."""

import ast

from tests.house.tree import ROOT, files

LINES = 600
FUNCTION_LINES = 60
#: Names that say nothing about what a module holds.
EMPTY_NAMES = {"utils", "util", "common", "helpers", "helper", "types", "models", "misc"}
#: Tables of data may be longer: path -> why.
TABLES: dict[str, str] = {}


def test_no_module_is_too_long() -> None:
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in files("*.py")}

    assert {path: n for path, n in lengths.items() if n > LINES and path not in TABLES} == {}


def test_the_exempted_tables_exist_and_need_it() -> None:
    assert [path for path in TABLES if len((ROOT / path).read_text().splitlines()) <= LINES] == []


def test_no_function_is_too_long() -> None:
    long = []
    for path in files("*.py"):
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long.append(f"{path}:{node.lineno} {node.name}: {lines} lines")

    assert long == []


def test_no_module_is_named_after_nothing() -> None:
    named = [str(path) for path in files("*.py") if {path.stem, path.parent.name} & EMPTY_NAMES]

    assert named == []


def test_every_module_says_what_it_is_for_in_one_sentence() -> None:
    silent = []
    for path in files("gateway/*.py", "schema/*.py", "resolvers/*.py"):
        said = ast.get_docstring(ast.parse((ROOT / path).read_text())) or ""
        first = said.split("\n\n")[0]
        if not first.endswith(".") or first.lower() == f"{path.stem}.":
            silent.append(f"{path}: {first!r}")

    assert silent == []
