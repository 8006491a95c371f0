"""What rows of the index stand for, where some of it is gone or cannot be read."""

from collections import Counter
from dataclasses import dataclass

from gateway.services.indexed_lists import with_nodes
from gateway.services.merge import Merged
from schema.connection import Cursors, Source, SourceState
from schema.key import Key
from schema.platform import Platform
from schema.shop import Shop


@dataclass(frozen=True)
class Row:
    shop: str


def page(*shops: str) -> Merged[Row]:
    """Answer rows of these shops; the cursor of each is its number."""
    sources = [
        Source(
            shop=Shop(
                key=Key("Shop", name),
                key_name=name,
                platform=Platform.BAIDU,
                name=name,
                capabilities=[],
            ),
            state=SourceState.INDEXED,
            count=shops.count(name),
        )
        for name in sorted(set(shops))
    ]
    cursors = Cursors(at=str, has_next_page=True, has_previous_page=False)
    return Merged([Row(shop) for shop in shops], cursors, 9, sources)


def test_what_is_gone_is_left_out_and_the_others_keep_their_cursors() -> None:
    found = with_nodes(page("a", "b", "a"), ["first", None, "third"], Counter({"b": 1}))

    assert found.nodes == ["first", "third"]
    assert [found.cursors.at(index) for index in range(2)] == ["0", "2"]
    assert found.total is None
    assert [(one.count, one.unreadable) for one in found.sources] == [(2, 0), (0, 1)]


def test_behind_a_page_of_which_nothing_can_be_read_the_next_one_follows() -> None:
    nodes: list[str | None] = [None, None]

    found = with_nodes(page("a", "a"), nodes, Counter({"a": 2}))

    info = found.cursors.page_info(len(found.nodes))
    assert (info.start_cursor, info.end_cursor, info.has_next_page) == (None, "1", True)
