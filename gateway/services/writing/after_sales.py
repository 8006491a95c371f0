"""After-sales of shops that keep their own copy: import, change, status."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec.structs import replace
from strawberry import UNSET

from gateway.ledger.mapping.standing import standing
from gateway.outbox.desk import Answer, Decision, Known, OrderDesk, Wish
from gateway.outbox.parcel import OrderPayload, Parcel, written
from gateway.ports import Adapter, Reading, TakesOrders
from gateway.services.after_sales import AfterSaleService
from gateway.services.directory import Directory
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.order_inputs import InputReader, page
from gateway.services.writing.push_errors import push_errors
from gateway.services.writing.receipts import (
    OrderReceipt,
    OrdersReceipt,
    order_receipt,
    refusals,
    user_errors,
)
from gateway.services.writing.targets import Targets, target_key
from gateway.services.writing.unfit import noting_unfit
from gateway.store.documents import AfterSaleDocument, OrderDocument, OrderPersonal
from gateway.store.receipts import left_before
from gateway.writes.problems import InputRefused, Problems
from schema.after_sale import AfterSale, AfterSaleKind, WritableAfterSaleStatus
from schema.inputs.after_sale import (
    AfterSaleImportInput,
    AfterSaleStatusInput,
    AfterSaleUpdateInput,
)
from schema.key import Key
from schema.push import Push
from schema.user_error import ErrorCode, UserError

Path = tuple[str, ...]
Port = TakesOrders[Parcel]

_ABILITY: Final = "after-sales of its own: a refunded order is REFUNDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterSalesDone:
    """What became of after-sales: those that were changed, their deliveries, and what is wrong."""

    after_sales: list[AfterSale] = field(default_factory=list)
    pushes: list[Push] = field(default_factory=list)
    errors: list[UserError] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A wish about one order, and where in the input it came from."""

    at: Path
    wish: Wish
    #: The after-sales that it is about; filled while the wish is decided.
    keys: list[Key]
    errors: list[UserError] = field(default_factory=list)


class AfterSaleWriting:
    """Reads the input, asks the platform's rules, and brings it to the desk.

    `now` gives unix seconds. Every method raises StoreUnavailable where nothing was accepted.
    """

    def __init__(
        self,
        directory: Directory,
        desk: OrderDesk,
        after_sales: AfterSaleService,
        pushes: PushService,
        now: Callable[[], float],
    ) -> None:
        self._targets = Targets(directory)
        self._desk = desk
        self._after_sales = after_sales
        self._pushes = pushes
        self._now = now

    async def bring_in(
        self, given: AfterSaleImportInput, viewer: Viewer, reading: Reading
    ) -> AfterSalesDone:
        """Adds after-sales to an order."""
        return await self._carried_out(
            lambda: ([self._import_task(given, viewer)], []), viewer, reading
        )

    async def update(
        self, given: AfterSaleUpdateInput, viewer: Viewer, reading: Reading
    ) -> AfterSalesDone:
        """Changes what is given of an after-sale."""
        return await self._carried_out(
            lambda: ([self._update_task(given, viewer)], []), viewer, reading
        )

    async def set_status(
        self, given: Mapping[Path, AfterSaleStatusInput], viewer: Viewer, reading: Reading
    ) -> AfterSalesDone:
        """Sets where after-sales stand, each with its own outcome; one push an order."""
        return await self._carried_out(lambda: self._status_tasks(given, viewer), viewer, reading)

    def _status_tasks(
        self, given: Mapping[Path, AfterSaleStatusInput], viewer: Viewer
    ) -> tuple[list[_Task], list[UserError]]:
        """A task for each order, and what is refused before any is asked."""
        errors: list[UserError] = []
        orders: dict[tuple[str, str], dict[Path, tuple[Key, AfterSaleStatusInput]]] = {}
        seen: set[Key] = set()
        for at, one in given.items():
            try:
                key = target_key(one.id, "AfterSale", *at, "id")
                self._port(key.shop, viewer, *at, "id")
            except InputRefused as refused:
                errors += refused.errors
                continue
            if key in seen:
                errors.append(_error(ErrorCode.CONFLICT, "This after-sale stands twice here.", at))
                continue
            seen.add(key)
            orders.setdefault((key.shop, key.platform_id), {})[at] = (key, one)
        tasks = [
            self._status_task(self._port(shop, viewer), shop, order, inputs)
            for (shop, order), inputs in orders.items()
        ]
        return tasks, errors

    def _import_task(self, given: AfterSaleImportInput, viewer: Viewer) -> _Task:
        order = target_key(given.order_id, "Order", "orderId")
        port = self._port(order.shop, viewer, "orderId")
        reader = self._reader()
        names = [one.platform_id for one in given.after_sales]
        if not names:
            reader.problems.add("Give one after-sale at least.", "afterSales")
        for place, name in enumerate(names):
            if name in names[:place]:
                reader.problems.add("It stands twice.", "afterSales", place, "platformId")
        new = [
            reader.after_sale(one, order.platform_id, "afterSales", place)
            for place, one in enumerate(given.after_sales)
        ]
        if given.open_id is not None:
            reader.id(given.open_id, "openId")
        reader.problems.stop()
        keys = [Key("AfterSale", order.shop, order.platform_id, name) for name in names]

        def decide(known: Known) -> Decision:
            document, personal = _order(known, given.open_id, "orderId")
            there = {one.platform_id for one in known.after_sales}
            problems = Problems()
            for place, name in enumerate(names):
                if name in there:
                    problems.add(
                        "The order has it already: change it with afterSaleUpdate.",
                        *("afterSales", place, "platformId"),
                        code=ErrorCode.CONFLICT,
                    )
            together = given.order_after_sale_status
            document = _standing(document, [*known.after_sales, *new], together)
            coded = _checked(port, "AFTER_SALE_IMPORT", document, personal, new, problems)
            problems.stop()
            return _decision(
                "AFTER_SALE_IMPORT", document, personal, [*known.after_sales, *coded], names
            )

        wish = Wish(shop=order.shop, platform_id=order.platform_id, decide=decide)
        return _Task(at=(), wish=wish, keys=keys)

    def _update_task(self, given: AfterSaleUpdateInput, viewer: Viewer) -> _Task:
        key = target_key(given.id, "AfterSale", "id")
        port = self._port(key.shop, viewer, "id")
        reader = self._reader()
        changes = _changes(given, reader)
        open_id = given.open_id if isinstance(given.open_id, str) else None
        if open_id is not None:
            reader.id(open_id, "openId")
        reader.problems.stop()

        def decide(known: Known) -> Decision:
            document, personal = _order(known, open_id, "id")
            mine = _named(known, key.part, "id")
            changed = replace(mine, **changes)
            problems = Problems()
            (coded,) = _checked(
                port, "AFTER_SALE_UPDATE", document, personal, [changed], problems, below=2
            )
            problems.stop()
            after_sales = _with(known.after_sales, [coded])
            document = _standing(document, after_sales, None)
            return _decision("AFTER_SALE_UPDATE", document, personal, after_sales, [key.part])

        wish = Wish(shop=key.shop, platform_id=key.platform_id, decide=decide)
        return _Task(at=(), wish=wish, keys=[key])

    def _status_task(
        self,
        port: Port,
        shop: str,
        order: str,
        inputs: Mapping[Path, tuple[Key, AfterSaleStatusInput]],
    ) -> _Task:
        keys: list[Key] = []
        errors: list[UserError] = []
        first = next(iter(inputs))

        def decide(known: Known) -> Decision:
            # It may be asked anew, where others came in between.
            keys.clear()
            errors.clear()
            given = [one for _, one in inputs.values()]
            open_id = next((one.open_id for one in given if one.open_id is not None), None)
            document, personal = _order(known, open_id, *first, "id")
            changed = []
            for at, (key, one) in inputs.items():
                try:
                    mine = _named(known, key.part, *at, "id")
                except InputRefused as refused:
                    errors.extend(refused.errors)
                    continue
                keys.append(key)
                now = int(self._now())
                changed.append(replace(mine, status=one.status.name, updated_at=now))
            if not changed:
                raise InputRefused(errors)
            problems = Problems()
            coded = _checked(port, "AFTER_SALE_STATUS", document, personal, changed, problems)
            problems.stop()
            together = [one.order_after_sale_status for one in given if one.order_after_sale_status]
            after_sales = _with(known.after_sales, coded)
            document = _standing(document, after_sales, together[-1] if together else None)
            names = [one.platform_id for one in coded]
            return _decision("AFTER_SALE_STATUS", document, personal, after_sales, names)

        wish = Wish(shop=shop, platform_id=order, decide=decide)
        return _Task(at=first, wish=wish, keys=keys, errors=errors)

    async def _carried_out(
        self,
        read: Callable[[], tuple[list[_Task], list[UserError]]],
        viewer: Viewer,
        reading: Reading,
    ) -> AfterSalesDone:
        """What became of the tasks that are read from the input, unless they were done before."""
        receipt = left_before(OrdersReceipt)
        if receipt is None:
            try:
                tasks, errors = read()
            except InputRefused as refused:
                return AfterSalesDone(errors=list(refused.errors))
            receipt = await self._accepted(tasks, errors)
        return await self._shown(receipt.orders, viewer, reading)

    async def _accepted(self, tasks: Sequence[_Task], errors: Sequence[UserError]) -> OrdersReceipt:
        def receipt(answers: Sequence[Answer]) -> OrdersReceipt:
            before = [OrderReceipt(at=(), refusals=refusals(errors))] if errors else []
            told = [
                order_receipt(task.at, task.keys, answer, task.errors)
                for task, answer in zip(tasks, answers, strict=True)
            ]
            return OrdersReceipt([*before, *told])

        if not tasks:
            return receipt([])
        return receipt(await self._desk.carry_out([task.wish for task in tasks], receipt))

    async def _shown(
        self, receipts: Sequence[OrderReceipt], viewer: Viewer, reading: Reading
    ) -> AfterSalesDone:
        """The after-sales of receipts, and their pushes, as they are now."""
        done = AfterSalesDone()
        for one in receipts:
            done.errors.extend(user_errors(one.refusals))
            if not one.keys:
                continue
            key = Key("Push", one.keys[0].shop, str(one.push_id))
            (push,) = await self._pushes.get_many([key], viewer)
            if push is not None:
                done.pushes.append(push)
            done.errors.extend(push_errors(push, one.at))
            found = [await self._after_sales.get(name, viewer, reading) for name in one.keys]
            done.after_sales.extend(thing for thing in found if thing is not None)
        return done

    def _reader(self) -> InputReader:
        return InputReader(Problems(), int(self._now()))

    def _port(self, shop: str, viewer: Viewer, *field_: str) -> Port:
        def choose(adapter: Adapter) -> Port | None:
            port = adapter.order_writes
            return port if port is not None and port.takes_after_sales else None

        return self._targets.port(shop, viewer, choose, _ABILITY, *field_)


def _changes(given: AfterSaleUpdateInput, reader: InputReader) -> dict[str, Any]:
    """What is given, as the document's fields."""
    changes: dict[str, Any] = {"updated_at": reader.now}
    for name in ("status", "kind"):
        value: WritableAfterSaleStatus | AfterSaleKind | None = getattr(given, name)
        if value is None:
            message = "An after-sale is never without it: leave it out to keep it."
            reader.problems.add(message, name)
        elif value is not UNSET:
            changes[name] = value.name
    if given.refund is not UNSET:
        changes["refund"] = reader.perhaps_money(given.refund, "refund")
    if given.items is not UNSET:
        changes["items"] = reader.after_sale_items(given.items or (), "items")
    if given.updated_at is not UNSET and given.updated_at is not None:
        changes["updated_at"] = reader.second(given.updated_at, "updatedAt")
    if given.page is not UNSET:
        changes["page"] = page(given.page)
    return changes


def _checked(  # noqa: PLR0913 - all that the platform is asked about
    port: Port,
    operation: str,
    document: OrderDocument,
    personal: OrderPersonal,
    after_sales: Sequence[AfterSaleDocument],
    problems: Problems,
    *,
    below: int = 0,
) -> list[AfterSaleDocument]:
    """The after-sales with the platform's codes; what it would not take is noted.

    Paths begin with the place of the after-sale, such as afterSales.0: `below` cuts that off.
    """
    payload = OrderPayload(order=document, after_sales=tuple(after_sales))
    parcel = Parcel(operation=operation, payload=written(payload), personal=personal)
    with noting_unfit(problems, cut=below):
        codes = port.check(parcel).after_sales
        return [
            replace(one, platform_status=code) for one, code in zip(after_sales, codes, strict=True)
        ]
    return list(after_sales)


def _decision(
    operation: str,
    document: OrderDocument,
    personal: OrderPersonal,
    after_sales: Sequence[AfterSaleDocument],
    names: Sequence[str],
) -> Decision:
    return Decision(
        operation=operation,
        document=document,
        personal=personal,
        after_sales=after_sales,
        named=tuple(names),
        subject=("AfterSale", names[0]) if len(names) == 1 else None,
    )


def _order(known: Known, open_id: str | None, *at: str) -> tuple[OrderDocument, OrderPersonal]:
    if known.order is None:
        raise InputRefused.of(ErrorCode.NOT_FOUND, "There is no such order.", *at)
    personal = known.order.personal or OrderPersonal()
    return known.order.document, personal if open_id is None else replace(personal, open_id=open_id)


def _named(known: Known, name: str, *at: str) -> AfterSaleDocument:
    for one in known.after_sales:
        if one.platform_id == name:
            return one
    raise InputRefused.of(ErrorCode.NOT_FOUND, "There is no such after-sale.", *at)


def _with(
    after_sales: Sequence[AfterSaleDocument], changed: Sequence[AfterSaleDocument]
) -> list[AfterSaleDocument]:
    by_name = {one.platform_id: one for one in changed}
    return [by_name.get(one.platform_id, one) for one in after_sales]


def _standing(
    document: OrderDocument,
    after_sales: Sequence[AfterSaleDocument],
    together: WritableAfterSaleStatus | None,
) -> OrderDocument:
    status = standing(after_sales) if together is None else together.name
    return replace(document, after_sale_status=status)


def _error(code: ErrorCode, message: str, at: Path) -> UserError:
    return UserError(code=code, message=message, field=list(at) or None)
