"""Maps a page of the ledger to Baidu's DetailPage."""

from collections.abc import Mapping
from typing import Final

from gateway.platforms.baidu.wire.base import DetailPage
from gateway.store.documents import PageLink

_STATE: Final[Mapping[str, int]] = {"HIDDEN": 0, "SHOWN": 1, "SHOWN_AND_OPENS": 2}


def detail_page(link: PageLink | None) -> DetailPage | None:
    """The page, without a Mini Program path, which does not work in Baidu's app."""
    if link is None:
        return None
    return DetailPage(
        status=None if link.state is None else _STATE.get(link.state),
        name=link.name,
        h5_schema=link.h5,
        swan_schema=link.swan,
        iphone_schema=link.ios,
        android_schema=link.android,
    )
