"""Changes want-to-buy lists: puts lines on them, takes lines off, empties them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from gateway.ledger.mapping.wanted_item import wanted_item as public_line
from gateway.outbox.message import OutboxMessage
from gateway.outbox.shopping_list_intake import ShoppingListCommand, ShoppingListIntake
from gateway.outbox.shopping_list_messages import WantedKey, shopping_list_message
from gateway.ports.writing.problems import Problems
from gateway.services.directory import Directory
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.input_reader import InputReader
from gateway.services.writing.receipts import GoodsReceipt, LineReceipt
from gateway.services.writing.shopping_list.done import GoodsDone, goods_done
from gateway.services.writing.shopping_list.inputs import wanted_item
from gateway.services.writing.shopping_list.port import add_violations_of_messages, goods_port
from gateway.services.writing.targets import Targets
from gateway.store import wanted_items as store
from gateway.store.documents import WantedItemDocument
from gateway.store.engine import Transaction
from gateway.store.mutation_receipts import left_before
from gateway.store.store import Store
from schema.inputs.wanted_item import WantedItemKeyInput, WantedItemsImportInput
from schema.wanted_item import WantedItem

#: Lines of one mutation.
MOST: Final = 500
#: How many lines of a list are read at once.
_PAGE: Final = 100


class WantedItemWriting:
    """Reads the input, asks the platform's rules, and brings it to the intake.

    `now` gives unix seconds. Where something of an input is wrong, nothing of it is accepted:
    every method raises InputRefused then, and StoreUnavailable where nothing was accepted.
    """

    def __init__(
        self,
        directory: Directory,
        store: Store,
        intake: ShoppingListIntake,
        pushes: PushService,
        now: Callable[[], float],
    ) -> None:
        self._targets = Targets(directory)
        self._directory = directory
        self._store = store
        self._intake = intake
        self._pushes = pushes
        self._now = now

    async def bring_in(
        self, given: WantedItemsImportInput, viewer: Viewer
    ) -> GoodsDone[WantedItem]:
        """Puts lines on a buyer's list, or replaces those that are on it."""
        receipt = left_before(GoodsReceipt) or await self._imported(given, viewer)
        found = await self._store.wanted_items.get_many(given.shop, receipt.names)
        lines = _receipts_of(receipt.names, found)
        return await self._done(given.shop, given.open_id, lines, receipt, viewer)

    async def remove(
        self,
        shop: str,
        open_id: str,
        given: Sequence[WantedItemKeyInput],
        viewer: Viewer,
    ) -> GoodsDone[WantedItem]:
        """Takes lines off a buyer's list; gives those that were on it, as they were.

        What the ledger does not have is taken off all the same: the platform may have it.
        """
        receipt = left_before(GoodsReceipt)
        if receipt is None:
            goods_port(self._targets, shop, viewer)
            reader = self._reader(open_id)
            reader.several(given, MOST, "items")
            keys = [
                store.WantedItemKey(one.platform_product_id, one.platform_sku_id or None)
                for one in given
            ]
            for place, key in enumerate(keys):
                reader.id(key.platform_product_id, "items", place, "platformProductId")
            reader.each_once(keys, "items")
            reader.problems.stop()
            receipt = await self._removed(shop, open_id, keys)
        return await self._done(shop, open_id, receipt.lines, receipt, viewer)

    async def clear(self, shop: str, open_id: str, viewer: Viewer) -> GoodsDone[WantedItem]:
        """Takes every line that the ledger knows off a buyer's list, for lack of a call for all."""
        receipt = left_before(GoodsReceipt)
        if receipt is None:
            goods_port(self._targets, shop, viewer)
            self._reader(open_id).problems.stop()
            keys = await self._on_the_list(shop, open_id)
            if not keys:
                return GoodsDone()
            receipt = await self._removed(shop, open_id, keys)
        return await self._done(shop, open_id, receipt.lines, receipt, viewer)

    async def _imported(self, given: WantedItemsImportInput, viewer: Viewer) -> GoodsReceipt:
        shop, open_id = given.shop, given.open_id
        port = goods_port(self._targets, shop, viewer)
        reader = self._reader(open_id)
        reader.several(given.items, MOST, "items")
        documents = [
            wanted_item(reader, one, "items", place) for place, one in enumerate(given.items)
        ]
        keys = [_key_of(document) for document in documents]
        reader.each_once(keys, "items")
        messages = [shopping_list_message("WANTED_ITEMS_IMPORT", one, open_id) for one in documents]
        add_violations_of_messages(port, reader.problems, messages, "items")
        reader.problems.stop()

        names = self._line_ids(shop, open_id, keys)

        async def keep(transaction: Transaction) -> None:
            await self._store.wanted_items.put_many(transaction, shop, open_id, documents)

        return await self._intake.carry_out(
            shop,
            keep,
            _wishes(names, messages),
            lambda _, ids: GoodsReceipt(names=names, push_ids=ids),
        )

    async def _removed(
        self, shop: str, open_id: str, keys: Sequence[store.WantedItemKey]
    ) -> GoodsReceipt:
        names = self._line_ids(shop, open_id, keys)
        messages = [
            shopping_list_message(
                "WANTED_ITEMS_REMOVE",
                WantedKey(
                    platform_product_id=key.platform_product_id,
                    platform_sku_id=key.platform_sku_id,
                ),
                open_id,
            )
            for key in keys
        ]

        async def keep(transaction: Transaction) -> list[LineReceipt]:
            found = await self._store.wanted_items.get_many(shop, names, within=transaction)
            await self._store.wanted_items.remove(transaction, shop, open_id, keys)
            return _receipts_of(names, found)

        return await self._intake.carry_out(
            shop,
            keep,
            _wishes(names, messages),
            lambda lines, ids: GoodsReceipt(names=names, push_ids=ids, lines=lines),
        )

    async def _on_the_list(self, shop: str, open_id: str) -> list[store.WantedItemKey]:
        keys: list[store.WantedItemKey] = []
        after: store.WantedItemPosition | None = None
        while page := await self._store.wanted_items.page(shop, open_id, after=after, limit=_PAGE):
            keys += (_key_of(line.document) for line in page)
            after = store.WantedItemPosition(page[-1].added_at, page[-1].item_id)
        return keys

    async def _done(
        self,
        shop: str,
        open_id: str,
        lines: Iterable[LineReceipt],
        receipt: GoodsReceipt,
        viewer: Viewer,
    ) -> GoodsDone[WantedItem]:
        # They were found by keyed hashes of this open id: it is theirs, can it be read or not.
        public = self._directory.get(shop, viewer).shop
        things = [
            public_line(
                line.document,
                public,
                item_id=line.item_id,
                found=open_id,
                added_at=line.added_at,
            )
            for line in lines
        ]
        return await goods_done(shop, things, receipt, "items", self._pushes, viewer)

    def _line_ids(self, shop: str, open_id: str, keys: Sequence[store.WantedItemKey]) -> list[str]:
        return [self._store.wanted_items.item_id(shop, open_id, key) for key in keys]

    def _reader(self, open_id: str) -> InputReader:
        """A reader that has read whose list it is."""
        reader = InputReader(Problems(), int(self._now()))
        reader.id(open_id, "openId")
        return reader


def _wishes(ids: Sequence[str], messages: Sequence[OutboxMessage]) -> list[ShoppingListCommand]:
    return [
        ShoppingListCommand(
            aggregate=f"wanted/{name}", message=message, subject=("WantedItem", name)
        )
        for name, message in zip(ids, messages, strict=True)
    ]


def _receipts_of(
    names: Iterable[str], found: Mapping[str, store.StoredWantedItem]
) -> list[LineReceipt]:
    return [
        LineReceipt(name, found[name].document, found[name].added_at)
        for name in names
        if name in found
    ]


def _key_of(document: WantedItemDocument) -> store.WantedItemKey:
    return store.WantedItemKey(document.platform_product_id, document.platform_sku_id)
