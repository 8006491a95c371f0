"""Decides on after-sales of platforms that keep them: accept, reject, negotiate, prove, ship."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from gateway.auth import RefundLimit
from gateway.errors import AnswerLost, Forbidden, GatewayError
from gateway.mutation_progress import note_buyer
from gateway.ports import ReadOptions
from gateway.ports.adapter import Adapter
from gateway.ports.writing.after_sales import DecidesAfterSales
from gateway.ports.writing.problems import Absent
from gateway.services.after_sales import AfterSaleService
from gateway.services.batch_by_shop import Found
from gateway.services.directory import Directory
from gateway.services.failures import SHOP_FAILURES
from gateway.services.refund_limits import check_refund, release_refund, reserve_refund
from gateway.services.viewer import Viewer
from gateway.services.writing.record_change import OrderChangeRecorder
from gateway.services.writing.targets import Targets, target_key
from gateway.services.writing.write_result import WriteResult, attempt, read_back
from gateway.store.store import Store
from schema.after_sale import AfterSale, AfterSaleKind, RejectReason, ReturnAddress
from schema.errors import ErrorCode
from schema.inputs.after_sale import (
    AfterSaleAcceptInput,
    AfterSaleNegotiateInput,
    AfterSaleRejectInput,
)
from schema.key import Key

_KIND: Final = "after-sale"
_ABILITY: Final = "after-sales to decide on"
_ASK_AFTER_SALE: Final = (
    "read the after-sale's `platformStatus` with Cache-Control: no-cache before you repeat it."
)


class _Target(NamedTuple):
    """An after-sale as its platform has it, and the port that decides on it."""

    after_sale: AfterSale
    port: DecidesAfterSales


class AfterSaleDecisions:
    """Reads each after-sale, counts what accepting it pays, and asks its shop's port to decide."""

    def __init__(
        self,
        directory: Directory,
        after_sales: AfterSaleService,
        store: Store,
        recorder: OrderChangeRecorder,
    ) -> None:
        self._directory = directory
        self._targets = Targets(directory)
        self._after_sales = after_sales
        self._store = store
        self._recorder = recorder

    async def reject_reasons(
        self, shop: str, viewer: Viewer, reading: ReadOptions
    ) -> Sequence[RejectReason]:
        """The reasons with which a shop may reject an after-sale.

        Raises:
            BadUserInput: no such shop, or one whose after-sales cannot be decided on.
            PlatformFailure: the platform failed.
        """
        port = self._directory.need(shop, viewer, lambda one: one.decides_after_sales, _ABILITY)
        return await port.reject_reasons(reading)

    async def return_addresses(
        self, shop: str, viewer: Viewer, reading: ReadOptions
    ) -> Sequence[ReturnAddress]:
        """The addresses to which goods are returned to a shop; raises as `reject_reasons`."""
        port = self._directory.need(shop, viewer, lambda one: one.decides_after_sales, _ABILITY)
        return await port.return_addresses(reading)

    async def accept(
        self, given: AfterSaleAcceptInput, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[AfterSale]:
        """Agrees to an after-sale or pays it, within the ceilings of the caller's key.

        Raises:
            Forbidden: the refund exceeds a ceiling; the platform was not asked.
        """

        async def decide(target: _Target) -> None:
            pays = target.port.check_accept(target.after_sale, given)

            async def call() -> None:
                await target.port.accept(target.after_sale, given, reading.deadline)

            await self._within_limit(target.after_sale, viewer, call, pays=pays)

        return await self._decided(given.id, viewer, reading, decide)

    async def reject(
        self, given: AfterSaleRejectInput, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[AfterSale]:
        """Rejects an after-sale."""
        return await self._decided(
            given.id,
            viewer,
            reading,
            lambda target: target.port.reject(target.after_sale, given, reading.deadline),
        )

    async def negotiate(
        self, given: AfterSaleNegotiateInput, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[AfterSale]:
        """Asks the buyer for something else."""
        return await self._decided(
            given.id,
            viewer,
            reading,
            lambda target: target.port.negotiate(target.after_sale, given, reading.deadline),
        )

    async def add_certificates(
        self, id_: str, images: Sequence[str], text: str, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[AfterSale]:
        """Adds proof of a refund that was made outside the platform."""
        return await self._decided(
            id_,
            viewer,
            reading,
            lambda target: target.port.add_certificates(
                target.after_sale, images, text, reading.deadline
            ),
        )

    async def ship_exchange(
        self, id_: str, carrier: str, number: str, viewer: Viewer, reading: ReadOptions
    ) -> WriteResult[AfterSale]:
        """Reports the parcel with the new goods of an exchange."""
        return await self._decided(
            id_,
            viewer,
            reading,
            lambda target: target.port.ship_exchange(
                target.after_sale, carrier, number, reading.deadline
            ),
        )

    async def _within_limit(
        self,
        after_sale: AfterSale,
        viewer: Viewer,
        call: Callable[[], Awaitable[None]],
        *,
        pays: bool,
    ) -> None:
        """Makes the call, with the refund counted before; gives it back if nothing was paid.

        A return that is agreed to is paid later, perhaps by the platform itself: it must not
        exceed what a call may refund, and is counted once, when it is paid here.
        """
        fen = _refund_of(after_sale, viewer)
        if not pays:
            check_refund(viewer, fen)
            await call()
            return
        async with self._store.transaction() as transaction:
            await reserve_refund(self._store, transaction, viewer, fen)
        try:
            await call()
        except AnswerLost:
            raise
        except GatewayError:
            async with self._store.transaction() as transaction:
                await release_refund(self._store, transaction, viewer, fen)
            raise

    async def _decided(
        self,
        id_: str,
        viewer: Viewer,
        reading: ReadOptions,
        decide: Callable[[_Target], Awaitable[None]],
    ) -> WriteResult[AfterSale]:
        afresh = msgspec.structs.replace(reading, fresh=True, strict=True)

        async def work() -> Key:
            target = await self._target(id_, viewer, afresh)
            await decide(target)
            return target.after_sale.key

        done = await attempt(work(), find_out=_ASK_AFTER_SALE)
        unknown = any(error.code is ErrorCode.OUTCOME_UNKNOWN for error in done.errors)
        if done.value is None and not unknown:
            return WriteResult(errors=done.errors)
        key = done.value or target_key(id_, "AfterSale", "id")
        # Followers of the order learn of it once the order was read.
        await self._recorder.look_again(Key("Order", key.shop, key.platform_id))
        if done.value is None:
            return WriteResult(errors=done.errors)
        return read_back(await self._found(key, viewer, afresh))

    async def _target(self, id_: str, viewer: Viewer, reading: ReadOptions) -> _Target:
        """The after-sale of an id as its platform has it now.

        Raises:
            InputRefused: there is no such shop, or it has no after-sales to decide on.
            Absent: there is no such after-sale.
            PlatformFailure: it cannot be read; nothing was sent.
        """
        key = target_key(id_, "AfterSale", "id")

        def choose(adapter: Adapter) -> DecidesAfterSales | None:
            return adapter.decides_after_sales

        port = self._targets.port(key.shop, viewer, choose, _ABILITY, "id")
        after_sale = await self._after_sales.get(key, viewer, reading)
        if after_sale is None:
            raise Absent(_KIND)
        note_buyer(key.shop, after_sale.open_id)
        return _Target(after_sale, port)

    async def _found(self, key: Key, viewer: Viewer, reading: ReadOptions) -> Found[AfterSale]:
        try:
            return await self._after_sales.get(key, viewer, reading)
        except SHOP_FAILURES as failure:
            return failure


def _refund_of(after_sale: AfterSale, viewer: Viewer) -> int:
    """What is refunded, in fen; 0 for an exchange.

    Raises:
        Forbidden: the platform does not report it, and the key may refund so much only.
    """
    if after_sale.refund is not None:
        return after_sale.refund.fen
    if after_sale.kind is not AfterSaleKind.EXCHANGE and viewer.refund_limit != RefundLimit():
        raise Forbidden(
            "This API key has a refund limit, and the platform does not report the amount."
        )
    return 0
