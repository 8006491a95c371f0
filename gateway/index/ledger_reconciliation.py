"""Ledger reconciliation: indexes what was written to the ledger past the index."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final

from gateway.concurrency.clock import Clock
from gateway.index.reach import EVERYTHING, ORDERS, PARTNER_ORDERS, PRODUCTS
from gateway.index.writer import IndexWriter, WrittenOrder
from gateway.ports import Adapter
from gateway.store.engine import Transaction
from gateway.store.index_progress import IndexReach
from gateway.store.store import Store
from gateway.store.unindexed import WrittenRow

#: Seconds between two passes.
INTERVAL: Final = 10.0
#: Rows of one transaction at the least: where the process is busy all of them take long.
_LEAST: Final = 20
#: Rows that are found at once.
_FOUND: Final = 5_000
#: Seconds before the end of the last pass at which the next one begins: what another process wrote
#: then may have been committed later, and clocks differ.
_OVERLAP: Final = 120.0
#: Seconds after which a pass is recorded that had nothing to do.
_NOTED_EVERY: Final = 60.0
#: Seconds after which another replica takes over from one that died.
_LEASE: Final = 60.0
_LEASE_NAME: Final = "index/ledger"
#: Progress of the passes over all shops, whose `shop` is empty.
_ALL_SHOPS: Final = "ledger"
_BEGINNING: Final = WrittenRow(0.0, "", "")

_Find = Callable[[Collection[str], WrittenRow, int], Awaitable[list[WrittenRow]]]
_Index = Callable[[Transaction, str, Sequence[str]], Awaitable[None]]


class _TakenOver(Exception):
    """Another process has the lease: the pass is its own from now on."""


class LedgerReconciliation:
    """Passes over the ledger by the time of writing; the first pass is the back-fill.

    It takes a third of the time at the most: callers go between its transactions, and a ledger of
    a million orders is indexed beside them. `owner` names this process.
    """

    def __init__(
        self,
        store: Store,
        adapters: Mapping[str, Adapter],
        writer: IndexWriter,
        *,
        owner: str,
        clock: Clock,
    ) -> None:
        self._store = store
        self._writer = writer
        self._owner = owner
        self._clock = clock
        self._order_shops = [key for key, one in adapters.items() if one.exports_orders]
        #: Their index has orders of partner stores as well, which the back-fill reads.
        self._partner_shops = [
            key for key, one in adapters.items() if one.exports_orders and one.index_orders
        ]
        self._product_shops = [key for key, one in adapters.items() if one.exports_products]

    async def once(self) -> None:
        """One pass, unless another process is in one; one that is interrupted is repeated.

        Raises:
            StoreUnavailable: the ledger cannot be read or written.
        """
        if not self._order_shops and not self._product_shops:
            return
        began = self._clock.wall()
        since = await self._since()
        start = WrittenRow(max(0.0, since - _OVERLAP), "", "") if since else _BEGINNING
        if since is not None and began - since < _NOTED_EVERY and not await self._lacks(start):
            return
        if not await self._leased():
            return
        unindexed = self._store.unindexed
        try:
            await self._pass(unindexed.orders, self._order_shops, start, self._index_orders)
            await self._pass(unindexed.products, self._product_shops, start, self._index_products)
            await self._end(began)
        except _TakenOver:
            return
        finally:
            async with self._store.transaction() as transaction:
                await self._store.leases.release(transaction, _LEASE_NAME, self._owner)

    async def _lacks(self, start: WrittenRow) -> bool:
        """Whether anything was written past the index; found without a transaction."""
        unindexed = self._store.unindexed
        return bool(
            await unindexed.orders(self._order_shops, start, 1)
            or await unindexed.products(self._product_shops, start, 1)
        )

    async def _since(self) -> float | None:
        """When the last pass over all these shops began; None: there was none."""
        known = self._store.index_progress
        for kind, shops in ((ORDERS[0], self._order_shops), (PRODUCTS, self._product_shops)):
            if (await known.of_shops(kind, shops)).keys() < set(shops):
                return None
        last = (await known.of_shops(_ALL_SHOPS, [""])).get("")
        return None if last is None else last.in_step_at

    async def _pass(
        self, find: _Find, shops: Collection[str], start: WrittenRow, index: _Index
    ) -> None:
        """Indexes all that is found; raises _TakenOver."""
        batches = self._store.batches(self._clock, self._renew)
        after = start
        while found := await find(shops, after, _FOUND):
            done = 0
            while done < len(found):
                by_shop: defaultdict[str, list[str]] = defaultdict(list)
                some = found[done : done + max(batches.size, _LEAST)]
                for row in some:
                    by_shop[row.shop].append(row.platform_id)
                async with batches.transaction() as transaction:
                    for shop, ids in by_shop.items():
                        await index(transaction, shop, ids)
                done += len(some)
            after = found[-1]

    async def _renew(self, transaction: Transaction) -> None:
        fence = await self._store.leases.take(transaction, _LEASE_NAME, self._owner, _LEASE)
        if fence is None:
            raise _TakenOver

    async def _index_orders(self, transaction: Transaction, shop: str, ids: Sequence[str]) -> None:
        stored = await self._store.orders.get_many(shop, ids, within=transaction)
        after_sales = await self._store.after_sales.of_orders(shop, ids, within=transaction)
        written = [
            WrittenOrder(
                order.document,
                order.found,
                [one.document for one in after_sales.get(id_, ())],
                order.written_at,
            )
            for id_, order in stored.items()
        ]
        await self._writer.put_written_orders(transaction, shop, written)
        gone = [id_ for id_ in ids if id_ not in stored]
        await self._writer.remove_orders(transaction, shop, gone)

    async def _index_products(
        self, transaction: Transaction, shop: str, ids: Sequence[str]
    ) -> None:
        stored = await self._store.products.get_many(shop, ids, within=transaction)
        await self._writer.put_stored_products(transaction, stored.values())

    async def _leased(self) -> bool:
        async with self._store.transaction() as transaction:
            fence = await self._store.leases.take(transaction, _LEASE_NAME, self._owner, _LEASE)
        return fence is not None

    async def _end(self, began: float) -> None:
        partners = await self._store.index_progress.of_shops(PARTNER_ORDERS, self._partner_shops)
        done = {shop for shop, reach in partners.items() if reach.done}
        reaches = [(shop, kind) for shop in self._order_shops for kind in ORDERS]
        reaches += [(shop, PRODUCTS) for shop in self._product_shops]
        async with self._store.transaction(bulk=True) as transaction:
            for shop, kind in [*reaches, ("", _ALL_SHOPS)]:
                whole = kind not in ORDERS or shop not in self._partner_shops or shop in done
                reach = IndexReach(
                    shop=shop,
                    kind=kind,
                    complete_from=EVERYTHING if whole else None,
                    in_step_at=began,
                    done=whole,
                )
                await self._store.index_progress.put(transaction, reach)
