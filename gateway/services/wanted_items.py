"""Buyers' want-to-buy lists."""

from gateway.ports import ReadOptions
from gateway.services.cursor import Place, read_cursor, write_cursor
from gateway.services.directory import Directory
from gateway.services.timeline import newest_first, position
from gateway.services.viewer import Viewer
from schema.connection import Cursors
from schema.key import Key
from schema.wanted_item import WantedItem, WantedItemConnection


def _place(line: WantedItem) -> Place:
    return (-newest_first(line.added_at), line.key.platform_id)


class WantedItemService:
    """Routes queries of want-to-buy lists to the shops' ports."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def get(self, key: Key, viewer: Viewer, reading: ReadOptions) -> WantedItem | None:
        """One line; None if there is none."""
        adapter = self._directory.find(key.shop, viewer)
        if adapter is None or adapter.wanted_items is None:
            return None
        return await adapter.wanted_items.get(key.platform_id, reading)

    async def page(
        self,
        shop: str,
        open_id: str,
        after: str | None,
        first: int,
        viewer: Viewer,
        reading: ReadOptions,
    ) -> WantedItemConnection:
        """One buyer's list in one shop.

        Raises:
            BadUserInput: an unknown shop, one without such lists, or a malformed cursor.
            StoreUnavailable: the ledger cannot be read.
        """
        port = self._directory.need(
            shop, viewer, lambda adapter: adapter.wanted_items, "want-to-buy lists"
        )
        place = read_cursor(after, timed=True).get(shop)
        page = await port.page(open_id, position(place), first, reading)
        nodes = list(page.items)
        return WantedItemConnection(
            nodes=nodes,
            total_count=page.total,
            cursors=Cursors(
                at=lambda index: write_cursor({shop: _place(nodes[index])}),
                has_next_page=page.more,
                has_previous_page=after is not None,
            ),
        )
