"""The want-to-buy lists of a shop's buyers that the ledger remembers for its platform."""

from gateway.ledger.mapping.wanted_item import wanted_item
from gateway.ledger.paging import Now, ledger_page
from gateway.ports import Page, Position, ReadOptions
from gateway.store import wanted_items as store
from schema.shop import Shop
from schema.wanted_item import WantedItem


class LedgerWantedItems:
    """Implements `ReadsWantedItems`; reads are always current; `ReadOptions` has no effect."""

    def __init__(self, wanted_items: store.WantedItems, shop: Shop, now: Now) -> None:
        self._wanted_items = wanted_items
        self._shop = shop
        self._now = now

    async def page(
        self, open_id: str, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[WantedItem]:
        """At most `first` lines of the buyer's list behind `after`, the newest first."""
        behind = None if after is None else store.WantedItemPosition(*after)
        found = await self._wanted_items.page(
            self._shop.key_name, open_id, after=behind, limit=first + 1
        )
        public = [self._public(stored) for stored in found]
        return ledger_page(public, first, begun=after is not None, now=self._now)

    async def get(self, line: str, reading: ReadOptions) -> WantedItem | None:
        """One line by the id that the ledger gave it."""
        found = await self._wanted_items.get_many(self._shop.key_name, [line])
        return self._public(found[line]) if line in found else None

    def _public(self, stored: store.StoredWantedItem) -> WantedItem:
        return wanted_item(
            stored.document,
            self._shop,
            item_id=stored.item_id,
            found=stored.found,
            added_at=stored.added_at,
        )
