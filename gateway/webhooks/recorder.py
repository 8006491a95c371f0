"""Recorder of webhooks: follows the changes, and queues a delivery for each endpoint that asks."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from gateway.store.bulk_operations import StoredBulkOperation
from gateway.store.engine import ReaderPool, Transaction, reading_from
from gateway.store.object_changes import StoredObjectChange
from gateway.store.order_changes import StoredOrderChange
from gateway.store.store import Store
from gateway.store.webhook_deliveries import NewWebhookDelivery
from gateway.store.webhook_endpoints import StoredWebhookEndpoint
from gateway.webhooks.bodies import (
    Message,
    bulk_operation_finished,
    object_changed,
    order_changed,
)
from gateway.webhooks.rights import EndpointRights

#: Seconds between two looks at the changes when no notification arrives.
POLL: Final = 1.0
#: Deliveries of one transaction at about the most, and changes that are read at once.
_DELIVERIES: Final = 1_000
_CHANGES: Final = 200
#: Counters whose values are the last changes that were recorded.
_ORDERS: Final = "webhooks/order_changes"
_OBJECTS: Final = "webhooks/object_changes"
#: The kind of a bulk operation among the changes of objects.
_BULK: Final = "BulkOperation"


class _Read(NamedTuple):
    """Changes that follow those recorded already."""

    orders: Sequence[StoredOrderChange]
    objects: Sequence[StoredObjectChange]
    #: The bulk operations among them, by their numbers.
    operations: dict[int, StoredBulkOperation]
    #: The cursors that were recorded up to before.
    recorded: tuple[int, int]


class WebhookRecorder:
    """Records each change once, whatever is killed, in any number of processes.

    The deliveries and the cursors are written in one transaction, which begins with a lock of the
    cursors: where another process has moved them since the changes were read, it does nothing.
    `rights` say which of the endpoints may be told.
    """

    def __init__(self, store: Store, rights: EndpointRights) -> None:
        self._store = store
        self._rights = rights

    async def once(self) -> int:
        """Records the next changes; how many they were, 0 if there are none.

        Raises:
            StoreUnavailable: the ledger cannot be read or written.
        """
        with reading_from(ReaderPool.SUBSCRIPTIONS):
            endpoints = await self._store.webhook_endpoints.enabled()
            if not endpoints:
                return 0
            read = await self._read(endpoints)
        count = len(read.orders) + len(read.objects)
        if count:
            async with self._store.transaction(bulk=True) as transaction:
                await self._record(transaction, read)
        return count

    async def _read(self, endpoints: Sequence[StoredWebhookEndpoint]) -> _Read:
        """The changes that no endpoint began after, and that are not recorded."""
        store = self._store
        limit = max(1, min(_CHANGES, _DELIVERIES // len(endpoints)))
        recorded = await store.counters.current(_ORDERS), await store.counters.current(_OBJECTS)
        first = max(recorded[0], min(one.order_cursor for one in endpoints))
        orders = await store.order_changes.after(first, limit=limit)
        first = max(recorded[1], min(one.object_cursor for one in endpoints))
        objects = await store.object_changes.after(first, limit=limit)
        numbers = [int(one.change.platform_id) for one in objects if one.change.kind == _BULK]
        operations = await store.bulk_operations.get_many(numbers)
        return _Read(orders, objects, operations, recorded)

    async def _record(self, transaction: Transaction, read: _Read) -> None:
        counters = self._store.counters
        locked = (
            await counters.lock(transaction, _ORDERS),
            await counters.lock(transaction, _OBJECTS),
        )
        if locked != read.recorded:
            return
        # After the changes were read: an endpoint that was made before one of them is among these.
        endpoints = await self._store.webhook_endpoints.lock_enabled(transaction)
        deliveries = [*self._of_orders(read, endpoints), *self._of_objects(read, endpoints)]
        await self._store.webhook_deliveries.record(transaction, deliveries)
        if read.orders:
            moved = read.orders[-1].cursor - locked[0]
            await counters.take(transaction, _ORDERS, moved)
        if read.objects:
            moved = read.objects[-1].cursor - locked[1]
            await counters.take(transaction, _OBJECTS, moved)

    def _of_orders(
        self, read: _Read, endpoints: Sequence[StoredWebhookEndpoint]
    ) -> Iterable[NewWebhookDelivery]:
        for change in read.orders:
            begun = [one for one in endpoints if one.order_cursor < change.cursor]
            if begun:
                message = order_changed(change, self._store.row_numbers)
                yield from deliveries_of(message, begun, self._rights)

    def _of_objects(
        self, read: _Read, endpoints: Sequence[StoredWebhookEndpoint]
    ) -> Iterable[NewWebhookDelivery]:
        for stored in read.objects:
            begun = [one for one in endpoints if one.object_cursor < stored.cursor]
            message: Message | None
            if stored.change.kind == _BULK:
                operation = read.operations.get(int(stored.change.platform_id))
                if operation is None:
                    continue
                message = bulk_operation_finished(operation, self._store.row_numbers)
                # Of the key's own operations alone.
                begun = [one for one in begun if one.key_id == operation.caller.key_id]
            else:
                message = object_changed(stored, self._store.row_numbers)
            if message is not None:
                yield from deliveries_of(message, begun, self._rights)


def deliveries_of(
    message: Message, endpoints: Iterable[StoredWebhookEndpoint], rights: EndpointRights
) -> Iterable[NewWebhookDelivery]:
    """The deliveries of a message to those of the endpoints that ask for it and may see it."""
    for endpoint in endpoints:
        wanted = endpoint.wants(message.topic, message.shop)
        if wanted and rights.may_see(endpoint, message.topic, message.shop):
            yield NewWebhookDelivery(
                endpoint=endpoint.id,
                topic=message.topic,
                shop=message.shop,
                subject=message.subject,
                body=message.body,
            )
