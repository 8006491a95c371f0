"""A process that is sent documents of which none comes twice; prints its resident memory."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from resource import getpagesize
from typing import Any, Final

import orjson

from gateway.cli.worker_process import tune_interpreter
from gateway.executor import Bounds, CompiledExecutor
from gateway.http.documents import DocumentLimits, Documents, Operation
from gateway.http.executor import CoreExecutor, Variables
from gateway.http.field_prices import FIELD_PRICES
from gateway.http.refusal import OperationRefused
from gateway.http.request import RequestInfo
from gateway.http.request_pipeline import RequestLimits, RequestPipeline
from resolvers.schema import hints
from tests.executor.invented import InventedContext, Inventor, invented_schema
from tests.security.shapes import plain

#: How often memory is printed.
_STEPS: Final = 20
_POST: Final = RequestInfo("POST", {"content-type": "application/json"}, "unique")


def bodies(count: int) -> Iterator[bytes]:
    """Requests with documents of every kind; one in eight comes twice, and is compiled."""
    for number in range(count):
        name = f"Q{number}"
        query = f"query {name} {plain(60 + number % 90)}"
        kind = number % 8
        variables: dict[str, Any] = {}
        if kind == 1:
            query = query.replace("}", f"nowhere{number} }}")
        elif kind == 2:
            query = query[:-1]
        elif kind == 3:
            arguments = f'first: "{number}", filter: {{nowhere: {number}}}'
            query = f"query {name} {{ orders({arguments}) {{ nodes {{ id }} }} }}"
        elif kind == 4:
            query = f"query {name} {{ " + "shops { key } " * 100 + "}"
        elif kind == 5:
            query = f"query {name} {{ orders {{ nodes {{ id id: status ...F{number} }} }} }}"
        elif kind == 6:
            query = f"query {name}($first: Int) {{ orders(first: $first) {{ nodes {{ id }} }} }}"
            variables = {"first": f"x{number}"}
        # A copy: orjson leaves eight kilobytes of room.
        body = bytes(bytearray(orjson.dumps({"query": query, "variables": variables})))
        yield body
        if kind == 7:
            yield body


async def run(count: int, max_bytes: int) -> None:
    """Send the documents, and print the resident memory in bytes at each step."""
    schema = invented_schema()
    documents = Documents(
        schema,
        DocumentLimits(tokens=5_000, depth=15, aliases=50),
        FIELD_PRICES,
        max_bytes=max_bytes,
    )
    pipeline = RequestPipeline(
        schema,
        documents,
        lambda _request: _never(),
        RequestLimits(body_bytes=1_000_000, cost=1_000_000, seconds=30),
    )
    executor = CompiledExecutor[Operation, Variables](schema, CoreExecutor(schema), hints, Bounds())
    # They are reference cycles themselves, and not what is measured.
    contexts: list[Any] = [InventedContext(Inventor(schema, seed, 0.0)) for seed in range(10)]
    tune_interpreter()
    for number, body in enumerate(bodies(count)):
        context = contexts[number % len(contexts)]
        context.loaders.batches.clear()

        async def receive(body: bytes = body) -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        with suppress(OperationRefused):
            requested = await pipeline.read(_POST, b"", receive, context)
            prepared = pipeline.prepare(requested, context)
            await executor.execute(prepared.operation, prepared.variables, context)
        if number % (count // _STEPS) == 0:
            print(_resident(), flush=True)  # noqa: T201 - what the test reads


async def _never() -> Any:
    raise LookupError("Nobody authenticates here")


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * getpagesize()


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]), int(sys.argv[2])))
