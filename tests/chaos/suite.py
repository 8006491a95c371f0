"""Rows, or parts of rows, that tests of the suite show: one run of pytest for all of them."""

import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.chaos.row import Result, Row

ROOT = Path(__file__).parents[2]


class Suite:
    """The tests that the rows name, and what came of them.

    In the short form there are none of them: `make test` runs each, see test_catalogue.py.
    """

    def __init__(self, rows: Sequence[Row], *, short: bool) -> None:
        self._rows = [] if short else rows
        self._short = short
        self._failed: list[str] = []
        self._passed: list[str] = []
        self._output = ""

    async def run(self) -> None:
        """Run them; nothing where no row names one."""
        nodes = sorted({test for row in self._rows for test in row.tests})
        if not nodes:
            return
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.xml"
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
                *("-o", "addopts=--import-mode=importlib --strict-markers"),
                *(f"--junit-xml={report}", *nodes),
                cwd=ROOT,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            output, _ = await process.communicate()
            self._output = output.decode()[-2000:]
            if report.exists():
                self._read(report)

    def _read(self, report: Path) -> None:
        # What pytest has just written here itself.
        for case in ET.parse(report).iter("testcase"):  # noqa: S314
            path = str(case.get("classname")).replace(".", "/") + ".py"
            name = f"{path}::{str(case.get('name')).partition('[')[0]}"
            bad = any(case.find(kind) is not None for kind in ("failure", "error", "skipped"))
            (self._failed if bad else self._passed).append(name)

    def joined(self, result: Result) -> Result:
        """A played row's result with that of its tests."""
        tests = result.row.tests
        if self._short or not tests:
            return result
        count, broken = self._of(result.row)
        more = {"tests": broken} if broken else {}
        return replace(
            result,
            looked_at=[*result.looked_at, "tests"],
            broken=result.broken | more,
            figures=f"{result.figures}, {count} tests",
        )

    def alone(self, set_up: str) -> Iterator[Result]:
        """The results of the rows that only tests show."""
        for row in self._rows:
            if row.play is None:
                count, broken = self._of(row)
                found = {"tests": broken} if broken else {}
                yield Result(row, set_up, ["tests"], found, f"{count} tests")

    def _of(self, row: Row) -> tuple[int, list[str]]:
        """How many tests of a row passed, and what did not."""
        mine = [
            [name for name in names if name.startswith(row.tests)]
            for names in (self._passed, self._failed)
        ]
        broken = [f"{name} failed" for name in dict.fromkeys(mine[1])]
        broken += [
            f"{test} did not run: {self._output[-300:]}"
            for test in row.tests
            if not any(name.startswith(test) for name in (*mine[0], *mine[1]))
        ]
        return len(mine[0]), broken
