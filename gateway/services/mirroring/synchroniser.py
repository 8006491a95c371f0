"""Synchroniser of mirrors: brings copies in sync with their orders."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec
import structlog

from gateway.errors import GatewayError, LedgerUnreadable, StoreUnavailable
from gateway.mutation_progress import begin_step, queueing_for
from gateway.outbox.command import Accepted
from gateway.outbox.dispatcher import Dispatcher
from gateway.outbox.held_messages import release_held
from gateway.outbox.intake import OrderIntake, wire_forms
from gateway.ports import Adapter, ReadOptions
from gateway.services.mirroring.copy import Target
from gateway.services.mirroring.plan import AlreadyInSync, SynchroniseCopy
from gateway.services.mirroring.templates import Templates, templates_of
from gateway.settings.shops import MirrorSettings
from gateway.store.documents import FoundOpenId
from gateway.store.mirrors import Mirror
from gateway.store.mutation_receipts import write_receipt
from gateway.store.outbox import QueueKey
from gateway.store.store import Store
from schema.key import Key
from schema.order import Order

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Synchronised:
    """The result for a copy: its push, or why there is none."""

    mirror: Mirror
    push_id: int | None = None
    refusal: GatewayError | None = None


class MirrorReceipt(msgspec.Struct, frozen=True):
    """A copy that is in sync; without a push it was in sync already."""

    push_id: int | None


class LinksReceipt(msgspec.Struct, frozen=True):
    """How many links were imported, and the pushes that they released."""

    linked: int
    push_ids: list[int]


class MirrorSynchroniser:
    """Copies orders between all shops, by the configured mirrors; `now` returns unix seconds."""

    def __init__(
        self,
        adapters: Mapping[str, Adapter],
        store: Store,
        dispatcher: Dispatcher,
        notify: Callable[[], Awaitable[None]],
        settings: Sequence[MirrorSettings],
        now: Callable[[], float],
    ) -> None:
        self._adapters = adapters
        self._store = store
        self._intake = OrderIntake(store, dispatcher, notify)
        self._dispatcher = dispatcher
        self._notify = notify
        self._settings = {(one.source, one.target): one for one in settings}
        self._now = now

    def targets_of(self, shop: str) -> list[str]:
        """The shops into which all orders of this one are copied."""
        return [target for source, target in self._settings if source == shop]

    def takes(self, shop: str) -> bool:
        """Whether orders can be copied into this shop."""
        adapter = self._adapters.get(shop)
        return adapter is not None and adapter.accepts_orders is not None

    async def follow(self, shop: str, platform_ids: Collection[str]) -> None:
        """Brings the copies of these orders in sync, and makes new copies as configured.

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
        orders = await port.get_many(sorted(concerned), ReadOptions(fresh=True, strict=True))
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
            if mirror.unreadable is not None:
                _report(mirror, mirror.unreadable)
                continue
            if order is None or erased or not self.takes(mirror.to_shop):
                # Leave the copy as it is.
                continue
            is_new = (mirror.platform_id, mirror.to_shop) not in there
            with queueing_for(f"mirror of {shop}"):
                result = await self.synchronise(mirror, order, new=is_new)
            if result.refusal is not None and not isinstance(result.refusal, AlreadyInSync):
                _report(mirror, result.refusal)

    async def mirror(self, mirror: Mirror, order: Order) -> Synchronised:
        """Copies an order, or updates the settings of its copy.

        Raises:
            StoreUnavailable | ConcurrentInsert: nothing was accepted.
        """
        known = await self._store.mirrors.of_orders(mirror.shop, [mirror.platform_id])
        new = all(one.to_shop != mirror.to_shop for one in known)
        return await self.synchronise(mirror, order, new=new)

    async def synchronise(self, mirror: Mirror, order: Order, *, new: bool) -> Synchronised:
        """Stores the mirror and brings its copy in sync; a refusal leaves both as they are.

        Raises:
            StoreUnavailable | ConcurrentInsert: nothing was accepted.
        """
        found = await self._open_id(mirror)
        refused = await self._store.pushes.all_refused(mirror.to_shop, [mirror.to_platform_id])
        port = self._adapters[mirror.to_shop].accepts_orders
        assert port is not None  # noqa: S101 - checked before a mirror is made
        target = self._target(mirror, takes_after_sales=port.takes_after_sales)

        command = SynchroniseCopy(
            mirror=mirror,
            order=order,
            target=target,
            port=port,
            found=found,
            arrived=not refused,
            new=new,
            now=int(self._now()),
        )
        async with self._store.transaction() as transaction:
            (answer,) = await self._intake.accept(transaction, [command])
            if isinstance(answer, GatewayError) and not isinstance(answer, AlreadyInSync):
                return Synchronised(mirror=mirror, refusal=answer)
            await self._store.mirrors.put(transaction, mirror)
            push_id = answer.push_id if isinstance(answer, Accepted) else None
            subjects = [
                Key("Order", mirror.to_shop, mirror.to_platform_id),
                Key("Order", mirror.shop, mirror.platform_id),
            ]
            await write_receipt(transaction, MirrorReceipt(push_id), subjects)
            line = QueueKey(mirror.to_shop, f"order/{mirror.to_platform_id}")
            claimed = await self._dispatcher.claim(transaction, [line] if push_id else [])
        begin_step()
        if not isinstance(answer, Accepted):
            return Synchronised(mirror=mirror, refusal=answer)
        await self._notify()
        if isinstance(found, LedgerUnreadable):
            _report(mirror, found)
        # The pushes are kept; the dispatch loop goes on once the store is back.
        with suppress(StoreUnavailable):
            await self._dispatcher.deliver(claimed, wire_forms(answer))
            if not isinstance(found, str):
                # A link that was imported meanwhile found no held push.
                await self._release_held_if_linked(mirror)
        return Synchronised(mirror=mirror, push_id=push_id)

    async def link(self, shop: str, to_shop: str, links: Mapping[str, str]) -> LinksReceipt:
        """Stores the links and sends the pushes that were held for them.

        Raises:
            StoreUnavailable: nothing was linked.
            IdempotencyInProgress: nothing was linked; another request does it.
        """
        async with self._store.transaction() as transaction:
            await self._store.buyer_links.put_many(transaction, shop, to_shop, links)
            waiting = await self._store.mirrors.of_buyers(shop, to_shop, links, within=transaction)
            released = [
                push
                for mirror in waiting
                if mirror.open_id is not None
                for push in await release_held(
                    self._store,
                    transaction,
                    to_shop,
                    mirror.to_platform_id,
                    links[mirror.open_id],
                )
            ]
            receipt = LinksReceipt(len(links), [push.id for push in released])
            subjects = [Key("Shop", shop), Key("Shop", to_shop)]
            await write_receipt(transaction, receipt, subjects)
            claimed = await self._dispatcher.claim(transaction, [push.line for push in released])
        begin_step()
        for mirror in waiting:
            if mirror.unreadable is not None:
                _report(mirror, mirror.unreadable)
        with suppress(StoreUnavailable):
            await self._dispatcher.deliver(claimed)
        return receipt

    @staticmethod
    def _mirror(order: Order, shop: str, to_shop: str) -> Mirror:
        return Mirror(
            shop=shop,
            platform_id=order.platform_id,
            to_shop=to_shop,
            to_platform_id=order.platform_id,
            open_id=order.buyer_data.open_id if order.buyer_data else None,
        )

    def _target(self, mirror: Mirror, *, takes_after_sales: bool) -> Target:
        adapter = self._adapters[mirror.to_shop]
        settings = self._settings.get((mirror.shop, mirror.to_shop))
        templates: Templates = templates_of(adapter.traits.page_link, settings)
        return Target(
            templates=templates,
            carriers=adapter.traits.carriers or (),
            takes_after_sales=takes_after_sales,
        )

    async def _open_id(self, mirror: Mirror) -> FoundOpenId | None:
        if mirror.to_open_id is not None or mirror.open_id is None:
            return mirror.to_open_id
        links = await self._store.buyer_links.get_many(
            mirror.shop, mirror.to_shop, [mirror.open_id]
        )
        return links.get(mirror.open_id)

    async def _release_held_if_linked(self, mirror: Mirror) -> None:
        open_id = await self._open_id(mirror)
        if not isinstance(open_id, str):
            return
        async with self._store.transaction() as transaction:
            await release_held(
                self._store, transaction, mirror.to_shop, mirror.to_platform_id, open_id
            )


def _report(mirror: Mirror, reason: GatewayError) -> None:
    _log.warning(
        "mirroring.copy.refused",
        message="An order cannot be copied, or its copy cannot be kept in sync.",
        shop=mirror.shop,
        to=mirror.to_shop,
        order=mirror.platform_id,
        reason=reason.message,
    )
