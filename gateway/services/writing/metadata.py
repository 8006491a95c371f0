"""Sets metadata: the integrators' own keys and values of orders and products."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from gateway.mutation_progress import begin_step
from gateway.ports import ReadOptions
from gateway.ports.writing.problems import InputRefused, Problems
from gateway.services.directory import Directory
from gateway.services.metadata import metadata_items
from gateway.services.orders import OrderService
from gateway.services.products import ProductService
from gateway.services.viewer import Viewer
from gateway.services.writing.input_reader import InputReader
from gateway.services.writing.targets import read_key_of
from gateway.store.mutation_receipts import left_before, write_receipt
from gateway.store.store import Store
from schema.errors import ErrorCode, UserError
from schema.key import Key
from schema.metadata import MetadataInput, MetadataItem
from schema.order import Order

#: Keys of one object.
MOST_KEYS: Final = 50
#: The types that have metadata.
KINDS: Final = ("Order", "Product")
_LINE_BREAKS: Final = {"\n", "\r", "\t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataResult:
    """All metadata of the object afterwards; empty if nothing was changed."""

    items: Sequence[MetadataItem] = ()
    errors: list[UserError] = field(default_factory=list)


class MetadataReceipt(msgspec.Struct, frozen=True):
    """Receipt of metadata that was set."""


class MetadataWriting:
    """Sets the metadata of orders and products that there are."""

    def __init__(
        self,
        directory: Directory,
        store: Store,
        orders: OrderService,
        products: ProductService,
    ) -> None:
        self._directory = directory
        self._store = store
        self._orders = orders
        self._products = products

    async def set(
        self, id_: str, given: Sequence[MetadataInput], viewer: Viewer, reading: ReadOptions
    ) -> MetadataResult:
        """Replaces the values of the given keys; an empty value removes its key.

        Raises:
            PlatformFailure | Overloaded: whether there is such an object cannot be read; nothing
                was changed.
            StoreUnavailable: nothing was changed.
        """
        try:
            key = _target(id_)
            if left_before(MetadataReceipt) is None:
                changes = _changes(given)
                await self._change(key, changes, viewer, reading)
                begin_step()
            found = await self._store.metadata_items.get_many([key])
        except InputRefused as refused:
            return MetadataResult(errors=list(refused.errors))
        return MetadataResult(items=metadata_items(found[key]))

    async def _change(
        self, key: Key, changes: Mapping[str, str], viewer: Viewer, reading: ReadOptions
    ) -> None:
        found = await self._found(key, viewer, reading)
        if found is None:
            message = f"There is no such {key.kind.lower()}."
            raise InputRefused.of(ErrorCode.NOT_FOUND, message, "id")
        buyer = found.buyer_data if isinstance(found, Order) else None
        buyer_id = None if buyer is None else buyer.open_id or buyer.swan_id
        async with self._store.transaction() as transaction:
            await self._store.metadata_items.change(transaction, key, changes, buyer_id)
            kept = await self._store.metadata_items.get_many([key], within=transaction)
            if len(kept[key]) > MOST_KEYS:
                message = f"An object has at most {MOST_KEYS} keys: remove some first."
                raise InputRefused.of(ErrorCode.INVALID, message, "items")
            await write_receipt(transaction, MetadataReceipt(), [key])

    async def _found(self, key: Key, viewer: Viewer, reading: ReadOptions) -> Any:
        if self._directory.find(key.shop, viewer) is None:
            return None
        service = self._orders if key.kind == "Order" else self._products
        (found,) = await service.get_many([key], viewer, reading)
        if isinstance(found, Exception):
            raise found
        return found


def _target(id_: str) -> Key:
    """The key of an order or a product.

    Raises:
        InputRefused: INVALID.
    """
    problems = Problems()
    key = read_key_of(id_, KINDS, problems, "id")
    problems.stop()
    assert key is not None  # noqa: S101 - without a key there is a problem
    return key


def _changes(given: Sequence[MetadataInput]) -> dict[str, str]:
    """The values by their keys.

    Raises:
        InputRefused: INVALID.
    """
    problems = Problems()
    reader = InputReader(problems, now=0)
    reader.several(given, MOST_KEYS, "items")
    reader.each_once([item.key for item in given], "items", field="key")
    for place, item in enumerate(given):
        if not item.key.strip() or not item.key.isprintable():
            message = "A key has a character at least, and no control character."
            problems.add(message, "items", place, "key")
        if not all(one.isprintable() or one in _LINE_BREAKS for one in item.value):
            message = "A value has no control characters but line breaks and tabs."
            problems.add(message, "items", place, "value")
    problems.stop()
    return {item.key: item.value for item in given}
