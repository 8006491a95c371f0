"""A platform is a folder and a member of the enum: two are added to a copy of the tree, and run."""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import ROOT, files

FIXTURES = ROOT / "tests" / "fixtures" / "platforms"
#: Each platform's folder, and what its enum member means.
PLATFORMS = {
    "book_stall": "A stall that sells books; it is only read.",
    "parcel_market": "A market that announces its orders by events.",
}
ENUM = Path("schema/platform.py")
#: What stands behind the last member.
END = "\n\n\n@public_enum\nclass Capability(Enum):"
#: What clients see of both.
SHOPS = [
    {
        "key": "stall",
        "platform": "BOOK_STALL",
        "capabilities": ["READ_PRODUCTS", "READ_ORDERS"],
        "health": {"availability": "UNKNOWN"},
    },
    {
        "key": "seller",
        "platform": "PARCEL_MARKET",
        "capabilities": ["READ_ORDERS", "RECEIVE_ORDER_EVENTS"],
        "health": {"availability": "UNKNOWN"},
    },
]
PRODUCTS = [
    {
        "platformId": "b1",
        "title": "红楼梦",
        "status": "ON_SHELF",
        "priceRange": {"max": {"amount": "39.80"}},
    },
    {
        "platformId": "b2",
        "title": "西游记",
        "status": "SOLD_OUT",
        "priceRange": {"max": {"amount": "25.00"}},
    },
]
ORDERS = [
    {
        "platform": "PARCEL_MARKET",
        "platformId": "p1",
        "status": "SHIPPED",
        "platformStatus": "on_its_way",
        "total": {"amount": "12.00"},
    },
    {
        "platform": "BOOK_STALL",
        "platformId": "o1",
        "status": "AWAITING_SHIPMENT",
        "platformStatus": "paid",
        "total": {"amount": "39.80"},
    },
    {
        "platform": "BOOK_STALL",
        "platformId": "o2",
        "status": "UNKNOWN",
        "platformStatus": "lost",
        "total": {"amount": "25.00"},
    },
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what the platforms run on, add both, and write the schema's snapshot."""
    copy = tmp_path_factory.mktemp("tree")
    for path in files("gateway", "resolvers", "schema", "tests/*.py", "pyproject.toml"):
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, copy / path)
        compiled = Path(cache_from_source(str(path)))
        if (ROOT / compiled).is_file():
            # What was compiled need not be compiled again: it goes by the source's time.
            (copy / compiled.parent).mkdir(exist_ok=True)
            shutil.copy2(ROOT / compiled, copy / compiled)
    for name in PLATFORMS:
        shutil.copytree(FIXTURES / name, copy / "gateway" / "platforms" / name)
    members = [
        f'\n    {name.upper()} = means("{name.upper()}", "{meaning}")'
        for name, meaning in PLATFORMS.items()
    ]
    enum = (copy / ENUM).read_text(encoding="utf-8")
    assert enum.count(END) == 1
    (copy / ENUM).write_text(enum.replace(END, "".join(members) + END), encoding="utf-8")
    snapshot = run(copy, "-c", "from gateway.cli import main; main()", "schema")
    (copy / "schema" / "schema.graphql").write_text(snapshot, encoding="utf-8")
    return copy


def run(tree: Path, *arguments: str) -> str:
    """Run Python on the copy; gives what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_snapshot_names_the_platforms(tree: Path) -> None:
    before = (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8").splitlines()
    after = (tree / "schema" / "schema.graphql").read_text(encoding="utf-8").splitlines()

    assert [line for line in after if line not in before] == [
        '  """A stall that sells books; it is only read."""',
        "  BOOK_STALL",
        '  """A market that announces its orders by events."""',
        "  PARCEL_MARKET",
    ]


def test_the_import_contracts_hold(tree: Path) -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"

    assert " 0 broken." in run(tree, "-c", code)


@pytest.mark.long
def test_both_run_end_to_end(tree: Path, tmp_path: Path) -> None:
    script = tree / "tests" / "fixtures" / "platforms" / "exercise.py"

    found: dict[str, Any] = json.loads(run(tree, str(script), str(tmp_path)))

    assert found["seen"] == {
        "shops": SHOPS,
        "products": {"nodes": PRODUCTS},
        "orders": {"nodes": ORDERS},
    }
    assert found["forged"] == [403, "refused"]
    assert found["kept"] == [200, '{"received":true}']
    assert found["change"] == {
        "cause": "PLATFORM_EVENT",
        "order": {"platform": "PARCEL_MARKET", "platformId": "p1", "status": "SHIPPED"},
    }
