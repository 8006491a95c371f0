"""The benchmark of traces: what its figures are of."""

import pytest

from bench.tracing import Pair


def test_what_tracing_takes_is_the_median_of_the_pairs_with_the_export() -> None:
    pair = Pair(off=[1.0, 2.0, 1.0], on=[1.1, 2.0, 9.0], export=0.1)

    assert pair.more == pytest.approx(0.2)
