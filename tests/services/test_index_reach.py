"""How far an index reaches, as its lists and counts take it."""

from datetime import UTC, datetime

import pytest

from gateway.errors import BadUserInput
from gateway.ports import Provenance
from gateway.services.index_reach import provenance_of, reaches_over, refuse_without_index
from gateway.store.index_progress import IndexReach
from schema.connection import SourceState

NOW = 1_700_000_000.5


def reach(shop: str, complete_from: int | None, in_step_at: float | None = None) -> IndexReach:
    return IndexReach(shop=shop, kind="orders", complete_from=complete_from, in_step_at=in_step_at)


@pytest.mark.parametrize(
    ("known", "fetched_at", "complete_from"),
    [
        pytest.param(reach("a", 0, 1_600_000_000), 1_600_000_000, None, id="everything"),
        pytest.param(
            reach("a", 1_500_000_000, 1_600_000_000), 1_600_000_000, 1_500_000_000, id="a-year"
        ),
        pytest.param(reach("a", None), None, 1_700_000_000, id="nothing-yet"),
        pytest.param(None, None, 1_700_000_000, id="not-begun"),
    ],
)
def test_sources_say_as_of_when_and_since_when(
    known: IndexReach | None, fetched_at: int | None, complete_from: int | None
) -> None:
    def moment(seconds: int | None) -> datetime | None:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

    assert provenance_of(known, NOW) == Provenance(
        state=SourceState.INDEXED,
        fetched_at=moment(fetched_at),
        complete_from=moment(complete_from),
    )


@pytest.mark.parametrize(
    ("shops", "created_from", "covered"),
    [
        pytest.param(["whole"], None, True, id="everything"),
        pytest.param(["whole", "recent"], 500, True, id="from-then-on"),
        pytest.param(["whole", "recent"], 499, False, id="before"),
        pytest.param(["recent"], None, False, id="ever"),
        pytest.param(["begun"], 900, False, id="nothing-is-known"),
        pytest.param(["other"], 900, False, id="not-begun"),
        pytest.param([], None, True, id="no-shop"),
    ],
)
def test_counts_are_exact_where_every_shop_has_all(
    shops: list[str], created_from: int | None, *, covered: bool
) -> None:
    known = [reach("whole", 0), reach("recent", 500), reach("begun", None)]

    assert reaches_over({one.shop: one for one in known}, shops, created_from) is covered


def test_what_needs_the_index_names_the_key_where_it_is_off() -> None:
    refuse_without_index([])
    with pytest.raises(BadUserInput, match=r"`search`, `last` can only .* `index\.enabled`"):
        refuse_without_index(["search", "last"])
