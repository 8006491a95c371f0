"""What `make mutants` tries is there."""

import tomllib

from tests.house.tree import ROOT

GROUPS = tomllib.loads((ROOT / "tests/mutants/groups.toml").read_text())


def test_every_module_and_test_of_a_group_exists() -> None:
    named = [path for group in GROUPS.values() for path in (*group["modules"], *group["tests"])]

    assert [path for path in named if not (ROOT / path).is_file()] == []
