"""Orders of shops that keep their own copy: import, change, status, deletion."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from msgspec.structs import replace

from gateway.ledger.needs import UnfitDocument
from gateway.outbox.desk import Answer, Decision, Known, OrderDesk, Wish
from gateway.outbox.parcel import OrderPayload, Parcel, written
from gateway.ports import Adapter, Codes, Reading, TakesOrders
from gateway.services.directory import Directory
from gateway.services.orders import OrderService
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.order_changes import camel, changed, given_fields
from gateway.services.writing.order_inputs import InputReader, ReadOrder
from gateway.services.writing.push_errors import push_errors
from gateway.services.writing.receipts import (
    OrderReceipt,
    OrdersReceipt,
    Refusal,
    order_receipt,
    refusals,
    user_errors,
)
from gateway.services.writing.targets import Targets, target_key
from gateway.services.writing.unfit import note_unfit
from gateway.store.documents import AfterSaleDocument, OrderDocument, OrderPersonal
from gateway.store.pushes import PushQuery
from gateway.store.receipts import left_before
from gateway.store.store import Store
from gateway.writes.problems import InputRefused, Problems
from schema.inputs.order import OrderImportInput, OrderStatusInput, OrderUpdateInput
from schema.key import Key
from schema.order import Order
from schema.order_status import OrderStatus
from schema.push import Push
from schema.user_error import ErrorCode, UserError

Given = TypeVar("Given")
Port = TakesOrders[Parcel]
Path = tuple[str, ...]

_ABILITY: Final = "order list of its own that orders are pushed to"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDone:
    """What became of one order; without it where nothing was done."""

    order: Order | None = None
    push: Push | None = None
    errors: list[UserError] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A wish, and where in the input it came from."""

    at: Path
    key: Key
    wish: Wish


class OrderWriting:
    """Reads the input, asks the platform's rules, and brings it to the desk.

    `now` gives unix seconds.
    """

    def __init__(
        self,
        directory: Directory,
        store: Store,
        desk: OrderDesk,
        orders: OrderService,
        pushes: PushService,
        now: Callable[[], float],
    ) -> None:
        self._targets = Targets(directory)
        self._store = store
        self._desk = desk
        self._orders = orders
        self._pushes = pushes
        self._now = now

    async def bring_in(
        self, given: Mapping[Path, OrderImportInput], viewer: Viewer, reading: Reading
    ) -> list[OrderDone]:
        """Imports orders, each with its own outcome; the paths tell where in the input each is.

        Raises:
            StoreUnavailable: nothing was accepted.
        """

        async def task(at: Path, one: OrderImportInput) -> _Task:
            problems = Problems().below(*at)
            port = self._port(one.shop, viewer, *at, "shop")
            order = InputReader(problems, int(self._now())).order(one)
            problems.stop()
            if one.after_sales and not port.takes_after_sales:
                problems.add(
                    "This platform has no after-sales of its own: a refunded order is REFUNDED.",
                    "afterSales",
                    code=ErrorCode.UNSUPPORTED_BY_PLATFORM,
                )
                problems.stop()
            refused = await self._was_refused(one.shop, one.platform_id)
            wish = Wish(
                shop=one.shop,
                platform_id=one.platform_id,
                decide=lambda known: _import(port, one, order, known, at, refused=refused),
            )
            key = Key("Order", one.shop, one.platform_id)
            return _Task(at=at, key=key, wish=wish)

        return await self._each(given, task, viewer, reading)

    async def update(self, given: OrderUpdateInput, viewer: Viewer, reading: Reading) -> OrderDone:
        """Changes what is given of an order.

        Raises:
            StoreUnavailable: nothing was accepted.
        """

        async def task(at: Path, one: OrderUpdateInput) -> _Task:
            key = target_key(one.id, "Order", "id")
            port = self._port(key.shop, viewer, "id")
            problems = Problems()
            for name in sorted(map(camel, given_fields(one))):
                if name in port.unchangeable:
                    problems.add(
                        "No call of this platform changes it: import the order again with"
                        " overwrite: true.",
                        name,
                        code=ErrorCode.UNSUPPORTED_BY_PLATFORM,
                    )
            problems.stop()

            def decide(known: Known) -> Decision:
                document, personal = _there(known)
                reader = InputReader(Problems(), int(self._now()))
                document, personal = changed(reader, one, document, personal)
                reader.problems.stop()
                return _decided(port, "ORDER_UPDATE", document, personal, known, at)

            wish = Wish(shop=key.shop, platform_id=key.platform_id, decide=decide)
            return _Task(at=at, key=key, wish=wish)

        (done,) = await self._each({(): given}, task, viewer, reading)
        return done

    async def set_status(
        self, given: Mapping[Path, OrderStatusInput], viewer: Viewer, reading: Reading
    ) -> list[OrderDone]:
        """Sets the statuses of orders, each with its own outcome.

        Raises:
            StoreUnavailable: nothing was accepted.
        """

        async def task(at: Path, one: OrderStatusInput) -> _Task:
            key = target_key(one.id, "Order", *at, "id")
            port = self._port(key.shop, viewer, *at, "id")

            def decide(known: Known) -> Decision:
                document, personal = _there(known, *at)
                document = replace(document, status=one.status.name, updated_at=int(self._now()))
                if one.open_id is not None:
                    reader = InputReader(Problems().below(*at), int(self._now()))
                    personal = replace(personal, open_id=reader.id(one.open_id, "openId"))
                    reader.problems.stop()
                return _decided(port, "ORDER_STATUS", document, personal, known, at)

            wish = Wish(shop=key.shop, platform_id=key.platform_id, decide=decide)
            return _Task(at=at, key=key, wish=wish)

        return await self._each(given, task, viewer, reading)

    async def delete(self, id_: str, viewer: Viewer, reading: Reading) -> OrderDone:
        """Deletes an order; where the platform cannot, it becomes HIDDEN.

        Raises:
            StoreUnavailable: nothing was accepted.
        """

        async def task(at: Path, one: str) -> _Task:
            key = target_key(one, "Order", "id")
            port = self._port(key.shop, viewer, "id")

            def decide(known: Known) -> Decision:
                document, personal = _there(known)
                if port.deletes:
                    return Decision(
                        operation="ORDER_DELETE",
                        document=document,
                        personal=personal,
                        deletes=True,
                    )
                hidden = replace(
                    document, status=OrderStatus.HIDDEN.name, updated_at=int(self._now())
                )
                return _decided(port, "ORDER_DELETE", hidden, personal, known, at)

            wish = Wish(shop=key.shop, platform_id=key.platform_id, decide=decide)
            return _Task(at=at, key=key, wish=wish)

        (done,) = await self._each({(): id_}, task, viewer, reading)
        return done

    async def _each(
        self,
        given: Mapping[Path, Given],
        task: Callable[[Path, Given], Awaitable[_Task]],
        viewer: Viewer,
        reading: Reading,
    ) -> list[OrderDone]:
        """What became of each input, in their order."""
        receipt = left_before(OrdersReceipt)
        if receipt is None:
            refused: dict[Path, OrderReceipt] = {}
            tasks: dict[Key, _Task] = {}
            for at, one in given.items():
                try:
                    made = await task(at, one)
                except InputRefused as refusal:
                    refused[at] = OrderReceipt(at=at, refusals=refusals(refusal.errors))
                    continue
                if made.key in tasks:
                    twice = Refusal(ErrorCode.CONFLICT, "This order stands twice here.", [*at])
                    refused[at] = OrderReceipt(at=at, refusals=[twice])
                    continue
                tasks[made.key] = made
            receipt = await self._accepted(given, refused, list(tasks.values()))
        return await self._shown(receipt.orders, viewer, reading)

    async def _accepted(
        self,
        given: Iterable[Path],
        refused: Mapping[Path, OrderReceipt],
        tasks: Sequence[_Task],
    ) -> OrdersReceipt:
        def receipt(answers: Sequence[Answer]) -> OrdersReceipt:
            told = {
                task.at: order_receipt(task.at, [task.key], answer)
                for task, answer in zip(tasks, answers, strict=True)
            }
            return OrdersReceipt([refused.get(at) or told[at] for at in given])

        if not tasks:
            return receipt([])
        return receipt(await self._desk.carry_out([task.wish for task in tasks], receipt))

    async def _shown(
        self, receipts: Sequence[OrderReceipt], viewer: Viewer, reading: Reading
    ) -> list[OrderDone]:
        """The orders of receipts, and their pushes, as they are now."""
        keys = [key for one in receipts for key in one.keys]
        orders = dict(zip(keys, await self._orders.get_many(keys, viewer, reading), strict=True))
        numbers = [
            Key("Push", key.shop, str(one.push_id))
            for one in receipts
            for key in one.keys
            if one.push_id is not None
        ]
        found = await self._pushes.get_many(numbers, viewer)
        pushes = {push.key.platform_id: push for push in found if push is not None}
        done = []
        for one in receipts:
            order = orders.get(one.keys[0]) if one.keys else None
            push = pushes.get(str(one.push_id))
            done.append(
                OrderDone(
                    order=None if isinstance(order, Exception) else order,
                    push=push,
                    errors=[*user_errors(one.refusals), *push_errors(push, one.at)],
                )
            )
        return done

    async def _was_refused(self, shop: str, platform_id: str) -> bool:
        """Whether the platform took nothing of this order yet."""
        query = PushQuery([shop], order_id=platform_id)
        pushes = await self._store.pushes.page(query, limit=50)
        return bool(pushes) and all(push.state == "REJECTED" for push in pushes)

    def _port(self, shop: str, viewer: Viewer, *field_: str) -> Port:
        def choose(adapter: Adapter) -> Port | None:
            return adapter.order_writes

        return self._targets.port(shop, viewer, choose, _ABILITY, *field_)


def _import(
    port: Port, given: OrderImportInput, order: ReadOrder, known: Known, at: Path, *, refused: bool
) -> Decision:
    there = known.order is not None
    if there and not given.overwrite and not refused:
        message = (
            "The order is here already: change it with orderUpdate, or give overwrite: true to"
            " replace it, its after-sales included."
        )
        raise InputRefused.of(ErrorCode.CONFLICT, message, *at, "platformId")
    after_sales = known.after_sales if order.after_sales is None else order.after_sales
    document = order.document
    if document.after_sale_status is None and order.after_sales is None and known.order:
        # The after-sales go along, and with them where they stand together.
        document = replace(document, after_sale_status=known.order.document.after_sale_status)
    replaces = there and not refused
    operation = "ORDER_IMPORT"
    codes = _checked(port, operation, document, order.personal, after_sales, at)
    return Decision(
        operation=None if given.adopt else operation,
        document=replace(document, platform_status=codes.order),
        personal=order.personal,
        after_sales=[
            replace(one, platform_status=code)
            for one, code in zip(after_sales, codes.after_sales, strict=False)
        ],
        replaces=replaces,
    )


def _decided(
    port: Port,
    operation: str,
    document: OrderDocument,
    personal: OrderPersonal,
    known: Known,
    at: Path,
) -> Decision:
    codes = _checked(port, operation, document, personal, known.after_sales, at)
    document = replace(document, platform_status=codes.order)
    return Decision(operation=operation, document=document, personal=personal)


def _checked(
    port: Port,
    operation: str,
    document: OrderDocument,
    personal: OrderPersonal,
    after_sales: Sequence[AfterSaleDocument],
    at: Path,
) -> Codes:
    """The platform's codes.

    Raises:
        InputRefused: the platform would not take it.
    """
    payload = OrderPayload(order=document, after_sales=tuple(after_sales))
    parcel = Parcel(operation=operation, payload=written(payload), personal=personal)
    try:
        return port.check(parcel)
    except UnfitDocument as unfit:
        problems = Problems().below(*at)
        note_unfit(unfit, problems)
        problems.stop()
        raise


def _there(known: Known, *at: str) -> tuple[OrderDocument, OrderPersonal]:
    if known.order is None:
        raise InputRefused.of(ErrorCode.NOT_FOUND, "There is no such order.", *at, "id")
    return known.order.document, known.order.personal or OrderPersonal()
