"""Prints how the schema differs from the last release's: `make schema-diff`."""

import sys
from pathlib import Path
from typing import Final

from graphql import build_schema, find_breaking_changes, find_dangerous_changes

from resolvers.schema import executable

_CONTRACT: Final = Path(__file__).parent.parent / "contract"
#: The schema of the last release; a release replaces it by schema/schema.graphql.
RELEASED: Final = _CONTRACT / "released.graphql"
#: Breaking changes that are accepted, each behind its reason.
ACCEPTED: Final = _CONTRACT / "breaking_changes.txt"


def breaking() -> list[str]:
    """What breaks clients of the last release."""
    released = build_schema(RELEASED.read_text(encoding="utf-8"))
    return [change.description for change in find_breaking_changes(released, executable())]


def dangerous() -> list[str]:
    """What may surprise them, such as a new value of an enum."""
    released = build_schema(RELEASED.read_text(encoding="utf-8"))
    return [change.description for change in find_dangerous_changes(released, executable())]


def main() -> None:
    """Prints both, one change a line."""
    for kind, changes in (("breaking", breaking()), ("dangerous", dangerous())):
        sys.stdout.writelines(f"{kind}: {change}\n" for change in changes)


if __name__ == "__main__":
    main()
