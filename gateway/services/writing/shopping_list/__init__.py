"""Shopping lists: changes of want-to-buy lists, products and the cart page."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeAlias, TypeVar

from gateway.errors import Overloaded, PlatformFailure
from gateway.ledger.mapping.wanted_item import wanted_item as public_line
from gateway.mutation_progress import note_buyer
from gateway.outbox.message import OutboxMessage
from gateway.outbox.outcomes import RemovedLine, ShoppingListOutcome, user_errors
from gateway.outbox.shopping_list_intake import ShoppingListCommand, ShoppingListIntake
from gateway.ports import AcceptsShoppingList, Adapter, ReadOptions, WireForm
from gateway.ports.writing.problems import Problems
from gateway.services.directory import Directory
from gateway.services.products import ProductService
from gateway.services.pushes import PushService
from gateway.services.viewer import Viewer
from gateway.services.writing.input_reader import InputReader
from gateway.services.writing.order_results import push_errors
from gateway.services.writing.shopping_list.commands import (
    ImportWantedItems,
    RemoveWantedItems,
    SetCartPath,
    SyncProducts,
    lines_of,
)
from gateway.services.writing.shopping_list.inputs import product, wanted_item
from gateway.services.writing.targets import Targets
from gateway.services.writing.validation_errors import add_unsent, collecting_violations
from gateway.store.documents import WantedItemDocument
from gateway.store.mutation_receipts import left_before
from gateway.store.store import Store
from gateway.store.wanted_items import WantedItemKey, WantedItemPosition
from schema.errors import ErrorCode, UserError
from schema.inputs.product_sync import ProductsSyncInput
from schema.inputs.wanted_item import WantedItemKeyInput, WantedItemsImportInput
from schema.key import Key
from schema.product import Product
from schema.push import Push
from schema.shop import Shop
from schema.wanted_item import WantedItem

T = TypeVar("T")
Port: TypeAlias = AcceptsShoppingList[OutboxMessage]

#: Lines, or products, of one mutation.
MOST: Final = 500
#: Lines of a list that are read at once.
_PAGE: Final = 100
#: The longest path of a page.
_LONGEST_PATH: Final = 1024
_ABILITY: Final = "shopping list"
_UNKNOWN_LINES: Final = (
    "The platform did not tell what is on the list: lines that were not added here are unknown, and"
    " stay. wantedItemsRemove removes them by their products and SKUs."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShoppingListResult(Generic[T]):
    """What was changed, as it is now, its pushes, and the errors that the caller can fix.

    `warnings` say what is not sent, or could not be known.
    """

    things: Sequence[T] = ()
    pushes: list[Push] = field(default_factory=list)
    errors: list[UserError] = field(default_factory=list)
    warnings: list[UserError] = field(default_factory=list)


class ShoppingListWriting:
    """Reads the input as a command, checks the platform's rules, passes it to the intake.

    `now` returns unix seconds. An input is accepted as a whole or not at all: every method raises
    InputRefused where a part of it is invalid, and StoreUnavailable where nothing was accepted.
    """

    def __init__(
        self,
        directory: Directory,
        store: Store,
        intake: ShoppingListIntake,
        products: ProductService,
        pushes: PushService,
        now: Callable[[], float],
    ) -> None:
        self._targets = Targets(directory)
        self._directory = directory
        self._store = store
        self._intake = intake
        self._products = products
        self._pushes = pushes
        self._now = now

    async def import_wanted_items(
        self, given: WantedItemsImportInput, viewer: Viewer
    ) -> ShoppingListResult[WantedItem]:
        """Adds lines to a buyer's list, or replaces those that are on it."""
        shop, open_id = given.shop, given.open_id
        outcome = left_before(ShoppingListOutcome)
        if outcome is None:
            port, reader = self._port(shop, viewer), self._reader(open_id)
            reader.several(given.items, MOST, "items")
            documents = [
                wanted_item(reader, one, "items", place) for place, one in enumerate(given.items)
            ]
            keys = [_key_of(document) for document in documents]
            reader.each_once(keys, "items")
            names = self._line_ids(shop, open_id, keys)
            command = ImportWantedItems(
                shop=shop, open_id=open_id, names=names, documents=documents
            )
            outcome = await self._carried_out(command, port, reader.problems, "items")
        found = await self._store.wanted_items.get_many(shop, outcome.names)
        lines = lines_of(outcome.names, found)
        return await self._lines_result(shop, open_id, lines, outcome, viewer)

    async def remove_wanted_items(
        self, shop: str, open_id: str, given: Sequence[WantedItemKeyInput], viewer: Viewer
    ) -> ShoppingListResult[WantedItem]:
        """Removes lines from a buyer's list; returns those that were on it, as they were.

        Lines that the ledger does not have are removed too: the platform may have them.
        """
        outcome = left_before(ShoppingListOutcome)
        if outcome is None:
            port, reader = self._port(shop, viewer), self._reader(open_id)
            reader.several(given, MOST, "items")
            keys = [
                WantedItemKey(one.platform_product_id, one.platform_sku_id or None) for one in given
            ]
            for place, key in enumerate(keys):
                reader.id(key.platform_product_id, "items", place, "platformProductId")
            reader.each_once(keys, "items")
            reader.problems.stop()
            command = self._removal(shop, open_id, keys)
            outcome = await self._carried_out(command, port, reader.problems, "items")
        return await self._lines_result(shop, open_id, outcome.removed, outcome, viewer)

    async def clear_wanted_items(
        self, shop: str, open_id: str, viewer: Viewer
    ) -> ShoppingListResult[WantedItem]:
        """Removes every line from a buyer's list: those in the ledger, and what the platform tells.

        Line by line: what is added meanwhile stays.
        """
        outcome = left_before(ShoppingListOutcome)
        if outcome is None:
            port, reader = self._port(shop, viewer), self._reader(open_id)
            reader.problems.stop()
            keys = await self._keys_of_list(shop, open_id)
            listed = await self._listed(port, open_id)
            keys += [key for key in dict.fromkeys(listed or ()) if key not in keys]
            unknown = UserError(code=ErrorCode.NOT_FOUND, message=_UNKNOWN_LINES)
            warnings = [unknown] if listed is None else []
            if not keys:
                return ShoppingListResult(warnings=warnings)
            command = self._removal(shop, open_id, keys)
            outcome = await self._carried_out(
                command, port, reader.problems, "items", warnings=warnings
            )
        return await self._lines_result(shop, open_id, outcome.removed, outcome, viewer)

    async def sync_products(
        self, given: ProductsSyncInput, viewer: Viewer, reading: ReadOptions
    ) -> ShoppingListResult[Product]:
        """Updates products; SKUs that are not given stay as they are."""
        shop = given.shop
        outcome = left_before(ShoppingListOutcome)
        if outcome is None:
            port, reader = self._port(shop, viewer), InputReader(Problems(), int(self._now()))
            reader.several(given.products, MOST, "products")
            documents = [
                product(reader, one, "products", place) for place, one in enumerate(given.products)
            ]
            command = SyncProducts(shop=shop, documents=documents, now=reader.now)
            reader.each_once(command.names, "products")
            outcome = await self._carried_out(command, port, reader.problems, "products")
        found = await self._products.get_many(
            [Key("Product", shop, name) for name in outcome.names], viewer, reading
        )
        things = [one for one in found if isinstance(one, Product)]
        return await self._result(shop, things, outcome, "products", viewer)

    async def set_cart_path(self, shop: str, path: str, viewer: Viewer) -> ShoppingListResult[Shop]:
        """Sets the page behind the cart button."""
        outcome = left_before(ShoppingListOutcome)
        if outcome is None:
            port, problems = self._port(shop, viewer), Problems()
            if not path.strip() or len(path) > _LONGEST_PATH or not path.isprintable():
                problems.add(
                    f"The path of a page has 1 to {_LONGEST_PATH} characters, none of them a"
                    " control character.",
                    "path",
                )
            command = SetCartPath(shop=shop, path=path)
            outcome = await self._carried_out(command, port, problems, "path", listed=False)
        things = [self._directory.get(shop, viewer).shop]
        return await self._result(shop, things, outcome, "path", viewer, listed=False)

    async def _carried_out(
        self,
        command: ShoppingListCommand,
        port: Port,
        problems: Problems,
        at: str,
        *,
        listed: bool = True,
        warnings: Sequence[UserError] = (),
    ) -> ShoppingListOutcome:
        """Writes the command's pushes as the platform takes them, then passes it to the intake.

        `at` is the field that it was read from, a list if `listed`. What the platform has no place
        for is added to the `warnings`.
        """
        pushes, forms, noted = command.pushes(), list[WireForm](), problems.apart()
        for place, push in enumerate(pushes):
            path = (at, place) if listed else ()
            with collecting_violations(problems, *path):
                form = port.wire_form(push.message)
                add_unsent(form.unsent, noted.below(*path))
                forms.append(form)
        problems.stop()
        return await self._intake.carry_out(command, pushes, forms, [*warnings, *noted.found])

    async def _lines_result(
        self,
        shop: str,
        open_id: str,
        lines: Iterable[RemovedLine],
        outcome: ShoppingListOutcome,
        viewer: Viewer,
    ) -> ShoppingListResult[WantedItem]:
        note_buyer(shop, open_id)
        # They were found by keyed hashes of this open id: it is theirs, even if unreadable.
        public = self._directory.get(shop, viewer).shop
        things = [
            public_line(
                line.document,
                public,
                item_id=line.item_id,
                found=open_id,
                added_at=line.added_at,
            )
            for line in lines
        ]
        return await self._result(shop, things, outcome, "items", viewer)

    async def _result(
        self,
        shop: str,
        things: Sequence[T],
        outcome: ShoppingListOutcome,
        at: str,
        viewer: Viewer,
        *,
        listed: bool = True,
    ) -> ShoppingListResult[T]:
        found = await self._pushes.numbered(shop, outcome.push_ids, viewer)
        errors = [
            error
            for place, push in enumerate(found)
            for error in push_errors(push, (at, str(place)) if listed else (at,))
        ]
        pushes = [push for push in found if push is not None]
        return ShoppingListResult(
            things=things, pushes=pushes, errors=errors, warnings=user_errors(outcome.warnings)
        )

    async def _listed(self, port: Port, open_id: str) -> list[WantedItemKey] | None:
        """What the platform has on the list; None if it does not tell, or not now."""
        try:
            listed = await port.listed(open_id)
        except (PlatformFailure, Overloaded):
            return None
        return None if listed is None else [WantedItemKey(*one) for one in listed]

    async def _keys_of_list(self, shop: str, open_id: str) -> list[WantedItemKey]:
        keys: list[WantedItemKey] = []
        after: WantedItemPosition | None = None
        while page := await self._store.wanted_items.page(shop, open_id, after=after, limit=_PAGE):
            keys += (_key_of(line.document) for line in page)
            after = WantedItemPosition(page[-1].added_at, page[-1].item_id)
        return keys

    def _removal(self, shop: str, open_id: str, keys: Sequence[WantedItemKey]) -> RemoveWantedItems:
        names = self._line_ids(shop, open_id, keys)
        return RemoveWantedItems(shop=shop, open_id=open_id, names=names, keys=keys)

    def _line_ids(self, shop: str, open_id: str, keys: Sequence[WantedItemKey]) -> list[str]:
        return [self._store.wanted_items.item_id(shop, open_id, key) for key in keys]

    def _port(self, shop: str, viewer: Viewer) -> Port:
        def choose(adapter: Adapter) -> Port | None:
            return adapter.accepts_shopping_list

        return self._targets.port(shop, viewer, choose, _ABILITY, "shop")

    def _reader(self, open_id: str) -> InputReader:
        """A reader that has read the buyer's open id."""
        reader = InputReader(Problems(), int(self._now()))
        reader.id(open_id, "openId")
        return reader


def _key_of(document: WantedItemDocument) -> WantedItemKey:
    return WantedItemKey(document.platform_product_id, document.platform_sku_id)
