"""Mirrors orders into other shops, and imports links between buyers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec

from gateway.outbox.intake import ConcurrentInsert
from gateway.outbox.outcomes import refusals, user_errors
from gateway.ports import ReadOptions
from gateway.ports.writing.problems import InputRefused, Problems
from gateway.services.directory import Directory
from gateway.services.mirroring.plan import AlreadyInSync, CannotCopy
from gateway.services.mirroring.synchroniser import LinksReceipt, MirrorReceipt, MirrorSynchroniser
from gateway.services.orders import OrderService
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.input_reader import InputReader
from gateway.services.writing.order_results import OrderResult, push_errors
from gateway.services.writing.targets import Targets, target_key
from gateway.store.documents import MirrorDocument
from gateway.store.mirrors import Mirror
from gateway.store.mutation_receipts import left_before
from schema.errors import ErrorCode, UserError
from schema.inputs.order import BuyerLinkInput
from schema.key import Key
from schema.order import Order
from schema.order_details import BaiduOrderKind
from schema.push import Push

_ABILITY: Final = "order list of its own that orders are copied into"
#: Links of one mutation.
MOST_LINKS: Final = 500
#: Arguments of orderMirror that a violation can be reported at, by the field of the copy.
_ARGUMENTS: Final = {
    "id": "id",
    "openId": "openId",
    "kind": "kind",
    "title": "title",
    "payment.paidAt": "paidAt",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorGiven:
    """The optional arguments of orderMirror."""

    open_id: str | None = None
    kind: BaiduOrderKind | None = None
    title: str | None = None
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksResult:
    """How many links were written or removed, and the pushes that are sent because of them."""

    linked: int = 0
    released: list[Push] = field(default_factory=list)
    errors: list[UserError] = field(default_factory=list)


class MirrorWriting:
    """Reads the input and passes it to the synchroniser; `now` returns unix seconds.

    Every method raises InputRefused where the input is invalid.
    """

    def __init__(
        self,
        directory: Directory,
        synchroniser: MirrorSynchroniser,
        orders: OrderService,
        pushes: PushService,
        now: Callable[[], float],
    ) -> None:
        self._directory = directory
        self._targets = Targets(directory)
        self._synchroniser = synchroniser
        self._orders = orders
        self._pushes = pushes
        self._now = now

    async def mirror(
        self, id_: str, to_shop: str, given: MirrorGiven, viewer: Viewer, reading: ReadOptions
    ) -> OrderResult:
        """Copies an order and keeps the copy in sync; the result's order is the copy.

        Raises:
            PlatformFailure | StoreUnavailable: the order or its mirror cannot be read; nothing was
                done.
        """
        key = target_key(id_, "Order", "id")
        receipt = left_before(MirrorReceipt)
        if receipt is not None:
            return await self._shown(key, to_shop, receipt, viewer, reading)
        self._check_shops(key, to_shop, viewer)
        reader = InputReader(Problems(), int(self._now()))
        if given.open_id is not None:
            reader.id(given.open_id, "openId")
        paid_at = reader.perhaps_second(given.paid_at, "paidAt")
        reader.problems.stop()
        read_at = self._now()
        order = await self._order(key, viewer, reading)
        buyer = order.buyer_data.open_id if order.buyer_data else None
        if buyer is None and given.open_id is None:
            message = "The platform reports no buyer of this order: pass openId."
            raise InputRefused.of(ErrorCode.INVALID, message, "openId")
        mirror = Mirror(
            shop=key.shop,
            platform_id=key.platform_id,
            to_shop=to_shop,
            to_platform_id=key.platform_id,
            settings=MirrorDocument(
                title=given.title, kind=given.kind.name if given.kind else None, paid_at=paid_at
            ),
            open_id=buyer,
            to_open_id=given.open_id,
        )
        return await self._synchronised(mirror, order, read_at, viewer, reading)

    async def link(
        self, shop: str, to_shop: str, links: Sequence[BuyerLinkInput], viewer: Viewer
    ) -> LinksResult:
        """Stores which open ids are the same buyer, and sends the copies that waited for it.

        Copies that went to another buyer are deleted there, and sent to this one.

        Raises:
            StoreUnavailable: nothing was linked.
        """
        done = left_before(LinksReceipt)
        if done is not None:
            return await self._released(to_shop, done, viewer)
        reader = self._reader_of_links(shop, to_shop, viewer)
        reader.several(links, MOST_LINKS, "links")
        known: dict[str, str] = {}
        for place, link in enumerate(links):
            reader.id(link.open_id, "links", place, "openId")
            reader.id(link.to_open_id, "links", place, "toOpenId")
            if known.setdefault(link.open_id, link.to_open_id) != link.to_open_id:
                message = "An earlier entry links this buyer to another one of the other shop."
                reader.problems.add(message, "links", place, "toOpenId")
        reader.problems.stop()
        receipt = await self._synchroniser.link(shop, to_shop, known)
        return await self._released(to_shop, receipt, viewer)

    async def unlink(
        self, shop: str, to_shop: str, open_ids: Sequence[str], viewer: Viewer
    ) -> LinksResult:
        """Takes links back: copies that they brought to buyers are deleted there, and wait.

        Raises:
            StoreUnavailable: no link was removed.
        """
        done = left_before(LinksReceipt)
        if done is not None:
            return await self._released(to_shop, done, viewer)
        reader = self._reader_of_links(shop, to_shop, viewer)
        reader.several(open_ids, MOST_LINKS, "openIds")
        for place, open_id in enumerate(open_ids):
            reader.id(open_id, "openIds", place)
        reader.problems.stop()
        receipt = await self._synchroniser.unlink(shop, to_shop, list(dict.fromkeys(open_ids)))
        return await self._released(to_shop, receipt, viewer)

    def _reader_of_links(self, shop: str, to_shop: str, viewer: Viewer) -> InputReader:
        """Reads the rest of an input; raises InputRefused for shops that have no such links."""
        self._targets.port(shop, viewer, lambda adapter: adapter.orders, "orders", "shop")
        self._targets.port(
            to_shop, viewer, lambda adapter: adapter.accepts_orders, _ABILITY, "toShop"
        )
        reader = InputReader(Problems(), int(self._now()))
        if shop == to_shop:
            reader.problems.add("toShop must not be the shop in `shop`.", "toShop")
        return reader

    async def end(self, id_: str, viewer: Viewer, reading: ReadOptions) -> OrderResult:
        """Ends the mirror of a copy, which stays as it is; the result's order is the copy.

        Raises:
            StoreUnavailable: nothing was ended.
        """
        key = target_key(id_, "Order", "id")
        if left_before(MirrorReceipt) is None:
            self._targets.port(
                key.shop, viewer, lambda adapter: adapter.accepts_orders, _ABILITY, "id"
            )
            plain = [] if key.part else [key.platform_id]
            mirrors = await self._synchroniser.of_copies(key.shop, plain)
            (found,) = await self._orders.get_many([key], viewer, reading)
            if isinstance(found, Exception):
                raise found
            if found is None or not mirrors:
                what = "order" if found is None else "mirror of this order: it is no copy"
                raise InputRefused.of(ErrorCode.NOT_FOUND, f"There is no such {what}.", "id")
            ended = [await self._synchroniser.end(one) for one in mirrors if one.stopped is None]
            if not any(ended):
                message = "The mirror of this copy has ended already."
                raise InputRefused.of(ErrorCode.CONFLICT, message, "id")
        (found,) = await self._orders.get_many([key], viewer, reading)
        return OrderResult(order=found if isinstance(found, Order) else None, errors=[])

    async def _released(self, to_shop: str, receipt: LinksReceipt, viewer: Viewer) -> LinksResult:
        found = await self._pushes.numbered(to_shop, receipt.push_ids, viewer)
        pushes = [push for push in found if push is not None]
        return LinksResult(
            linked=receipt.linked,
            released=pushes,
            errors=[error for push in pushes for error in push_errors(push)],
        )

    async def _synchronised(
        self, mirror: Mirror, order: Order, read_at: float, viewer: Viewer, reading: ReadOptions
    ) -> OrderResult:
        try:
            result = await self._synchroniser.mirror(mirror, order, read_at)
        except ConcurrentInsert as overtaken:
            raise InputRefused.of(ErrorCode.CONFLICT, overtaken.message, "id") from None
        if isinstance(result.refusal, CannotCopy):
            raise InputRefused(_errors(result.refusal))
        if result.refusal is not None and not isinstance(result.refusal, AlreadyInSync):
            raise result.refusal
        key = Key("Order", mirror.shop, mirror.platform_id)
        receipt = MirrorReceipt(result.push_id, refusals(result.warnings))
        return await self._shown(key, mirror.to_shop, receipt, viewer, reading)

    async def _shown(
        self, key: Key, to_shop: str, receipt: MirrorReceipt, viewer: Viewer, reading: ReadOptions
    ) -> OrderResult:
        """The copy, which has its order's id, and its push as they are now."""
        copy = Key("Order", to_shop, key.platform_id)
        (found,) = await self._orders.get_many([copy], viewer, reading)
        push = None
        if receipt.push_id is not None:
            (push,) = await self._pushes.numbered(to_shop, [receipt.push_id], viewer)
        return OrderResult(
            order=found if isinstance(found, Order) else None,
            push=push,
            errors=push_errors(push),
            warnings=user_errors(receipt.warnings),
        )

    def _check_shops(self, key: Key, to_shop: str, viewer: Viewer) -> None:
        adapter = self._directory.find(key.shop, viewer)
        if adapter is None:
            raise InputRefused.of(ErrorCode.NOT_FOUND, "There is no such order.", "id")
        if not adapter.traits.mirrors_from or adapter.orders is None:
            message = "Orders of this shop cannot be mirrored: they were imported here."
            raise InputRefused.of(ErrorCode.UNSUPPORTED_BY_PLATFORM, message, "id")
        self._targets.port(
            to_shop, viewer, lambda adapter: adapter.accepts_orders, _ABILITY, "toShop"
        )

    async def _order(self, key: Key, viewer: Viewer, reading: ReadOptions) -> Order:
        afresh = msgspec.structs.replace(reading, fresh=True, strict=True)
        (found,) = await self._orders.get_many([key], viewer, afresh)
        if isinstance(found, Exception):
            raise found
        if found is None:
            raise InputRefused.of(ErrorCode.NOT_FOUND, "There is no such order.", "id")
        return found


def _errors(refusal: CannotCopy) -> list[UserError]:
    problems = []
    for violation in refusal.violations:
        if violation.path[:1] == ("id",):
            code = ErrorCode.CONFLICT
        elif violation.unsupported:
            code = ErrorCode.UNSUPPORTED_BY_PLATFORM
        else:
            code = ErrorCode.INVALID
        argument = _ARGUMENTS.get(violation.path[0], _ARGUMENTS.get(".".join(violation.path)))
        words = violation.message
        if argument is None:
            words = (
                f"{'.'.join(violation.path)}: {words}; pages can be set in [[mirrors]] of the"
                " configuration"
            )
        message = f"{words[:1].upper()}{words[1:]}."
        problems.append(UserError(code=code, message=message, field=[argument or "toShop"]))
    return problems
