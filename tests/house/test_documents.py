"""What the documents say about commands, links and versions is so."""

import importlib.metadata
import re
import tomllib

import click
import pytest

from gateway.cli.commands import command_line
from tests.house.tree import ROOT, files

MAKEFILE = (ROOT / "Makefile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
#: Steps of other targets, not meant to be typed.
INNER = {"bench-packages", "npm-packages"}
DOCUMENTS = [str(path) for path in files("*.md")]


def test_every_target_for_people_says_what_it_does() -> None:
    explained = set(re.findall(r"^([a-z][a-z-]*):.* ## \S", MAKEFILE, re.MULTILINE))

    assert TARGETS - explained == INNER


def test_every_target_is_phony() -> None:
    phony = re.search(r"^\.PHONY:((?:.*\\\n)*.*)", MAKEFILE, re.MULTILINE)

    assert phony is not None
    assert set(phony[1].replace("\\", " ").split()) == TARGETS


def test_contributing_lists_every_target() -> None:
    listed = set(re.findall(r"`make ([a-z-]+)", (ROOT / "CONTRIBUTING.md").read_text()))

    assert listed == TARGETS - INNER


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_command_exists(document: str) -> None:
    text = (ROOT / document).read_text()
    named = set(re.findall(r"`make ([a-z][a-z-]*)", text)) | set(
        re.findall(r"^make ([a-z][a-z-]*)", text, re.MULTILINE),
    )

    assert named - TARGETS == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_to_a_file(document: str) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", (ROOT / document).read_text())
    folder = (ROOT / document).parent

    assert [link for link in links if not (folder / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_of_the_tree_exists(document: str) -> None:
    rooms = "gateway|resolvers|schema|tests|docs|bench|requirements|assets"
    named = re.findall(
        rf"(?<![\w./-])((?:{rooms})/[\w./-]*\w/?)(?![\w<*])", (ROOT / document).read_text()
    )

    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_page_of_docs_is_in_the_index() -> None:
    index = (ROOT / "docs/index.md").read_text()
    pages = {path.name for path in files("docs/*.md")} - {"index.md"}

    assert {page for page in pages if f"]({page})" not in index} == set()


def test_the_readme_starts_with_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text()

    assert re.findall(r"^make .*", readme, re.MULTILINE) == ["make run", "make test"]


def test_the_readme_says_where_make_run_installs_the_command() -> None:
    readme = (ROOT / "README.md").read_text()
    blocks = [
        block for block in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL) if "gateway " in block
    ]

    assert [block.splitlines()[0] for block in blocks] == [". .venv/bin/activate"]
    assert re.search(r"^run: \$\(VENV\)/run.stamp", MAKEFILE, re.MULTILINE)
    assert PROJECT["scripts"] == {"gateway": "gateway.cli:main"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_of_the_gateway_exists(document: str) -> None:
    text = (ROOT / document).read_text()
    named = re.findall(r"`gateway ([a-z][a-z-]*)((?: [a-z][a-z-]*)?)", text)
    commands = command_line().commands

    for name, action in named:
        assert name in commands, name
        found = commands[name]
        if isinstance(found, click.Group) and action:
            assert action.strip() in found.commands, (name, action)


def test_the_page_of_the_command_line_lists_every_command() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text()

    for name, command in command_line().commands.items():
        (row,) = [line for line in page.splitlines() if re.match(rf"\|.*`gateway {name}`", line)]
        if isinstance(command, click.Group) and name not in {"export", "erase"}:
            for action in command.commands:
                assert f"`{action}`" in row, (name, action)


def test_the_changelog_has_a_place_for_what_is_not_released() -> None:
    headings = re.findall(r"^## (.*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert headings[0] == "[Unreleased]"
    assert all(re.match(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$", line) for line in headings[1:])


def test_the_licence_is_the_one_that_the_package_names() -> None:
    assert PROJECT["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text().startswith("MIT License\n")


def test_the_installed_version_is_the_project_s() -> None:
    assert importlib.metadata.version(PROJECT["name"]) == PROJECT["version"]
