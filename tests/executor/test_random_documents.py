"""Random documents over our schema are answered as graphql-core answers them.

`make fuzz` tries 10,000 of them, `make fuzz DOCUMENTS=300` as many as CI does.
"""

import asyncio
import os
from random import Random

import pytest
from graphql import DocumentNode, parse, print_ast, validate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.concurrency.time_slice import TimeSlice
from gateway.executor import Bounds
from resolvers.schema import hints
from tests.executor.both import asked, assert_same, executors, settled
from tests.executor.both import given as given_values
from tests.executor.documents import VALUES, documents, mixed
from tests.executor.invented import InventedContext, Inventor, invented_schema
from tests.fixtures_figures import Note

SCHEMA = invented_schema()
CORE, OURS = executors(SCHEMA, hints)
#: Leaves every list after one item, and the loop runs something else.
INTERRUPTED = executors(
    SCHEMA, hints, Bounds(runs_before=0, lasting_inputs=True, batch=1), TimeSlice(seconds=0)
)
DOCUMENTS = int(os.environ.get("FUZZ_DOCUMENTS", "300"))
#: In so many parts, which run side by side.
PARTS = max(1, DOCUMENTS // 1_000)


async def _compare(document: DocumentNode, seed: int, mischief: float) -> None:
    inventor = Inventor(SCHEMA, seed, mischief)
    operation = asked(document)
    variables = given_values(SCHEMA, operation, VALUES)
    assert OURS.compiled(operation, variables.values) is not None
    core = await CORE.execute(operation, variables, InventedContext(inventor))
    for executor in (OURS, *INTERRUPTED):
        ours = await executor.execute(asked(document), variables, InventedContext(inventor))
        assert_same(ours, core)
    await settled()


# graphql-core leaves coroutines behind that it cancelled before they began.
@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_the_answer_is_graphql_cores(part: int, figures: Note) -> None:
    compared: set[tuple[str, int]] = set()

    @settings(
        max_examples=DOCUMENTS // PARTS, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(documents(SCHEMA), st.integers(0, 2**30), st.sampled_from([0.0, 0.02, 0.1, 0.3]))
    def compare(text: str, seed: int, mischief: float) -> None:
        document = parse(print_ast(mixed(text, Random(seed))))
        told = [error for error in validate(SCHEMA, document) if "never used" not in error.message]
        assert not told

        asyncio.run(_compare(document, seed, mischief))
        compared.add((text, seed))

    compare()
    figures(
        f"random documents, part {part + 1} of {PARTS}: {len(compared)} different ones"
        " answered as graphql-core answers them"
    )
