"""Commands about the after-sales of an order: import, update, status."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace
from strawberry import UNSET

from gateway.ledger.mapping.after_sale import common_status
from gateway.outbox.command import CurrentState, Decision
from gateway.ports.writing.problems import InputRefused, Path, Problems
from gateway.services.writing.after_sales.inputs import after_sale_items, new_after_sales
from gateway.services.writing.input_reader import InputReader, page
from gateway.services.writing.stored_order import Port, stored_order, with_wire_form
from gateway.store.documents import AfterSaleDocument, OrderDocument, OrderPersonal
from schema.after_sale import AfterSaleKind, WritableAfterSaleStatus
from schema.errors import ErrorCode, UserError
from schema.inputs.after_sale import (
    AfterSaleImportInput,
    AfterSaleStatusInput,
    AfterSaleUpdateInput,
)
from schema.key import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportAfterSales:
    """Adds after-sales to an order."""

    at: Path = ()
    port: Port
    order: Key
    added: tuple[AfterSaleDocument, ...]
    open_id: str | None
    order_status: WritableAfterSaleStatus | None

    @classmethod
    def read(
        cls, given: AfterSaleImportInput, order: Key, port: Port, reader: InputReader
    ) -> "ImportAfterSales":
        """The command of an input.

        Raises:
            InputRefused: the input is invalid.
        """
        if not given.after_sales:
            reader.problems.add("Give at least one after-sale.", "afterSales")
        added = new_after_sales(reader, given.after_sales, order.platform_id)
        if given.open_id is not None:
            reader.id(given.open_id, "openId")
        reader.problems.stop()
        return cls(
            port=port,
            order=order,
            added=added,
            open_id=given.open_id,
            order_status=given.order_after_sale_status,
        )

    @property
    def shop(self) -> str:
        """The key of the order's shop."""
        return self.order.shop

    @property
    def platform_id(self) -> str:
        """The order's platform id."""
        return self.order.platform_id

    def apply(self, state: CurrentState) -> Decision:
        """The order with the new after-sales after the existing ones."""
        document, personal = _order(state, self.open_id, "orderId")
        problems = Problems()
        existing = {one.platform_id for one in state.after_sales}
        for place, one in enumerate(self.added):
            if one.platform_id in existing:
                problems.add(
                    "The order has this after-sale already: change it with afterSaleUpdate.",
                    *("afterSales", place, "platformId"),
                    code=ErrorCode.CONFLICT,
                )
        decision = _decision(
            "AFTER_SALE_IMPORT",
            document,
            personal,
            [*state.after_sales, *self.added],
            self.added,
            order_status=self.order_status,
        )
        return with_wire_form(decision, state, self.port, problems, given=("afterSales",))


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateAfterSale:
    """Changes the given fields of an after-sale."""

    at: Path = ()
    port: Port
    key: Key
    changes: Mapping[str, Any]
    open_id: str | None

    @classmethod
    def read(
        cls, given: AfterSaleUpdateInput, key: Key, port: Port, reader: InputReader
    ) -> "UpdateAfterSale":
        """The command of an input.

        Raises:
            InputRefused: the input is invalid.
        """
        changes = _changes(given, reader)
        open_id = given.open_id if isinstance(given.open_id, str) else None
        if open_id is not None:
            reader.id(open_id, "openId")
        reader.problems.stop()
        return cls(port=port, key=key, changes=changes, open_id=open_id)

    @property
    def shop(self) -> str:
        """The key of the order's shop."""
        return self.key.shop

    @property
    def platform_id(self) -> str:
        """The order's platform id."""
        return self.key.platform_id

    def apply(self, state: CurrentState) -> Decision:
        """The order with the after-sale changed."""
        document, personal = _order(state, self.open_id, "id")
        changed = replace(_after_sale(state, self.key.part, "id"), **self.changes)
        decision = _decision(
            "AFTER_SALE_UPDATE",
            document,
            personal,
            _with_changed(state.after_sales, [changed]),
            [changed],
        )
        # The paths begin with the after-sale's place in the order: afterSales.0.
        return with_wire_form(
            decision,
            state,
            self.port,
            Problems(),
            given=("afterSales",) if "page" in self.changes else (),
            placed=lambda path: path[2:],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAfterSaleStatuses:
    """Sets the statuses of after-sales of one order, in one push; `now` in unix seconds.

    `inputs` are in input order, by their paths; `at` is the path of the first.
    """

    at: Path
    port: Port
    order: Key
    inputs: Mapping[Path, tuple[Key, AfterSaleStatusInput]]
    now: int

    @property
    def shop(self) -> str:
        """The key of the order's shop."""
        return self.order.shop

    @property
    def platform_id(self) -> str:
        """The order's platform id."""
        return self.order.platform_id

    def apply(self, state: CurrentState) -> Decision:
        """The order with the statuses; after-sales that it does not have are refused singly."""
        given = [one for _, one in self.inputs.values()]
        open_id = next((one.open_id for one in given if one.open_id is not None), None)
        document, personal = _order(state, open_id, *self.at, "id")
        changed: list[AfterSaleDocument] = []
        errors: list[UserError] = []
        for at, (key, one) in self.inputs.items():
            try:
                stored = _after_sale(state, key.part, *at, "id")
            except InputRefused as refused:
                errors.extend(refused.errors)
                continue
            changed.append(replace(stored, status=one.status.name, updated_at=self.now))
        if not changed:
            raise InputRefused(errors)
        common = [one.order_after_sale_status for one in given if one.order_after_sale_status]
        decision = _decision(
            "AFTER_SALE_STATUS",
            document,
            personal,
            _with_changed(state.after_sales, changed),
            changed,
            order_status=common[-1] if common else None,
            refusals=errors,
        )
        return with_wire_form(decision, state, self.port, Problems())


def _order(
    state: CurrentState, open_id: str | None, *at: str
) -> tuple[OrderDocument, OrderPersonal]:
    """The stored order, with the buyer `open_id` if that is given.

    Raises:
        InputRefused: NOT_FOUND.
    """
    document, personal = stored_order(state, *at)
    return document, personal if open_id is None else personal.with_open_id(open_id)


def _after_sale(state: CurrentState, platform_id: str, *at: str) -> AfterSaleDocument:
    """The order's after-sale of this id.

    Raises:
        InputRefused: NOT_FOUND.
    """
    for one in state.after_sales:
        if one.platform_id == platform_id:
            return one
    raise InputRefused.of(ErrorCode.NOT_FOUND, "There is no such after-sale.", *at)


def _with_changed(
    after_sales: Iterable[AfterSaleDocument], changed: Iterable[AfterSaleDocument]
) -> list[AfterSaleDocument]:
    """All after-sales of an order, the changed ones in their places."""
    by_id = {one.platform_id: one for one in changed}
    return [by_id.get(one.platform_id, one) for one in after_sales]


def _decision(  # noqa: PLR0913 - the parts of a decision about after-sales
    operation: str,
    document: OrderDocument,
    personal: OrderPersonal,
    after_sales: Sequence[AfterSaleDocument],
    changed: Sequence[AfterSaleDocument],
    *,
    order_status: WritableAfterSaleStatus | None = None,
    refusals: Sequence[UserError] = (),
) -> Decision:
    """An order with all its after-sales, of which `changed` are sent.

    `order_status` is their common status; None: derived from theirs.
    """
    status = common_status(after_sales) if order_status is None else order_status.name
    return Decision(
        operation=operation,
        document=replace(document, after_sale_status=status),
        personal=personal,
        after_sales=after_sales,
        named=tuple(one.platform_id for one in changed),
        changes="AfterSale",
        refusals=refusals,
    )


def _changes(given: AfterSaleUpdateInput, reader: InputReader) -> dict[str, Any]:
    """The given fields, as those of the document."""
    changes: dict[str, Any] = {"updated_at": reader.now}
    for name in ("status", "kind"):
        value: WritableAfterSaleStatus | AfterSaleKind | None = getattr(given, name)
        if value is None:
            message = "An after-sale always has it: leave it out to keep it."
            reader.problems.add(message, name)
        elif value is not UNSET:
            changes[name] = value.name
    if given.refund is not UNSET:
        changes["refund"] = reader.perhaps_money(given.refund, "refund")
    if given.items is not UNSET:
        changes["items"] = after_sale_items(reader, given.items or (), "items")
    if given.created_at is None:
        message = "An after-sale always has it: leave it out to keep it."
        reader.problems.add(message, "createdAt")
    elif given.created_at is not UNSET:
        changes["created_at"] = reader.second(given.created_at, "createdAt")
    if given.updated_at is not UNSET and given.updated_at is not None:
        changes["updated_at"] = reader.second(given.updated_at, "updatedAt")
    if given.page is not UNSET:
        changes["page"] = page(given.page)
    return changes
