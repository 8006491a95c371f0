"""The rows of a seeded ledger: orders of a year, what was sent of them, and what still waits."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import msgspec

from bench.scale.sample_documents import SampleOrder, Samples, buyer, samples
from bench.scale.shops import BY_TURNS, CYCLE, MINI, SHOPS, SWAN, SeededShop
from gateway.concurrency.clock import DAY
from gateway.store.buyer_index import buyer_index
from gateway.store.crypto import Vault
from gateway.store.documents import AfterSaleDocument, AfterSaleItem
from gateway.store.idempotency import sealed_as

YEAR: Final = 365 * DAY
#: Seconds of the outage in which what waits was queued.
OUTAGE: Final = 7_200
#: How many orders one buyer has.
_ORDERS_OF_A_BUYER: Final = 5
#: One buyer of the largest shop, a reseller, has every so many-th of its orders.
_RESELLER: Final = 20
#: Days for which the feed still has changes: twice as long as it has to.
_FEED_DAYS: Final = 14
_OUTAGE_ERROR: Final = (
    '{"endpoint":"importorder.add","message":"the platform could not be reached","http_status":503}'
)
Row = tuple[Any, ...]


class Columns(NamedTuple):
    """A table, and the columns that its rows fill; the others are null."""

    table: str
    columns: Sequence[str]


ORDERS: Final = Columns(
    "orders",
    (
        *("shop", "platform_id", "created_at", "updated_at", "status", "platform_status"),
        *("buyer", "document", "personal", "version", "written_at", "deleted_at"),
    ),
)
PUSHES: Final = Columns(
    "pushes",
    (
        *("id", "shop", "aggregate", "version", "subject_kind", "subject_id", "order_id"),
        *("operation", "state", "attempts", "queued_at", "delivered_at", "next_attempt_at"),
        *("buyer", "payload", "personal", "last_error", "dedupe_key"),
    ),
)
CHANGES: Final = Columns(
    "order_changes",
    (
        *("cursor", "shop", "platform_id", "status", "previous_status", "cause"),
        *("buyer", "open_id", "created_at", "written_at"),
    ),
)
AFTER_SALES: Final = Columns(
    "after_sales",
    (
        *("shop", "order_platform_id", "platform_id", "created_at", "updated_at"),
        *("status", "kind", "document", "version", "written_at"),
    ),
)
RECEIPTS: Final = Columns(
    "idempotency_keys",
    ("caller", "key", "operation_hash", "owner", "lease_until", "outcome", "written_at", "buyers"),
)
EVENTS: Final = Columns(
    "inbox_events",
    (
        *("shop", "event_key", "kind", "trusted", "event_at", "body", "state", "attempts"),
        "written_at",
    ),
)
AUDIT: Final = Columns(
    "audit_events",
    ("at", "id", "actor", "action", "shops", "subject", "revealed", "outcome", "request_id"),
)


@dataclass(frozen=True, slots=True)
class Size:
    """How many orders there are, and how many of them, the newest, still wait to be sent."""

    orders: int
    waiting: int


class Buyer(NamedTuple):
    """A buyer: `personal` is an OrderPersonal as JSON."""

    open_id: str
    blind_index: bytes
    personal: bytes


class SeededOrder(NamedTuple):
    """What the rows about one order share; times in unix seconds."""

    number: int
    shop: SeededShop
    platform_id: str
    created_at: int
    updated_at: int
    #: When the ledger took it in.
    written_at: float
    sample: SampleOrder
    buyer: Buyer


@dataclass
class LedgerRows:
    """Rows that are the same for the same size, moment and seed, but for how they are sealed.

    `now` is the moment as of which the ledger is, in unix seconds.
    """

    vault: Vault
    size: Size
    now: int
    #: Seconds from `now` on until what waits is due.
    due_in: float = 0.0
    seed: int = 1
    _samples: Mapping[str, Samples] = field(init=False)
    _buyers: dict[tuple[str, int], Buyer] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)  # noqa: S311 - of sample data
        self._samples = {platform: samples(platform, chance) for platform in (MINI, SWAN)}

    def samples_of(self, shop: SeededShop) -> Samples:
        """The distinct documents of a shop's platform."""
        return self._samples[shop.platform]

    def orders(self) -> Iterator[Row]:
        """The orders, oldest first."""
        for order in self.seeded():
            document = order.sample.text(order.platform_id, order.created_at)
            personal = self._sealed(order, order.platform_id, "orders.personal")
            yield (
                *(order.shop.key, order.platform_id, order.created_at, order.updated_at),
                *(order.sample.status, None, order.buyer.blind_index, document, personal),
                *(1 if self.waits(order.number) else 3, order.written_at, None),
            )

    def pushes(self) -> Iterator[Row]:
        """One import of each order; of every tenth that was delivered, a status as well."""
        counted = 0
        for order in self.seeded():
            counted += 1
            yield self._push(counted, order, 1, "ORDER_IMPORT")
            if order.number % 10 == 0 and not self.waits(order.number):
                counted += 1
                yield self._push(counted, order, 2, "ORDER_STATUS")

    def _push(self, number: int, order: SeededOrder, version: int, operation: str) -> Row:
        document = order.sample.text(order.platform_id, order.created_at)
        aggregate = f"order/{order.platform_id}"
        dedupe_key = f"{aggregate}/{version}/{operation}"
        at = order.created_at + 30.0 * version
        waits = self.waits(order.number)
        # Retries of an outage are due at random within the longest backoff.
        due = self.now + self.due_in - order.number % 900 if waits else None
        return (
            *(number, order.shop.key, aggregate, version, "Order", order.platform_id),
            *(order.platform_id, operation, "PENDING" if waits else "DELIVERED"),
            *(4 if waits else 1, at, None if waits else at + 0.5, due),
            *(order.buyer.blind_index, f'{{"order":{document}}}'),
            self._sealed(order, dedupe_key, "pushes.personal"),
            *(_OUTAGE_ERROR if waits else None, dedupe_key),
        )

    def changes(self) -> Iterator[Row]:
        """The feed's last changes: two of each order, in the order of their cursors."""
        since = self.now - _FEED_DAYS * DAY
        cursor = 0
        for order in self.seeded():
            if order.created_at < since:
                continue
            steps = ((None, "AWAITING_SHIPMENT"), ("AWAITING_SHIPMENT", order.sample.status))
            for before, status in steps[: 1 if self.waits(order.number) else 2]:
                cursor += 1
                sealed = self.vault.seal(
                    order.buyer.open_id.encode(),
                    shop=order.shop.key,
                    row=str(cursor),
                    column="order_changes.open_id",
                )
                yield (
                    *(cursor, order.shop.key, order.platform_id, status, before, "MUTATION"),
                    *(order.buyer.blind_index, sealed, order.created_at, float(order.created_at)),
                )

    def after_sales(self) -> Iterator[Row]:
        """An after-sale of every tenth order that the order centre has."""
        for order in self.seeded():
            if order.shop.platform != SWAN or order.number % 10 or self.waits(order.number):
                continue
            document = AfterSaleDocument(
                platform_id="1",
                order_platform_id=order.platform_id,
                status="REFUNDED",
                platform_status="401",
                kind="REFUND_ONLY",
                refund=1000,
                items=(AfterSaleItem(platform_product_id="p0001", quantity=1, refund=1000),),
                created_at=order.created_at + DAY,
            )
            yield (
                *(order.shop.key, order.platform_id, "1", document.created_at, None),
                *(document.status, document.kind, msgspec.json.encode(document).decode()),
                *(1, float(document.created_at)),
            )

    def receipts(self) -> Iterator[Row]:
        """Outcomes under idempotency keys, of the last two days."""
        outcome = b'{"data":{"orderImport":{"order":null,"push":null,"userErrors":[]}}}'
        for number in range(self.size.orders // 50):
            key, at = f"import-{number}", self.now - number % (2 * DAY)
            sealed = self.vault.seal(outcome, **sealed_as("seed", key, "outcome"))
            yield ("seed", key, bytes(32), "seed", 0.0, sealed, float(at), "")

    def events(self) -> Iterator[Row]:
        """Events of partner stores, which were processed."""
        body = b'{"content":"","query":{}}'
        for number in range(self.size.orders // 20):
            key = f"{number:064x}"
            sealed = self.vault.seal(body, shop="mini", row=key, column="inbox_events.body")
            at = self.now - number % (30 * DAY)
            yield ("mini", key, "partner_order", True, at, sealed, "DONE", 1, float(at))

    def audit(self) -> Iterator[Row]:
        """An event of every second order."""
        for order in self.seeded():
            if order.number % 2 == 0:
                yield (
                    *(order.created_at + 0.25, order.number, "erp", "orderImport"),
                    *(f",{order.shop.key},", None, 0, "OK", f"seed-{order.number}"),
                )

    def counts(self) -> Mapping[str, int]:
        """How many orders each shop has."""
        found = dict.fromkeys(SHOPS, 0)
        for number in range(self.size.orders):
            found[self._shop(number).key] += 1
        return found

    def waits(self, number: int) -> bool:
        """Whether the import of an order still waits."""
        return number >= self.size.orders - self.size.waiting

    def created_at(self, number: int) -> int:
        """When an order was created: evenly over the year, those that wait in the outage."""
        past = self.size.orders - self.size.waiting
        if number >= past:
            return self.now - OUTAGE + OUTAGE * (number - past) // max(1, self.size.waiting)
        return self.now - OUTAGE - YEAR + YEAR * number // max(1, past)

    def platform_id(self, number: int) -> str:
        """The platform's id of an order."""
        return f"S{number:010d}"

    def open_id(self, number: int) -> str:
        """The open id of an order's buyer."""
        return self._buyer(number).open_id

    def shop(self, number: int) -> str:
        """The key of an order's shop."""
        return self._shop(number).key

    def _shop(self, number: int) -> SeededShop:
        return BY_TURNS[number % CYCLE]

    def seeded(self) -> Iterator[SeededOrder]:
        """What the rows about each order share, oldest first."""
        for number in range(self.size.orders):
            shop = self._shop(number)
            of_platform = self._samples[shop.platform]
            waits, created_at = self.waits(number), self.created_at(number)
            known = of_platform.fresh if waits else of_platform.past
            updated_at = created_at if waits else created_at + 3 * DAY
            yield SeededOrder(
                number,
                shop,
                self.platform_id(number),
                created_at,
                updated_at,
                float(min(updated_at, self.now)),
                known[number * 31 % len(known)],
                self._buyer(number),
            )

    def _buyer(self, number: int) -> Buyer:
        shop = self._shop(number).key
        # Odd factor: the orders of one buyer lie apart, as those of a customer do.
        who = number * 7919 % max(1, self.size.orders // _ORDERS_OF_A_BUYER) + 1
        if shop == "mini" and number // CYCLE % _RESELLER == 0:
            who = 0
        known = self._buyers.get((shop, who))
        if known is None:
            person = buyer(shop, who)
            index = buyer_index(self.vault, shop, person)
            assert index is not None  # noqa: S101 - every buyer here has an open id
            known = Buyer(str(person.open_id), index, msgspec.json.encode(person))
            self._buyers[shop, who] = known
        return known

    def _sealed(self, order: SeededOrder, row: str, column: str) -> bytes:
        return self.vault.seal(order.buyer.personal, shop=order.shop.key, row=row, column=column)
