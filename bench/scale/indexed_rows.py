"""The rows of a seeded ledger's index, as gateways would have written them, without after-sales.

What is measured is measured beside no back-fill of a year.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec

from bench.scale.ledger_rows import Columns, LedgerRows, Row, SeededOrder
from bench.scale.sample_documents import SampleOrder
from bench.scale.shops import SHOPS
from gateway.index.entries import stored_order_entry
from gateway.index.reach import EVERYTHING, ORDERS, PRODUCTS
from gateway.store.documents import OrderDocument, OrderPersonal
from gateway.store.indexed_contacts import IndexedContact, contact_indexes
from gateway.store.indexed_order_rows import SECOND, OrderEntry, number_from, sealed_as
from gateway.store.order_sums import CREATED, PAID, day_of
from gateway.store.words import words_of

INDEXED: Final = Columns(
    "index_orders",
    (
        *("number", "shop", "platform_id", "part", "created_at", "updated_at", "paid_at"),
        *("status", "total", "refunded", "units", "open_after_sale"),
        *("buyer", "phone", "receiver", "digest", "seen_at", "written_at", "words", "contact"),
    ),
)
LINES: Final = Columns(
    "index_order_lines",
    ("number", "line", "shop", "platform_product_id", "code", "units", "total"),
)
SUMS: Final = Columns(
    "index_order_sums",
    (
        *("shop", "basis", "day", "status", "original_shop", "slot"),
        *("orders", "units", "total", "refunded"),
    ),
)
PROGRESS: Final = Columns(
    "index_progress",
    (*("shop", "kind", "complete_from", "in_step_at", "done", "seen", "written_at"),),
)
#: As the passes over all shops are recorded by `gateway.index.ledger_reconciliation`.
_ALL_SHOPS: Final = ("", "ledger")
_DOCUMENT: Final = msgspec.json.Decoder(OrderDocument)
_PERSON: Final = msgspec.json.Decoder(OrderPersonal)


class _Person(NamedTuple):
    indexes: Mapping[str, bytes | None]
    contact: bytes


class _Sample(NamedTuple):
    entry: OrderEntry
    words: str


@dataclass
class IndexedRows:
    """The rows of the index of a ledger's orders; a digest is none that the gateway would write."""

    ledger: LedgerRows
    _people: dict[tuple[str, bytes], _Person] = field(init=False, default_factory=dict)

    def orders(self) -> Iterator[Row]:
        """The orders, oldest first."""
        for order in self.ledger.seeded():
            sample, shop = _sample(order.sample), order.shop.key
            entry, person = sample.entry, self._person(shop, order.buyer.personal)
            contact = self.ledger.vault.seal(
                person.contact,
                shop=shop,
                row=sealed_as(order.platform_id, ""),
                column="index_orders.contact",
            )
            created, paid, written = order.created_at, order.created_at + 60, order.written_at
            yield (
                *(_number(order), shop, order.platform_id, "", created, order.updated_at, paid),
                *(entry.status, entry.total, entry.refunded, entry.units, False),
                *(person.indexes[name] for name in ("buyer", "phone", "receiver")),
                *(f"seeded-{order.number}", written, written),
                *(f" {order.platform_id.lower()}{sample.words}", contact),
            )

    def lines(self) -> Iterator[Row]:
        """The lines of the orders."""
        for order in self.ledger.seeded():
            number = _number(order)
            for place, line in enumerate(_sample(order.sample).entry.lines):
                yield (
                    *(number, place, order.shop.key, line.platform_product_id, line.code),
                    *(line.units, line.total),
                )

    def sums(self) -> Iterator[Row]:
        """The counts and sums of the orders."""
        found: dict[tuple[Any, ...], list[int]] = {}
        for order in self.ledger.seeded():
            entry = _sample(order.sample).entry
            amounts = (1, entry.units, entry.total, entry.refunded)
            for basis, at in ((CREATED, order.created_at), (PAID, order.created_at + 60)):
                key = (order.shop.key, basis, day_of(at), entry.status, "", 0)
                known = found.setdefault(key, [0] * len(amounts))
                for place, amount in enumerate(amounts):
                    known[place] += amount
        yield from ((*key, *amounts) for key, amounts in found.items())

    def progress(self) -> Iterator[Row]:
        """All of it is indexed, as of the ledger's moment."""
        kinds: Sequence[tuple[str, str]] = [
            (shop, kind) for shop in SHOPS for kind in (*ORDERS, PRODUCTS)
        ]
        now = float(self.ledger.now)
        yield from ((*of, EVERYTHING, now, True, 0, now) for of in (*kinds, _ALL_SHOPS))

    def _person(self, shop: str, personal: bytes) -> _Person:
        known = self._people.get((shop, personal))
        if known is None:
            known = self._people[shop, personal] = self._read(shop, personal)
        return known

    def _read(self, shop: str, personal: bytes) -> _Person:
        person = _PERSON.decode(personal)
        address = person.shipping_address
        contact = IndexedContact(
            open_id=person.open_id,
            phone=None if address is None else address.mobile,
            receiver=None if address is None else address.name,
        )
        indexes = contact_indexes(self.ledger.vault, shop, contact)
        return _Person(indexes, msgspec.json.encode(contact))


@cache
def _sample(sample: SampleOrder) -> _Sample:
    """What the orders of one sample share: all but ids, times and people."""
    document = _DOCUMENT.decode(sample.text("", 0))
    entry = stored_order_entry("", document, None, (), {}, 0.0)
    codes = (line.code for line in entry.lines if line.code is not None)
    return _Sample(entry, words_of((*entry.texts, *codes)))


def _number(order: SeededOrder) -> int:
    return number_from(order.created_at) + order.number % SECOND
