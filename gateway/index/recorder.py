"""Index recorder: takes what reads return into the index, off the requests' way."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, Generic, Protocol, TypeVar

import structlog

from gateway.concurrency.lru_cache import LruCache
from gateway.errors import GatewayError
from gateway.index.writer import IndexWriter, ReadAfterSale, ReadOrder, ReadProduct
from gateway.mutation_progress import WORK
from gateway.store.store import Store
from schema.after_sale import AfterSale
from schema.order import Order
from schema.product import Product
from schema.product_status import ProductStatus

#: Seconds between two looks at what waits.
INTERVAL: Final = 1.0
#: Things of one transaction: callers wait for it.
BATCH: Final = 50
#: Things of a kind that wait to be recorded, at most.
_MOST: Final = 10_000

#: For how many products, and seconds, it is remembered that they were listed or unlisted.
_MOST_LISTINGS: Final = 1_000
_LISTING_SECONDS: Final = 10.0

T = TypeVar("T", bound=Order | Product | AfterSale)
_Key = tuple[str, str, str]

_log = structlog.stdlib.get_logger(__name__)


class RecorderObserver(Protocol):
    """Metrics of what is recorded; `kind` is "orders", "products" or "after_sales"."""

    def index_recorded(self, kind: str, count: int) -> None:
        """So many that were read were taken into the index."""

    def index_dropped(self, kind: str, count: int) -> None:
        """So many were not, as too many waited: the reconciler brings what changed."""


class NullRecorderObserver:
    """Keeps no metrics."""

    def index_recorded(self, kind: str, count: int) -> None:
        """Does nothing."""

    def index_dropped(self, kind: str, count: int) -> None:
        """Does nothing."""


class _Waiting(Generic[T]):
    """Things that wait to be recorded, with the time when their platform was asked."""

    def __init__(self) -> None:
        self._things: dict[_Key, tuple[T, float]] = {}

    def __len__(self) -> int:
        return len(self._things)

    def add(self, thing: T, asked_at: float) -> None:
        """Of answers about the same thing the newest stays."""
        key = _key(thing)
        known = self._things.get(key)
        if known is None or known[1] <= asked_at:
            self._things[key] = (thing, asked_at)

    def drop(self, count: int) -> None:
        """Drops those that wait longest."""
        for key in list(self._things)[:count]:
            del self._things[key]

    def first(self) -> dict[_Key, tuple[T, float]]:
        """Those that wait longest, at most a batch."""
        return {key: self._things[key] for key in list(self._things)[:BATCH]}

    def done(self, some: Mapping[_Key, tuple[T, float]]) -> None:
        """Removes what was recorded; a newer answer that came meanwhile stays."""
        for key, one in some.items():
            if self._things.get(key) is one:
                del self._things[key]

    def discard(self, keys: Iterable[_Key]) -> None:
        """Removes these."""
        for key in keys:
            self._things.pop(key, None)


class IndexRecorder:
    """Keeps what was read until `flush` writes it, many at once.

    A mutation writes what it read before it is answered.
    """

    def __init__(
        self, store: Store, writer: IndexWriter, observer: RecorderObserver | None = None
    ) -> None:
        self._store = store
        self._writer = writer
        self._observer = observer or NullRecorderObserver()
        self._orders = _Waiting[Order]()
        self._products = _Waiting[Product]()
        self._after_sales = _Waiting[AfterSale]()
        #: When the platform was asked for the answers that were taken last.
        self._recorded: LruCache[tuple[str, ...], float] = LruCache(max_entries=_MOST)
        #: Statuses that were set here, by shop and product.
        self._listings: LruCache[tuple[str, str], ProductStatus] = LruCache(
            max_entries=_MOST_LISTINGS
        )
        #: Called when a whole batch waits.
        self.wake: Callable[[], None] = _do_nothing

    async def saw_orders(self, orders: Iterable[Order]) -> None:
        """Takes orders that a read returned; raises nothing."""
        if not (seen := self._unrecorded(orders)):
            return
        if WORK.get() is None or not await _done(self._put_orders(seen)):
            self._wait(self._orders, seen, "orders")

    async def put_orders(self, orders: Iterable[Order]) -> None:
        """Writes orders that a read returned before it goes on; raises nothing.

        They are found by the question that follows; what cannot be written waits.
        """
        seen = self._unrecorded(orders)
        for begin in range(0, len(seen), BATCH):
            some = seen[begin : begin + BATCH]
            if not await _done(self._put_orders(some)):
                self._wait(self._orders, some, "orders")

    async def saw_products(self, products: Iterable[Product]) -> None:
        """Takes products that a read returned; raises nothing."""
        if not (seen := self._unrecorded(products)):
            return
        if WORK.get() is None or not await _done(self._put_products(seen)):
            self._wait(self._products, seen, "products")

    async def saw_after_sales(self, after_sales: Iterable[AfterSale]) -> None:
        """Takes after-sales that a read returned; raises nothing."""
        if not (seen := self._unrecorded(after_sales)):
            return
        if WORK.get() is None or not await _done(self._put_after_sales(seen)):
            self._wait(self._after_sales, seen, "after_sales")

    def listed(self, shop: str, product: str, status: ProductStatus) -> None:
        """A product has this status now: its next read, which may be of it alone, may lack it."""
        self._listings.put((shop, product), status, ttl=_LISTING_SECONDS)

    async def products_gone(self, shop: str, ids: Collection[str]) -> None:
        """Removes products that the platform has no longer; raises nothing."""
        self._products.discard((shop, id_, "") for id_ in ids)

        async def remove() -> None:
            async with self._store.transaction() as transaction:
                await self._writer.remove_products(transaction, shop, ids)

        await _done(remove())

    def forget(self) -> None:
        """Drops the orders and after-sales that wait: a buyer was erased."""
        self._orders.drop(len(self._orders))
        self._after_sales.drop(len(self._after_sales))

    async def flush(self) -> int:
        """Writes some of what waits; returns how much.

        Raises:
            StoreUnavailable: it still waits.
        """
        orders, products = self._orders.first(), self._products.first()
        if orders:
            await self._put_orders(list(orders.values()), bulk=True)
            self._orders.done(orders)
        if products:
            await self._put_products(list(products.values()), bulk=True)
            self._products.done(products)
        after_sales = self._after_sales.first()
        if after_sales:
            await self._put_after_sales(list(after_sales.values()), bulk=True)
            self._after_sales.done(after_sales)
        return len(orders) + len(products) + len(after_sales)

    async def _put_orders(self, seen: Sequence[tuple[Order, float]], *, bulk: bool = False) -> None:
        async with self._store.transaction(bulk=bulk) as transaction:
            await self._writer.put_read_orders(transaction, (ReadOrder(*one) for one in seen))
        self._observer.index_recorded("orders", len(seen))

    async def _put_products(
        self, seen: Sequence[tuple[Product, float]], *, bulk: bool = False
    ) -> None:
        read = [
            ReadProduct(product, at, self._listings.get((product.key.shop, product.platform_id)))
            for product, at in seen
        ]
        async with self._store.transaction(bulk=bulk) as transaction:
            await self._writer.put_read_products(transaction, read)
        self._observer.index_recorded("products", len(read))

    async def _put_after_sales(
        self, seen: Sequence[tuple[AfterSale, float]], *, bulk: bool = False
    ) -> None:
        read = [ReadAfterSale(*one) for one in seen]
        async with self._store.transaction(bulk=bulk) as transaction:
            await self._writer.put_read_after_sales(transaction, read)
        self._observer.index_recorded("after_sales", len(read))

    def _unrecorded(self, things: Iterable[T]) -> list[tuple[T, float]]:
        """The things whose answer is new, each with the time when its platform was asked."""
        seen: list[tuple[T, float]] = []
        for thing in things:
            if (asked_at := thing.asked_at) is not None:
                # Others are given the same object, or copies of it: it is recorded once.
                thing.asked_at = None
                name = (thing.key.kind, *_key(thing))
                if self._recorded.get(name) != asked_at:
                    self._recorded.put(name, asked_at)
                    seen.append((thing, asked_at))
        return seen

    def _wait(self, waiting: _Waiting[T], seen: Iterable[tuple[T, float]], kind: str) -> None:
        for thing, asked_at in seen:
            waiting.add(thing, asked_at)
        if (excess := len(waiting) - _MOST) > 0:
            waiting.drop(excess)
            self._observer.index_dropped(kind, excess)
        if len(waiting) >= BATCH:
            self.wake()


def _key(thing: Order | Product | AfterSale) -> _Key:
    return (thing.key.shop, thing.platform_id, thing.key.part)


def _do_nothing() -> None:
    """Nothing waits for it."""


async def _done(write: Awaitable[None]) -> bool:
    """Whether it was written; a failure is logged, and must not fail what was read."""
    try:
        await write
    except GatewayError as failure:
        _log.warning(
            "index.record.failed",
            message="The index could not be written at once; it is tried again.",
            failure=type(failure).__name__,
        )
        return False
    return True
