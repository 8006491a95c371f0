"""Writes what was measured as Markdown, and puts it between the marks of docs/performance.md."""

import os
import platform as machine
import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import orjson

from bench.alone import WINDOWS, Scaled
from bench.compare import Compared
from bench.load import Measured
from bench.marked_page import write_between
from bench.questions import QUESTIONS
from bench.stage import Row
from bench.tails import LOAD
from bench.variants import GATEWAY, HAND_WRITTEN, MERCURIUS, Variant

PAGE: Final = Path(__file__).parents[1] / "docs" / "performance.md"
_BEGIN: Final = "<!-- measured: begin (make bench writes what follows) -->"
_END: Final = "<!-- measured: end -->"
_PYTHON: Final = (
    "strawberry-graphql",
    "graphql-core",
    "ariadne",
    "fastapi",
    "uvicorn",
    "uvloop",
    "aiohttp",
    "orjson",
)

#: Ratios of requests a second that issue and table hold against: live, then with answers kept.
_TARGETS: Final = {
    HAND_WRITTEN: {"A": (1.0, 0.81), "B": (0.8, 0.69), "C": (1.0, 0.68)},
    MERCURIUS: {"A": (1.2, 0.98), "B": (1.0, 0.88), "C": (1.2, 1.08)},
}
#: What takes so many times the median was kept waiting by something else.
_PAUSE: Final = 5
_KEPT_TARGETS: Final = {MERCURIUS: {"A": (0.7, 0.46), "B": (1.0, None), "C": (0.7, 0.43)}}


def conditions(rounds: int, seconds: float, neighbours: float) -> str:
    """When, where and with what it was measured."""
    versions = [f"{name} {version(name)}" for name in _PYTHON]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, Python {machine.python_version()}, {os.cpu_count()} cores, "
        f"32 connections, medians of {rounds} interleaved rounds of {seconds:g} s; "
        + ", ".join([*versions, *_node_versions()])
        + f". Other programs took {neighbours:.0%} of the cores meanwhile."
    )


def _node_versions() -> list[str]:
    lock = Path(__file__).with_name("js") / "package-lock.json"
    packages = orjson.loads(lock.read_bytes())["packages"]
    return [
        f"{name} {packages[f'node_modules/{name}']['version']}"
        for name in ("mercurius", "graphql-jit", "undici")
        if f"node_modules/{name}" in packages
    ]


def rate(row: Row) -> float:
    """Requests a second, the median of the rounds."""
    return statistics.median(run.rate for run in row.runs)


def side_by_side(variants: Sequence[Variant], found: Compared) -> str:
    """All figures of variants that were measured together."""
    lines = [
        "| | question | requests/s | to hand-written | CPU ms | p50 ms | p99 ms | calls | MB |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name in QUESTIONS:
        base = rate(found.rows[HAND_WRITTEN, name])
        for variant in variants:
            row = found.rows[variant.name, name]
            lines.append(
                f"| {variant.name} | {name} | {rate(row):.0f} | {rate(row) / base:.2f} "
                f"| {statistics.median(row.effort) * 1000:.2f} "
                f"| {_milliseconds(row, 0.5):.1f} | {_milliseconds(row, 0.99):.1f} "
                f"| {statistics.median(row.calls):.3f} "
                f"| {found.megabytes[variant.name]:.0f} |"
            )
    return "\n".join(lines)


def _milliseconds(row: Row, share: float) -> float:
    return statistics.median(run.percentile(share) for run in row.runs)


def against_targets(live: Compared, kept: Compared | None, unshared: str) -> str:
    """The gateway's ratios beside what is wanted and what a prototype reached."""
    lines = [
        "| gateway, to | question | ratio | nothing shared | target | prototype | |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    for peer, targets in _TARGETS.items():
        lines += _held(live, GATEWAY, peer, targets, peer, unshared)
    if kept is not None:
        for peer, kept_targets in _KEPT_TARGETS.items():
            title = f"{peer}, platform answers kept"
            lines += _held(kept, GATEWAY, peer, kept_targets, title, unshared)
    return "\n".join(lines)


def _held(
    found: Compared,
    ours: str,
    peer: str,
    targets: Mapping[str, tuple[float, float | None]],
    title: str,
    unshared: str,
) -> list[str]:
    if (peer, "A") not in found.rows:
        return []
    lines = []
    for name, (target, prototype) in targets.items():
        base = rate(found.rows[peer, name])
        ratio = rate(found.rows[ours, name]) / base
        alone = rate(found.rows[unshared, name]) / base
        verdict = "met" if ratio >= target else "missed"
        before = "–" if prototype is None else f"{prototype:.2f}"
        figures = f"{ratio:.2f} | {alone:.2f} | ≥ {target:.1f} | {before}"
        lines.append(f"| {title} | {name} | {figures} | {verdict} |")
    return lines


def calls_table(found: Mapping[str, float]) -> str:
    """Platform calls a request with default lifetimes."""
    targets = {"the same A": 0.05, f"A of {WINDOWS} windows": 0.5}
    lines = ["| 1,000 requests over 10 s | platform calls/request | target |", "|---|---:|---:|"]
    for name, calls in found.items():
        lines.append(f"| {name} | {calls:.3f} | ≤ {targets[name]:g} |")
    return "\n".join(lines)


def tails_table(found: Mapping[tuple[str, str, str], Row], work: Measured) -> str:
    """How long the slowest wait at 70 % load, and how even the core is by itself."""
    lines = [
        (
            f"| at {LOAD:.0%} load | question | | requests/s | core busy | p50 ms | p99 ms "
            "| p99/p50, target ≤ 4 |"
        ),
        "|---|---|---|---:|---:|---:|---:|---:|",
    ]
    for (question, meaning, name), row in sorted(found.items(), key=lambda one: one[0][1]):
        figures = [
            f"{rate(row):.0f}",
            f"{statistics.median(row.busy):.0%}",
            f"{_milliseconds(row, 0.5):.2f}",
            f"{_milliseconds(row, 0.99):.2f}",
            f"{statistics.median(map(_tail, row.runs)):.1f}",
        ]
        lines.append(f"| {meaning} | {question} | {name} | " + " | ".join(figures) + " |")
    return "\n".join(lines) + "\n\n" + _unevenness(work)


def _unevenness(work: Measured) -> str:
    half, most = work.percentile(0.5), work.percentile(0.99)
    seconds = work.by_second()
    pauses = sum(1000 * one > _PAUSE * half for one in work.seconds)
    return (
        "The same piece of work over and over, alone on the server's core for "
        f"{work.elapsed:.0f} s: {half:.2f} ms at the median, {most:.2f} at p99 "
        f"(p99/p50 {most / half:.1f}), {work.percentile(1):.1f} at the most; in the slowest second "
        f"{max(seconds) / min(seconds):.1f} times as long as in the fastest; {pauses} times more "
        f"than {_PAUSE} times the median."
    )


def _tail(run: Measured) -> float:
    return run.percentile(0.99) / run.percentile(0.5)


def memory_line(sizes: tuple[float, float], first: int, last: int) -> str:
    """How resident memory grows."""
    before, after = sizes
    return (
        f"Resident memory: {before:.0f} MB after {first:,} requests, {after:.0f} MB after "
        f"{last:,}: {(after / before - 1) * 100:+.1f} % (target: at most +5 %)."
    )


def workers_table(found: Sequence[Scaled]) -> str:
    """Requests a second by workers."""
    lines = [
        f"| workers, on {os.cpu_count()} cores shared with load and platform | A | B | C |",
        "|---|---:|---:|---:|",
    ]
    for scaled in found:
        rates = " | ".join(f"{found:.0f}" for found in scaled.rates.values())
        lines.append(f"| {scaled.workers} | {rates} |")
    return "\n".join(lines)


def lengths_table(found: Mapping[int, float]) -> str:
    """What a request costs by the length of its list."""
    lines = [
        "| lines of orders | processor ms/request | µs a line |",
        "|---:|---:|---:|",
    ]
    for length, milliseconds in found.items():
        lines.append(f"| {length} | {milliseconds:.2f} | {milliseconds * 1000 / length:.0f} |")
    return "\n".join(lines)


def write(text: str) -> None:
    """Put the text between the marks of the page.

    Raises:
        ValueError: the page has no such marks.
    """
    write_between(PAGE, _BEGIN, _END, text)
