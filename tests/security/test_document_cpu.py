"""The CPU that a document takes before it is executed grows linearly with its tokens.

`make document-search` tries more combinations of shapes.
"""

import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from statistics import median
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st

from gateway.http.documents import DocumentLimits, Documents
from gateway.http.field_prices import FIELD_PRICES
from gateway.http.parsing import count_tokens, parse_document
from gateway.http.refusal import OperationRefused
from resolvers.schema import executable
from tests.security.shapes import SHAPES, plain

EXAMPLES = int(os.environ.get("DOCUMENT_EXAMPLES", "15"))
LIMITS = DocumentLimits(tokens=5_000, depth=15, aliases=50)
#: Below that, what any document takes outweighs its tokens.
FEW = 100
#: More CPU than a plain document takes; measured again before it counts.
BOUND = 2.0

#: Keeps nothing, so that each document is read.
DOCUMENTS = Documents(executable(), LIMITS, FIELD_PRICES, max_bytes=0)


def read(text: str) -> None:
    """Parse, check, validate and price a document."""
    with suppress(OperationRefused):
        DOCUMENTS.get(text, lambda _points: None)


def seconds(work: Callable[[str], object], text: str, times: int = 3) -> float:
    """The median of the CPU time."""

    def once() -> float:
        began = process_time()
        work(text)
        return process_time() - began

    return median(once() for _ in range(times))


def excess(text: str, times: int = 1) -> float:
    """The CPU of a document, in that of a plain one of as many tokens."""
    tokens = max(FEW, count_tokens(text, 2 * LIMITS.tokens))
    # A document above the limit is compared with the largest below it.
    like = plain(min(tokens, LIMITS.tokens - 100))
    return seconds(read, text, times) / seconds(read, like, times)


def assert_linear(name: str, text: str) -> float:
    """Assert that the document stays within the bound; answers by how much."""
    ratio = excess(text)
    if ratio > BOUND:
        # Another process may have had the caches of the processor.
        ratio = min(excess(text, times=5) for _ in range(3))
    assert ratio <= BOUND, (name, text[:200])
    return ratio


def test_a_plain_document_is_plain() -> None:
    for tokens in (100, 1_000, 4_900):
        text = plain(tokens)
        DOCUMENTS.get(text, lambda _points: None)

        assert (
            tokens - 5
            <= count_tokens(text, 10_000)
            == parse_document(text, max_tokens=5_000).token_count
            <= tokens
        )


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_takes_more_cpu_than_its_tokens(shape: str) -> None:
    for size in (5, 40):
        assert_linear(shape, SHAPES[shape](size))


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_takes_more_cpu_at_any_size(shape: str) -> None:
    for size in (1, 2, 10, 20, 30, 60, 80, 100):
        assert_linear(shape, SHAPES[shape](size))


_NAMES = re.compile(r"\b([FfQS])(\d*)\b")
_PARTS = st.lists(
    st.tuples(st.sampled_from(sorted(SHAPES)), st.integers(1, 60)), min_size=2, max_size=4
)


def combined(parts: Sequence[tuple[str, int]]) -> str:
    """One document of several, each with names of its own."""
    texts = []
    for letter, (shape, size) in zip("ABCD", parts, strict=False):
        text = _NAMES.sub(rf"\1{letter}\2", SHAPES[shape](size))
        if text.startswith("{"):
            text = f"query {letter} {text}"
        texts.append(text.replace("query(", f"query {letter}(", 1))
    return " ".join(texts)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES < 50,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(_PARTS)
def test_no_combination_takes_more_cpu_than_its_tokens(parts: list[tuple[str, int]]) -> None:
    target(assert_linear(str(parts), combined(parts)))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(SHAPES["inline fragments"](90), id="inline fragments"),
        pytest.param(SHAPES["inline fragments without a type"](90), id="without a type"),
        pytest.param("{ " + "shops { key } " * 1_000 + "}", id="a field repeated"),
        pytest.param("{ " + "a: shops { key } " * 700 + "}", id="an alias repeated"),
        pytest.param("{ " + "shops { key } " * 2_000 + "}", id="too many tokens"),
        pytest.param(SHAPES["unused fragments"](150), id="too many fragments"),
    ],
)
def test_what_is_refused_for_its_size_takes_its_parsing(text: str) -> None:
    def parse(text: str) -> None:
        with suppress(Exception):
            parse_document(text, max_tokens=LIMITS.tokens)

    with pytest.raises(OperationRefused) as refused:
        DOCUMENTS.get(text, lambda _points: None)

    assert refused.value.refusal_code == "COST_LIMIT_EXCEEDED"
    # Counting tokens and repeats takes a tenth of it.
    assert min(seconds(read, text, 5) / seconds(parse, text, 5) for _ in range(3)) < 1.5
