"""Writes the table of metrics in docs/operations.md from what a process has of them."""

from typing import Final

from gateway.telemetry import Telemetry
from tests.house.tree import ROOT

PAGE: Final = ROOT / "docs" / "operations.md"
BEGIN: Final = "<!-- The table of metrics: written by make docs. -->\n"
END: Final = "<!-- The end of the table of metrics. -->\n"
_HEAD: Final = """
| metric | type | labels | meaning | with several processes |
|---|---|---|---|---|
"""
_TOGETHER: Final = {
    "sum": "the sum",
    "max": "the highest",
    "min": "the lowest",
    "mostrecent": "the latest",
}


def table() -> str:
    """The table, a row a metric, in the order in which they are made."""
    rows = [
        f"| `{one.name}` | {one.kind} | {', '.join(f'`{label}`' for label in one.labels)} "
        f"| {one.text.removesuffix('.')} | {_TOGETHER[one.together]} |\n"
        for one in Telemetry().described
    ]
    return f"{_HEAD}{''.join(rows)}\n"


def page(written: str) -> str:
    """The page with the table in its place."""
    before, _, rest = written.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
