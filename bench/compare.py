"""Measures variants beside each other, interleaved, on the three questions."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from bench.load import Plan, graphql_request
from bench.processes import resident_megabytes
from bench.questions import QUESTIONS
from bench.stage import Platform, Row, Server, fetch, server
from bench.variants import Variant

_WARM = Plan(seconds=0.5)


@dataclass(frozen=True)
class Compared:
    """The rows by variant and question, and megabytes of each variant at the end."""

    rows: Mapping[tuple[str, str], Row]
    megabytes: Mapping[str, float]


def compare(
    variants: Sequence[Variant], platform: Platform, *, rounds: int, seconds: float
) -> Compared:
    """All rounds.

    Raises:
        ValueError: a variant fails, or answers differently from the first.
    """
    with contextlib.ExitStack() as stack:
        started: dict[str, Server] = {}
        for variant in variants:
            if variant.target not in started:
                started[variant.target] = stack.enter_context(server(variant.target, platform))
        servers = {variant.name: started[variant.target] for variant in variants}
        asyncio.run(_check(variants, servers))
        rows = asyncio.run(_rounds(variants, servers, rounds, Plan(seconds=seconds)))
        megabytes = {name: resident_megabytes(one.process) for name, one in servers.items()}
        return Compared(rows, megabytes)


async def _check(variants: Sequence[Variant], servers: Mapping[str, Server]) -> None:
    """All must give the same answers, or comparing them means nothing."""
    for name, query in QUESTIONS.items():
        first = None
        for variant in variants:
            port = servers[variant.name].port
            body = orjson.dumps({"query": query})
            answer = orjson.loads(await fetch(port, graphql_request(port, body)))
            # The gateway says what each answer cost.
            answer.pop("extensions", None)
            first = first or answer
            if answer != first or "errors" in answer:
                raise ValueError(f"{variant.name} answers {name} differently: {answer!s:.500}")


async def _rounds(
    variants: Sequence[Variant], servers: Mapping[str, Server], rounds: int, plan: Plan
) -> dict[tuple[str, str], Row]:
    rows = {(variant.name, name): Row() for variant in variants for name in QUESTIONS}
    for _ in range(rounds):
        for name, query in QUESTIONS.items():
            for variant in variants:
                one = servers[variant.name]
                request = one.asking(query, fresh=variant.fresh, apart=variant.apart)
                await one.run(request, _WARM, Row())
                await one.run(request, plan, rows[variant.name, name])
    return rows
