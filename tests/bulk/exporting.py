"""A ledger with orders, and the parts of a process that exports them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from gateway.bulk.export_selections import ExportSelections
from gateway.bulk.exports import ExportHandler, ExportRunner
from gateway.bulk.worker import BulkWorker, CallerRights
from gateway.concurrency.clock import Clock
from gateway.http.documents import DocumentLimits
from gateway.http.field_prices import FIELD_PRICES
from gateway.registry import PLATFORMS
from gateway.runtime.resources import RuntimeResources, open_resources
from gateway.services.export_sources import ExportRequest
from gateway.services.exports import TYPES
from gateway.settings import Settings
from gateway.store.bulk_operations import BulkCaller, NewBulkOperation, StoredBulkOperation
from gateway.store.bulk_pieces import PieceContent
from gateway.store.documents import OrderPersonal
from resolvers.schema import executable
from tests.fixtures_ledger import KEY, NOW
from tests.store.samples import after_sale, order

#: The buyer of each third order.
BUYERS = ("open-a", "open-b", "open-c")
SELECTION = "{ id status buyer { openId } items { title } afterSales { platformId } }"
SHOPS = [
    {"key": "mini", "platform": "mini_program", "app_id": "wx1", "app_secret": "secret"},
    {"key": "swan", "platform": "baidu", "app_key": "key", "app_secret": "secret"},
    {"key": "flagship", "platform": "wechat_store", "app_id": "wx2", "app_secret": "secret"},
]


@dataclass
class Exporting:
    """An open process; `now` is the time of its clocks."""

    opened: RuntimeResources
    selections: ExportSelections
    clock: "MovedClock"

    def worker(
        self, owner: str, piece_bytes: int = 1, runner: ExportRunner | None = None
    ) -> BulkWorker:
        """A worker, as one process has; its pieces have a slice of three objects each."""
        made = runner or self.runner()
        handler = ExportHandler(self.opened.store, made, self.clock.monotonic, piece_bytes)
        clock = Clock(monotonic=self.clock.monotonic, wall=self.clock.wall)
        handlers = dict.fromkeys(TYPES, handler)
        return BulkWorker(self.opened.store, handlers, CallerRights(list, clock.wall), clock, owner)

    def runner(self) -> ExportRunner:
        return ExportRunner(lambda: self.opened.services, self.selections, 3)

    async def begin(self, kind: str = "ORDERS_EXPORT", **changes: Any) -> int:
        """Queues an export of the orders of two shops."""
        shops = changes.pop("shops", ("mini", "swan"))
        scopes = changes.pop("scopes", {"orders:read", "pii:read"})
        request = ExportRequest(selection=SELECTION, shops=shops)
        request = msgspec.structs.replace(request, **changes)
        new = NewBulkOperation(
            kind=kind,
            caller=BulkCaller(
                name="shop",
                key_id="key",
                by_key=False,
                scopes=frozenset(scopes),
                shops=frozenset(shops),
            ),
            request=msgspec.json.encode(request),
        )
        async with self.opened.store.transaction() as transaction:
            return await self.opened.store.bulk_operations.create(transaction, new)

    async def found(self, number: int) -> StoredBulkOperation:
        return (await self.opened.store.bulk_operations.get_many([number]))[number]

    async def pieces(self, number: int) -> list[PieceContent]:
        pieces = self.opened.store.bulk_operations.pieces
        found = [
            await pieces.get(number, "OUT", piece.number)
            for piece in await pieces.sizes(number, "OUT")
        ]
        return [piece for piece in found if piece is not None]

    async def text(self, number: int) -> bytes:
        """The bytes of a result."""
        lines = [line for piece in await self.pieces(number) for line in piece.lines]
        return b"".join(line + b"\n" for line in lines)

    async def erase(self, shop: str, buyer: str) -> None:
        await self.opened.store.personal.erase_buyer(shop, buyer)


@dataclass
class MovedClock:
    """Clocks that stand still until a test moves them."""

    now: float = NOW
    moments: list[float] = field(default_factory=list)

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


def selections() -> ExportSelections:
    limits = DocumentLimits(tokens=5_000, depth=15, aliases=50)
    return ExportSelections(executable(), limits, FIELD_PRICES, cost=10_000)


@asynccontextmanager
async def exporting(url: str, orders: int = 10) -> AsyncIterator[Exporting]:
    """A process over a ledger at this URL, with as many orders in each of two shops."""
    clock = MovedClock()
    settings = Settings.from_dict(
        PLATFORMS,
        {
            "auth": {"mode": "open"},
            "store": {"url": url, "encryption_key": KEY},
            "shops": [one | {"name": "shop", "base_url": "http://127.0.0.1:1"} for one in SHOPS],
        },
    )
    checked = selections()
    made = Clock(monotonic=clock.monotonic, wall=clock.wall)
    async with open_resources(settings, made, selections=checked) as opened:
        await fill(opened, orders)
        yield Exporting(opened, checked, clock)


async def fill(opened: RuntimeResources, count: int) -> None:
    async with opened.store.transaction() as transaction:
        for shop in ("mini", "swan"):
            entries = [
                (
                    order(f"{shop}-{index}", created_at=1_600_000_000 + index // 4),
                    OrderPersonal(open_id=BUYERS[index % 3]),
                )
                for index in range(count)
            ]
            await opened.store.orders.put_many(transaction, shop, entries)
        sales = [after_sale("swan-1", "first"), after_sale("swan-1", "second")]
        await opened.store.after_sales.put_many(transaction, "swan", sales)


async def drain(worker: BulkWorker) -> None:
    """Lets a worker do all that there is."""
    while await worker.once():
        pass
