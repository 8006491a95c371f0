"""Resident memory stays level however many documents are sent, valid or not.

`make document-memory` sends 20,000.
"""

import sys
from subprocess import run

import pytest

#: Bytes that resident memory may move by without a leak: a document takes a hundred thousand.
NOISE = 3_000_000


def resident(documents: int, max_bytes: int) -> list[int]:
    """Send unique documents to a process of its own; answers its memory at twenty moments."""
    command = [sys.executable, "-m", "tests.security.unique_documents"]
    done = run(
        [*command, str(documents), str(max_bytes)], capture_output=True, text=True, check=True
    )
    return [int(line) for line in done.stdout.split()]


def test_memory_is_level_over_unique_documents() -> None:
    sizes = resident(400, 1_000_000)

    assert len(sizes) >= 20
    assert sizes[-1] - sizes[len(sizes) // 2] < NOISE


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_memory_is_level_over_twenty_thousand_unique_documents() -> None:
    sizes = resident(20_000, 8_000_000)

    # By then the caches of documents and of bodies are full.
    assert sizes[-1] - sizes[len(sizes) // 2] < NOISE
