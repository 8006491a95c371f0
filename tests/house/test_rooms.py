"""Every room has its place in the import contracts, and is known to readers."""

import re
import tomllib

from tests.house.tree import ROOT, files

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]


def rooms() -> set[str]:
    """Answer the modules and packages right below gateway, and the other import packages."""
    below = {path.parts[1].removesuffix(".py") for path in files("gateway/*.py")} - {"__init__"}
    return {f"gateway.{name}" for name in below} | {"resolvers", "schema"}


def test_every_room_has_its_layer() -> None:
    layers = next(contract["layers"] for contract in CONTRACTS if contract["type"] == "layers")

    assert rooms() - set(re.findall(r"[\w.]+", " ".join(layers))) == set()


def test_contributing_draws_every_room() -> None:
    tree = (ROOT / "CONTRIBUTING.md").read_text().split("```")[1]
    drawn = set(re.findall(r"([\w.]+?)(?:\.py|/)(?=\s)", tree))

    assert {room.removeprefix("gateway.") for room in rooms()} - drawn == set()


def test_the_tree_has_twenty_lines() -> None:
    tree = (ROOT / "CONTRIBUTING.md").read_text().split("```")[1]

    assert len(tree.strip().splitlines()) == 20
