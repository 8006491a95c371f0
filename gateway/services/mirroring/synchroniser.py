"""Synchroniser of mirrors: brings copies in sync with their orders."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import msgspec
import structlog

from gateway.errors import (
    GatewayError,
    LedgerUnreadable,
    Overloaded,
    PlatformAnswerTooLarge,
    PlatformFailure,
    PlatformHeadersTooLarge,
    PlatformRejected,
    PlatformUnreadable,
    StoreUnavailable,
)
from gateway.inbox.change_detection import ChangeDetector, ObservedOrder
from gateway.index.writer import IndexWriter, WrittenOrder
from gateway.mutation_progress import begin_step, queueing_for
from gateway.outbox.buyer_correction import (
    OrderOfBuyer,
    change_of_buyer,
    has_another_buyer,
    send_to,
    take_back,
)
from gateway.outbox.command import Accepted, IntakeResult
from gateway.outbox.dispatcher import Dispatcher
from gateway.outbox.held_messages import release_held
from gateway.outbox.intake import OrderIntake, wire_forms
from gateway.outbox.message import OutboxMessage
from gateway.outbox.outcomes import Refusal, refusals
from gateway.ports import AcceptsOrders, Adapter, ReadOptions, ReadsOrders
from gateway.services.mirroring.copy import CopiedGoods, Target
from gateway.services.mirroring.plan import NOT_LINKED, AlreadyInSync, SynchroniseCopy
from gateway.services.mirroring.templates import Templates, templates_of
from gateway.settings.shops import MirrorSettings
from gateway.store.documents import FoundOpenId
from gateway.store.engine import Transaction
from gateway.store.mirrors import Mirror, StoppedMirror
from gateway.store.mutation_receipts import write_receipt
from gateway.store.order_changes import NewOrderChange
from gateway.store.order_overlays import Look
from gateway.store.outbox import ClaimedPush, QueueKey
from gateway.store.store import Store
from schema.errors import UserError
from schema.key import Key
from schema.order import Order
from schema.order_change import OrderChangeCause

#: Seconds that the follower waits for a delivery: other copies are not to wait for a slow platform.
_FOLLOWER_WAITS: Final = 2.0
_POLL: Final = OrderChangeCause.POLL.value
#: SKUs of the target that are looked at for one code.
_SKUS_OF_A_CODE: Final = 20
#: Failures that say nothing of other orders.
_OF_ONE_ORDER: Final = (
    PlatformAnswerTooLarge,
    PlatformHeadersTooLarge,
    PlatformRejected,
    PlatformUnreadable,
)

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Synchronised:
    """The result for a copy: its push, or why there is none."""

    mirror: Mirror
    push_id: int | None = None
    refusal: GatewayError | None = None
    #: What was given of the copy, and its platform has no place for.
    warnings: Sequence[UserError] = ()


class MirrorReceipt(msgspec.Struct, frozen=True):
    """A copy that is in sync; without a push it was in sync already.

    `warnings` say what was given of it, and its platform has no place for.
    """

    push_id: int | None
    warnings: list[Refusal] = []


class LinksReceipt(msgspec.Struct, frozen=True):
    """How many links were written or removed, and the pushes that are sent because of them."""

    linked: int
    push_ids: list[int]


@dataclass(slots=True)
class _Brought:
    """What was done to bring copies to their buyers."""

    push_ids: list[int] = field(default_factory=list)
    lines: list[QueueKey] = field(default_factory=list)
    changes: list[NewOrderChange] = field(default_factory=list)
    #: The originals of those whose status the platform does not import.
    altered: list[str] = field(default_factory=list)


class _Written(NamedTuple):
    """What a transaction did to bring a copy in sync."""

    answer: IntakeResult
    #: The buyer's open id in the target.
    found: FoundOpenId | None
    claimed: Sequence[ClaimedPush]
    #: The order may have changed since it was read, before its mirror was there to be followed.
    outdated: bool


class _Refused(Exception):
    """Rolls the transaction back: nothing is done."""

    def __init__(self, answer: GatewayError) -> None:
        super().__init__(answer.message)
        self.answer = answer


class MirrorSynchroniser:
    """Copies orders between all shops, by the configured mirrors; `now` returns unix seconds."""

    def __init__(  # noqa: PLR0913 - the use cases that it joins
        self,
        adapters: Mapping[str, Adapter],
        store: Store,
        dispatcher: Dispatcher,
        notify: Callable[[], Awaitable[None]],
        settings: Sequence[MirrorSettings],
        now: Callable[[], float],
        *,
        index: IndexWriter | None = None,
    ) -> None:
        """Without `index` copies are not indexed."""
        self._adapters = adapters
        self._store = store
        self._intake = OrderIntake(store, dispatcher, notify, index)
        self._index = index
        self._dispatcher = dispatcher
        self._notify = notify
        self._settings = {(one.source, one.target): one for one in settings}
        self._now = now
        self._change_detector = ChangeDetector(store)

    def targets_of(self, shop: str) -> list[str]:
        """The shops into which all orders of this one are copied."""
        return [target for source, target in self._settings if source == shop]

    def takes(self, shop: str) -> bool:
        """Whether orders can be copied into this shop."""
        adapter = self._adapters.get(shop)
        return adapter is not None and adapter.accepts_orders is not None

    async def follow(self, shop: str, platform_ids: Collection[str]) -> None:
        """Brings the copies of these orders in sync, and makes new copies as configured.

        An order that cannot be read is logged and left out, where the others can be. Deliveries
        that take long go on alone.

        Raises:
            PlatformFailure | Overloaded: the orders cannot be read.
            StoreUnavailable: the ledger cannot be read or written.
        """
        port = self._adapters[shop].orders
        known = await self._store.mirrors.of_orders(shop, platform_ids)
        targets = self.targets_of(shop)
        concerned = set(platform_ids) if targets else {mirror.platform_id for mirror in known}
        if port is None or not concerned:
            return
        orders = await _read_now(port, shop, sorted(concerned))
        there = {(mirror.platform_id, mirror.to_shop) for mirror in known}
        new = [
            self._mirror(order, shop, target)
            for order in orders.values()
            for target in targets
            if (order.platform_id, target) not in there
        ]
        for mirror in [*known, *(one for one in new if one.open_id)]:
            order = orders.get(mirror.platform_id)
            erased = mirror.open_id is None and mirror.to_open_id is None
            if mirror.stopped is not None:
                continue
            if mirror.unreadable is not None:
                _report(mirror, mirror.unreadable)
                continue
            if order is None or erased or not self.takes(mirror.to_shop):
                # Leave the copy as it is.
                continue
            is_new = (mirror.platform_id, mirror.to_shop) not in there
            with queueing_for(f"mirror of {shop}"):
                result = await self._synchronise(mirror, order, new=is_new, seconds=_FOLLOWER_WAITS)
            if result.refusal is not None and not isinstance(result.refusal, AlreadyInSync):
                _report(mirror, result.refusal)

    async def mirror(self, mirror: Mirror, order: Order, read_at: float) -> Synchronised:
        """Copies an order, or updates the settings of its copy; begins again what was ended.

        `read_at` is when the order was asked for, in unix seconds. A refusal leaves both as they
        are.

        Raises:
            StoreUnavailable | ConcurrentInsert: nothing was accepted.
        """
        known = await self._store.mirrors.of_orders(mirror.shop, [mirror.platform_id])
        new = not any(one.to_shop == mirror.to_shop and one.has_copy for one in known)
        return await self._synchronise(mirror, order, new=new, read_at=read_at)

    async def of_copies(self, shop: str, ids: Collection[str]) -> list[Mirror]:
        """The mirrors of these copies; raises StoreUnavailable."""
        return await self._store.mirrors.of_copies(shop, ids)

    async def end(self, mirror: Mirror) -> bool:
        """Ends the mirror that keeps a copy in step; False if another request did.

        Raises:
            StoreUnavailable: nothing was ended.
        """
        copy = Key("Order", mirror.to_shop, mirror.to_platform_id)
        async with self._store.transaction() as transaction:
            # As what brings the copy in sync, which then sees that its mirror has ended.
            await self._store.orders.lock_many(transaction, copy.shop, [copy.platform_id])
            if await self._store.mirrors.is_stopped(transaction, mirror):
                return False
            await self._store.mirrors.stop(
                transaction, copy.shop, [copy.platform_id], StoppedMirror.KEPT
            )
            await write_receipt(transaction, MirrorReceipt(None), [copy])
        begin_step()
        return True

    async def _synchronise(
        self,
        mirror: Mirror,
        order: Order,
        *,
        new: bool,
        read_at: float | None = None,
        seconds: float | None = None,
    ) -> Synchronised:
        """Stores the mirror and brings its copy in sync; a refusal leaves both as they are.

        With `read_at`, when a caller's order was asked for, also a mirror that was ended.
        Deliveries go on alone after so many seconds; None: they are waited for to their end.

        Raises:
            StoreUnavailable | ConcurrentInsert: nothing was accepted.
        """
        refused = await self._store.pushes.all_refused(mirror.to_shop, [mirror.to_platform_id])
        try:
            async with self._store.transaction() as transaction:
                written = await self._write(
                    transaction, mirror, order, new=new, read_at=read_at, arrived=not refused
                )
        except _Refused as refused_by:
            return Synchronised(mirror=mirror, refusal=refused_by.answer)
        begin_step()
        accepted = written.answer if isinstance(written.answer, Accepted) else None
        if accepted is not None:
            if "SHIPPING_UPLOAD" in accepted.decision.operations:
                # It has a line of its own, which is not waited for.
                self._dispatcher.wake(mirror.to_shop)
            await self._notify()
            if isinstance(written.found, LedgerUnreadable):
                _report(mirror, written.found)
        # The pushes are kept; the dispatch loop goes on once the store is back.
        with suppress(StoreUnavailable):
            forms = wire_forms(accepted) if accepted else {}
            delivery = self._dispatcher.deliver(written.claimed, forms)
            await self._dispatcher.waits.within(seconds, delivery)
            if accepted and (new or not isinstance(written.found, str)):
                # A link that was written meanwhile found no copy of this order.
                await self._bring_to_linked(mirror)
        if written.outdated:
            with suppress(PlatformFailure, Overloaded, StoreUnavailable):
                await self.follow(mirror.shop, [mirror.platform_id])
        if accepted is None:
            return Synchronised(mirror=mirror, refusal=AlreadyInSync())
        return Synchronised(
            mirror=mirror, push_id=accepted.push_id, warnings=accepted.decision.warnings
        )

    async def _write(
        self,
        transaction: Transaction,
        mirror: Mirror,
        order: Order,
        *,
        new: bool,
        read_at: float | None,
        arrived: bool,
    ) -> _Written:
        """Writes a mirror and what is to be sent; raises `_Refused`."""
        shop, name = mirror.to_shop, mirror.to_platform_id
        port = self._accepts(shop)
        copy = (await self._store.orders.lock_many(transaction, shop, [name])).get(name)
        # From here on nobody else deletes the copy, or brings it to another buyer.
        if read_at is None and await self._store.mirrors.is_stopped(transaction, mirror):
            raise _Refused(AlreadyInSync())
        told = await self._recorded(transaction, mirror, order, read_at)
        found = await self._open_id(mirror, within=transaction)
        taken_back: list[int] = []
        if copy and not new and isinstance(found, str) and has_another_buyer(copy, found):
            mine = OrderOfBuyer(shop=shop, port=port, order=copy)
            taken_back = await take_back(self._store, transaction, mine)
        command = SynchroniseCopy(
            mirror=mirror,
            order=order,
            target=await self._target(transaction, mirror, order),
            port=port,
            found=found,
            arrived=arrived,
            new=new,
            now=int(self._now()),
        )
        (answer,) = await self._intake.accept(transaction, [command])
        if isinstance(answer, GatewayError) and not isinstance(answer, AlreadyInSync):
            raise _Refused(answer)
        await self._store.mirrors.put(transaction, mirror)
        if self._index is not None:
            await self._index.mark_copies(transaction, shop, [name])
        push_id, warnings = None, list[Refusal]()
        if isinstance(answer, Accepted):
            push_id, warnings = answer.push_id, refusals(answer.decision.warnings)
        subjects = [Key("Order", shop, name), Key("Order", mirror.shop, mirror.platform_id)]
        await write_receipt(transaction, MirrorReceipt(push_id, warnings), subjects)
        lines = [QueueKey(shop, f"order/{name}")] if push_id or taken_back else []
        claimed = await self._dispatcher.claim(transaction, lines)
        await self._store.order_changes.append(transaction, told or ())
        return _Written(answer, found, claimed, outdated=told is None)

    async def _recorded(
        self, transaction: Transaction, mirror: Mirror, order: Order, read_at: float | None
    ) -> list[NewOrderChange] | None:
        """Records the status that a copy is made with; None if the order was read later.

        From then on every change of it is one: of an order of which nothing is known, the first
        reconciliation would record the next status without a change, and no copy would follow.
        What caused the follower to read the order has recorded it.
        """
        if read_at is None:
            return []
        observed = ObservedOrder(mirror.shop, order, read_at)
        return await self._change_detector.changes(transaction, observed, _POLL, Look.FIRST_POLL)

    async def link(self, shop: str, to_shop: str, links: Mapping[str, str]) -> LinksReceipt:
        """Stores the links, and sends the pushes that were held for them.

        A copy that went to another buyer is deleted there, and sent to the linked one.

        Raises:
            StoreUnavailable: nothing was linked.
            IdempotencyInProgress: nothing was linked; another request does it.
        """
        store = self._store.buyer_links

        async def write(transaction: Transaction) -> int:
            await store.put_many(transaction, shop, to_shop, links)
            return len(links)

        return await self._relink(shop, to_shop, links, write)

    async def unlink(self, shop: str, to_shop: str, open_ids: Collection[str]) -> LinksReceipt:
        """Removes links; copies that they brought to buyers are deleted there, and wait.

        Raises:
            StoreUnavailable: no link was removed.
            IdempotencyInProgress: no link was removed; another request does it.
        """
        store = self._store.buyer_links

        async def write(transaction: Transaction) -> int:
            return await store.remove(transaction, shop, to_shop, open_ids)

        return await self._relink(shop, to_shop, dict.fromkeys(open_ids), write)

    async def _relink(
        self,
        shop: str,
        to_shop: str,
        buyers: Mapping[str, str | None],
        write: Callable[[Transaction], Awaitable[int]],
    ) -> LinksReceipt:
        """Writes links, and brings the copies to whose they are now; None: to nobody yet."""
        async with self._store.transaction() as transaction:
            count = await write(transaction)
            found = await self._store.mirrors.of_buyers(shop, to_shop, buyers, within=transaction)
            wanted = [(one, buyers[one.open_id]) for one in found if one.open_id is not None]
            brought = await self._bring(transaction, to_shop, wanted)
            receipt = LinksReceipt(count, brought.push_ids)
            subjects = [Key("Shop", shop), Key("Shop", to_shop)]
            await write_receipt(transaction, receipt, subjects)
            claimed = await self._dispatcher.claim(transaction, brought.lines)
            # Last: others wait for the cursor from here to the commit.
            await self._store.order_changes.append(transaction, brought.changes)
        begin_step()
        for mirror in found:
            if mirror.unreadable is not None:
                _report(mirror, mirror.unreadable)
        if brought.changes:
            await self._notify()
        with suppress(StoreUnavailable):
            await self._dispatcher.deliver(claimed)
        if brought.altered:
            # Else within half an hour.
            with suppress(PlatformFailure, Overloaded, StoreUnavailable):
                await self.follow(shop, brought.altered)
        return receipt

    async def _bring(
        self,
        transaction: Transaction,
        to_shop: str,
        wanted: Sequence[tuple[Mirror, str | None]],
    ) -> _Brought:
        """Brings copies to these buyers, by their open ids there; None: they wait for a link."""
        store, brought, port = self._store, _Brought(), self._accepts(to_shop)
        # An open id that a caller gave for one order counts more than a link.
        linked = {
            mirror.to_platform_id: (mirror, open_id)
            for mirror, open_id in wanted
            if mirror.to_open_id is None and mirror.has_copy
        }
        locked = await store.orders.lock_many(transaction, to_shop, linked)
        for name, (mirror, open_id) in linked.items():
            copy = locked.get(name)
            if copy is not None and has_another_buyer(copy, open_id):
                mine = OrderOfBuyer(shop=to_shop, port=port, order=copy)
                brought.push_ids += await take_back(store, transaction, mine)
                sent = await send_to(store, transaction, mine, open_id, NOT_LINKED)
                brought.push_ids += sent.push_ids
                if sent.altered:
                    brought.altered.append(mirror.platform_id)
                brought.changes.append(change_of_buyer(mine, open_id))
                brought.lines.append(QueueKey(to_shop, mine.aggregate))
                await store.mirrors.look_again(transaction, mirror)
            elif open_id is not None:
                released = await release_held(store, transaction, to_shop, name, open_id)
                brought.push_ids += [push.id for push in released]
                brought.lines += [push.line for push in released]
        await self._put_into_index(transaction, to_shop, linked)
        return brought

    async def _put_into_index(
        self, transaction: Transaction, shop: str, names: Collection[str]
    ) -> None:
        """Indexes copies as the ledger has them now."""
        if self._index is None or not names:
            return
        orders = await self._store.orders.lock_many(transaction, shop, names)
        subs = await self._store.after_sales.of_orders(shop, names, within=transaction)
        written = [
            WrittenOrder(
                one.document,
                one.found,
                [sub.document for sub in subs.get(name, ())],
                transaction.now,
            )
            for name, one in orders.items()
            if not one.deleted
        ]
        await self._index.put_written_orders(transaction, shop, written)

    async def _bring_to_linked(self, mirror: Mirror) -> None:
        """Brings a copy to whom its buyer is linked now, if that is somebody else."""
        if mirror.to_open_id is not None or mirror.open_id is None:
            return
        open_id = await self._open_id(mirror)
        copy = await self._store.orders.get(mirror.to_shop, mirror.to_platform_id)
        if copy is None or isinstance(copy.found, LedgerUnreadable):
            return
        buyer = copy.found.buyer_id if copy.found else None
        if isinstance(open_id, LedgerUnreadable) or buyer == open_id:
            return
        async with self._store.transaction() as transaction:
            brought = await self._bring(transaction, mirror.to_shop, [(mirror, open_id)])
            await self._store.order_changes.append(transaction, brought.changes)
        self._dispatcher.wake(mirror.to_shop)

    @staticmethod
    def _mirror(order: Order, shop: str, to_shop: str) -> Mirror:
        return Mirror(
            shop=shop,
            platform_id=order.platform_id,
            to_shop=to_shop,
            to_platform_id=order.platform_id,
            open_id=order.buyer_data.open_id if order.buyer_data else None,
        )

    async def _target(self, transaction: Transaction, mirror: Mirror, order: Order) -> Target:
        adapter = self._adapters[mirror.to_shop]
        settings = self._settings.get((mirror.shop, mirror.to_shop))
        templates: Templates = templates_of(adapter.traits.page_link, settings)
        return Target(
            templates=templates,
            carriers=adapter.traits.carriers or (),
            takes_after_sales=self._accepts(mirror.to_shop).takes_after_sales,
            goods=await self._goods(transaction, mirror, order),
        )

    async def _goods(self, transaction: Transaction, mirror: Mirror, order: Order) -> CopiedGoods:
        """What the index knows of the order's goods in both shops; nothing if it is off."""
        if self._index is None:
            return CopiedGoods()
        index = self._store.indexed_products
        ids = {item.platform_product_id for item in order.items}
        source = CopiedGoods(codes=await index.codes(transaction, mirror.shop, ids))
        codes = {code for item in order.items if (code := source.code_of(item))}
        there = await index.of_codes(
            [mirror.to_shop], codes, limit=_SKUS_OF_A_CODE, within=transaction
        )
        return replace(source, there=there)

    async def _open_id(
        self, mirror: Mirror, *, within: Transaction | None = None
    ) -> FoundOpenId | None:
        if mirror.to_open_id is not None or mirror.open_id is None:
            return mirror.to_open_id
        links = await self._store.buyer_links.get_many(
            mirror.shop, mirror.to_shop, [mirror.open_id], within=within
        )
        return links.get(mirror.open_id)

    def _accepts(self, shop: str) -> AcceptsOrders[OutboxMessage]:
        port = self._adapters[shop].accepts_orders
        assert port is not None  # noqa: S101 - checked before a mirror is made
        return port


async def _read_now(port: ReadsOrders, shop: str, ids: Sequence[str]) -> Mapping[str, Order]:
    """Orders as their platform has them now; one that cannot be read is logged and left out.

    Raises:
        PlatformFailure | Overloaded: none of them can be read now.
    """
    reading = ReadOptions(fresh=True, strict=True)
    with suppress(*_OF_ONE_ORDER):
        return await port.get_many(ids, reading)
    orders: dict[str, Order] = {}
    failures: dict[str, PlatformFailure] = {}
    for one in ids:
        try:
            orders |= await port.get_many([one], reading)
        except _OF_ONE_ORDER as failure:
            failures[one] = failure
    for one, reason in failures.items():
        if isinstance(reason, PlatformRejected) and not orders:
            # It may refuse this shop, and not this order.
            raise reason
        _log.warning(
            "mirroring.order.unreadable",
            message="An order cannot be read; its copies stay as they are until it changes.",
            shop=shop,
            order=one,
            reason=reason.message,
        )
    return orders


def _report(mirror: Mirror, reason: GatewayError) -> None:
    _log.warning(
        "mirroring.copy.refused",
        message="An order cannot be copied, or its copy cannot be kept in sync.",
        shop=mirror.shop,
        to=mirror.to_shop,
        order=mirror.platform_id,
        reason=reason.message,
    )
