"""The schema passes graphql-eslint's recommended rules and Relay's, but for what has a reason."""

import subprocess
import sys
from pathlib import Path

NODE = Path(sys.executable).parent / "node"
ROOT = Path(__file__).parent.parent.parent


def lint(node_packages: Path, schema: Path) -> list[str]:
    """What the rules find, a line each."""
    found = subprocess.run(
        [NODE, node_packages / "lint-schema.js", schema],
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    )
    return found.stdout.splitlines()


def test_the_schema_passes_the_rules(node_packages: Path) -> None:
    assert lint(node_packages, ROOT / "schema" / "schema.graphql") == []


def test_the_rules_find_what_breaks_them(node_packages: Path, tmp_path: Path) -> None:
    schema = tmp_path / "schema.graphql"
    schema.write_text(
        '"""All queries."""\ntype Query {\n  """A list."""\n  ages: AgeConnection\n}\n'
        '"""A page."""\ntype AgeConnection {\n  """Its size."""\n  size: Int\n}\n',
        encoding="utf-8",
    )

    found = lint(node_packages, schema)

    assert {line.partition(":")[0] for line in found} >= {
        "@graphql-eslint/relay-arguments",
        "@graphql-eslint/relay-connection-types",
        "needed no more",
    }
