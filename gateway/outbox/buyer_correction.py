"""Corrects whose order it is: takes it back from the wrong buyer, and sends it to the right one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec.structs import replace

from gateway.errors import LedgerUnreadable
from gateway.ledger.requirements import InvalidForPlatform
from gateway.mutation_progress import note_buyer
from gateway.outbox.message import OrderPayload, OutboxMessage, written
from gateway.outbox.supersession import SUPERSEDES
from gateway.ports import AcceptsOrders
from gateway.store.documents import AfterSaleDocument, OrderDocument, OrderPersonal
from gateway.store.engine import Transaction
from gateway.store.order_changes import NewOrderChange
from gateway.store.orders import StoredOrder
from gateway.store.pushes import NewPush
from gateway.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOfBuyer:
    """An order of the ledger that its platform shows to a buyer; its row is locked."""

    shop: str
    port: AcceptsOrders[OutboxMessage]
    order: StoredOrder

    @property
    def document(self) -> OrderDocument:
        """The order."""
        return self.order.document

    @property
    def aggregate(self) -> str:
        """The line of its pushes."""
        return f"order/{self.document.platform_id}"


def has_another_buyer(order: StoredOrder | None, open_id: str | None) -> bool:
    """Whether the ledger knows a buyer of the order, and it is somebody else."""
    if order is None or order.deleted or isinstance(order.found, LedgerUnreadable):
        return False
    buyer = order.found.buyer_id if order.found else None
    return buyer is not None and buyer != open_id


async def take_back(store: Store, transaction: Transaction, mine: OrderOfBuyer) -> list[int]:
    """Deletes an order at its buyer's, of whom the ledger knows nothing from then on.

    What waits to be sent there is superseded. Returns the push that deletes it, or hides it where
    the platform cannot; none if nothing was ever sent.
    """
    shop, document = mine.shop, mine.document
    before = mine.order.personal or OrderPersonal()
    note_buyer(shop, before.buyer_id)
    superseded = SUPERSEDES["ORDER_IMPORT"] | SUPERSEDES["ORDER_DELETE"]
    await store.outbox.supersede_lines(transaction, shop, [mine.aggregate], superseded)
    unsent = before.buyer_id is not None and await store.pushes.never_sent(
        transaction, shop, document.platform_id, before.buyer_id
    )
    personal = replace(before, open_id=None, swan_id=None)
    version = await store.orders.put(transaction, shop, document, personal)
    if unsent or not mine.port.sends_orders:
        return []
    gone = document if mine.port.deletes else replace(document, status="HIDDEN")
    # The buyer's ids alone: the rest is of somebody else.
    buyer = OrderPersonal(open_id=before.open_id, swan_id=before.swan_id)
    return [
        await store.pushes.add(
            transaction, _push(mine, "ORDER_DELETE", version, OrderPayload(order=gone), buyer)
        )
    ]


class Sent(NamedTuple):
    """The push that imports an order; `altered` if the platform could not take it as it is."""

    push_ids: list[int]
    altered: bool


async def send_to(
    store: Store, transaction: Transaction, mine: OrderOfBuyer, open_id: str | None, reason: str
) -> Sent:
    """Imports an order that was taken back.

    Without the buyer's open id the push is held for that reason, until `release_held`. Where the
    platform imports no order of its status, it is imported as one that it does, and the ledger has
    it so.
    """
    shop, name = mine.shop, mine.document.platform_id
    note_buyer(shop, open_id)
    former = mine.order.personal or OrderPersonal()
    personal = replace(former, open_id=open_id, swan_id=None)
    subs = await store.after_sales.of_orders(shop, [name], within=transaction)
    after_sales = tuple(one.document for one in subs.get(name, ()))
    document = _importable(mine, after_sales, personal)
    version = await store.orders.put(transaction, shop, document or mine.document, personal)
    if not mine.port.sends_orders:
        return Sent([], altered=False)
    if document is None:
        return Sent([], altered=True)
    payload = OrderPayload(order=document, after_sales=after_sales, replaces=True)
    push_id = await store.pushes.add(
        transaction, _push(mine, "ORDER_IMPORT", version, payload, personal)
    )
    if open_id is None:
        await store.outbox.hold(transaction, push_id, reason)
    return Sent([push_id], altered=document.status != mine.document.status)


def change_of_buyer(mine: OrderOfBuyer, open_id: str | None) -> NewOrderChange:
    """What followers are told."""
    status = mine.document.status
    return NewOrderChange(
        shop=mine.shop,
        platform_id=mine.document.platform_id,
        status=status,
        previous_status=status,
        cause="MIRROR",
        open_id=open_id,
        created_at=mine.document.created_at,
    )


def import_variants(document: OrderDocument) -> Iterator[OrderDocument]:
    """The order, then as a platform may take it that imports no order of its status."""
    yield document
    if document.shipments:
        yield replace(document, status="SHIPPED")
    yield replace(document, status="AWAITING_SHIPMENT", shipments=())


def _importable(
    mine: OrderOfBuyer, after_sales: tuple[AfterSaleDocument, ...], personal: OrderPersonal
) -> OrderDocument | None:
    # Any buyer will do to check the rules.
    checked = personal if personal.open_id else replace(personal, open_id="unknown")
    for document in import_variants(mine.document):
        payload = written(OrderPayload(order=document, after_sales=after_sales))
        message = OutboxMessage(operation="ORDER_IMPORT", payload=payload, personal=checked)
        try:
            form = mine.port.wire_form(message)
        except InvalidForPlatform:
            continue
        code: Any = None if form.codes is None else form.codes.order
        return document if code is None else replace(document, platform_status=code)
    return None


def _push(
    mine: OrderOfBuyer, operation: str, version: int, payload: OrderPayload, buyer: OrderPersonal
) -> NewPush:
    name = mine.document.platform_id
    return NewPush(
        shop=mine.shop,
        operation=operation,
        aggregate=mine.aggregate,
        version=version,
        payload=written(payload),
        personal=buyer,
        subject_kind="Order",
        subject_id=name,
        order_id=name,
    )
