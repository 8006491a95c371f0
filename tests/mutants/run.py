"""Runs mutmut on a seeded sample of each module's mutants, and prints what the tests missed.

mutmut reads its settings from the pyproject.toml of the folder that it runs in: each group gets a
copy of the tree, in build/mutants-of/, with settings of its own.
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.stats import status_by_exit_code
from mutmut.utils.format_utils import get_mutant_name

ROOT: Final = Path(__file__).parents[2]
GROUPS: Final = Path(__file__).parent / "groups.toml"
FOLDERS: Final = ("gateway", "resolvers", "schema", "tests")
#: A mutant counts as noticed that fails a test, or makes one run for so long that it is stopped.
NOTICED: Final = frozenset({"killed", "timeout", "segfault"})


@dataclass(frozen=True, slots=True)
class Group:
    """Modules that are mutated together, and the tests that are run on their mutants."""

    name: str
    modules: Sequence[str]
    tests: Sequence[str]
    #: Tests of these files that are left out; pytest's expression.
    without: str = "nothing_is_left_out"

    @property
    def folder(self) -> Path:
        """Where its copy of the tree lies."""
        return ROOT / "build" / "mutants-of" / self.name


def main() -> None:
    """Prints a row for each module, and the change of each mutant that survived."""
    arguments = _arguments()
    groups = [
        Group(name, **given)
        for name, given in tomllib.loads(GROUPS.read_text()).items()
        if not arguments.groups or name in arguments.groups
    ]
    _print("| group | module | mutants | tried | killed | survived |")
    _print("|---|---|---|---|---|---|")
    survivors = []
    for group in groups:
        _copy(group)
        with contextlib.chdir(group.folder):  # mutmut reads its settings here
            made = {module: _names(module) for module in group.modules}
        chosen = {
            module: _sample(names, arguments.sample, f"{arguments.seed}:{module}")
            for module, names in made.items()
        }
        _mutmut(group, [name for names in chosen.values() for name in names], arguments.workers)
        for module, names in chosen.items():
            lost = [name for name in names if _state(group, module, name) not in NOTICED]
            survivors += [(group, name) for name in lost]
            _print(
                f"| {group.name} | {module} | {len(made[module])} | {len(names)} "
                f"| {len(names) - len(lost)} | {len(lost)} |"
            )
    for group, name in survivors:
        _print(_shown(group, name))


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", help="groups of groups.toml; none: all")
    parser.add_argument("--sample", type=int, default=40, help="the most mutants of a module")
    parser.add_argument("--seed", default="1", help="chooses the sample")
    parser.add_argument("--workers", type=int, default=2, help="mutants that are tried at once")
    return parser.parse_args()


def _names(module: str) -> list[str]:
    made = mutate_file_contents(module, (ROOT / module).read_text())
    return [get_mutant_name(Path(module), name) for name in made.mutant_names]


def _sample(names: Sequence[str], most: int, seed: str) -> list[str]:
    return sorted(random.Random(seed).sample(names, min(most, len(names))))


def _copy(group: Group) -> None:
    shutil.rmtree(group.folder, ignore_errors=True)
    left_out = shutil.ignore_patterns("__pycache__", "node_modules")
    # What mutmut does not find there it would copy itself, file by file.
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, group.folder / "mutants" / folder, ignore=left_out)
    for module in group.modules:
        (group.folder / module).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / module, group.folder / module)
    settings = {
        "source_paths": group.modules,
        "pytest_add_cli_args_test_selection": group.tests,
        "pytest_add_cli_args": ("-p", "no:cacheprovider", "-k", f"not ({group.without})"),
    }
    # A list of texts is written alike in JSON and in TOML.
    written = "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    project = (ROOT / "pyproject.toml").read_text()
    (group.folder / "pyproject.toml").write_text(f"{project}\n[tool.mutmut]\n{written}")


def _mutmut(group: Group, names: Sequence[str], workers: int) -> None:
    """Its progress goes to a file beside the copy.

    Raises:
        CalledProcessError: the tests fail without any mutant, or mutmut does.
    """
    program = Path(sys.executable).with_name("mutmut")
    with group.folder.with_suffix(".log").open("wb") as log:
        subprocess.run(
            [program, "run", "--max-children", str(workers), *names],
            cwd=group.folder,
            # Bytecode is kept whatever the environment says: each mutant imports its tests anew.
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
            stdout=log,
            stderr=subprocess.STDOUT,
            check=True,
        )


def _state(group: Group, module: str, name: str) -> str:
    kept = json.loads((group.folder / "mutants" / f"{module}.meta").read_text())
    state: str = status_by_exit_code[kept["exit_code_by_key"][name]]
    return state


def _shown(group: Group, name: str) -> str:
    program = Path(sys.executable).with_name("mutmut")
    return subprocess.run(
        [program, "show", name], cwd=group.folder, capture_output=True, text=True, check=True
    ).stdout


if __name__ == "__main__":
    main()
