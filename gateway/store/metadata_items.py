"""Metadata: the integrators' own keys and values of orders and products."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import bindparam, delete, select

from gateway.store.crypto import Vault
from gateway.store.encrypted_values import EncryptedOpenIds
from gateway.store.engine import Database, Transaction
from gateway.store.tables import metadata_items
from schema.key import Key

_c = metadata_items.c
_OF_OBJECTS: Final = (
    select(_c.platform_id, _c.part, _c.key, _c.value)
    .where(
        _c.kind == bindparam("of_kind"),
        _c.shop == bindparam("in_shop"),
        _c.platform_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(_c.platform_id, _c.part, _c.key)
)
_REMOVE: Final = delete(metadata_items).where(
    _c.kind == bindparam("of_kind"),
    _c.shop == bindparam("in_shop"),
    _c.platform_id == bindparam("of_id"),
    _c.part == bindparam("of_part"),
    _c.key.in_(bindparam("names", expanding=True)),
)
_DELETE: Final = delete(metadata_items).where(
    _c.kind == bindparam("of_kind"),
    _c.shop == bindparam("in_shop"),
    _c.platform_id.in_(bindparam("ids", expanding=True)),
    _c.part == "",
)


class MetadataItems:
    """Reads and writes the items; every method raises StoreUnavailable.

    An object is named by its public key, whose kind is "Order" or "Product".
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._open_id = EncryptedOpenIds(vault, column="metadata_items.open_id")
        self._put = database.upsert(metadata_items)

    async def get_many(
        self, objects: Sequence[Key], *, within: Transaction | None = None
    ) -> dict[Key, dict[str, str]]:
        """The values of each object by their keys, which are sorted; empty: it has none."""
        found: dict[Key, dict[str, str]] = {one: {} for one in objects}
        groups: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for one in objects:
            groups[one.kind, one.shop].add(one.platform_id)
        for (kind, shop), ids in groups.items():
            values = {"of_kind": kind, "in_shop": shop, "ids": sorted(ids)}
            for row in await self._database.fetch(_OF_OBJECTS, values, within):
                items = found.get(Key(kind, shop, row.platform_id, row.part))
                if items is not None:
                    items[row.key] = row.value
        return found

    async def change(
        self, transaction: Transaction, of: Key, changes: Mapping[str, str], buyer_id: str | None
    ) -> None:
        """Replaces the values of these keys; an empty value removes its key.

        `buyer_id` is the buyer's of an order, by whom its metadata is found to be erased.
        """
        names = {"of_kind": of.kind, "in_shop": of.shop, "of_id": of.platform_id}
        removed = sorted(key for key, value in changes.items() if not value)
        if removed:
            values = names | {"of_part": of.part, "names": removed}
            await transaction.connection.execute(_REMOVE, values)
        written = sorted((key, value) for key, value in changes.items() if value)
        if written:
            rows = [self._row(transaction, of, key, value, buyer_id) for key, value in written]
            await transaction.connection.execute(self._put, rows)

    async def delete(
        self, transaction: Transaction, kind: str, shop: str, platform_ids: Collection[str]
    ) -> None:
        """Deletes all items of objects of the shop itself that there are no longer."""
        if platform_ids:
            values = {"of_kind": kind, "in_shop": shop, "ids": sorted(platform_ids)}
            await transaction.connection.execute(_DELETE, values)

    def _row(
        self, transaction: Transaction, of: Key, key: str, value: str, buyer_id: str | None
    ) -> dict[str, object]:
        name = f"{of.kind}/{of.platform_id}/{of.part}/{key}"
        buyer, open_id = None, None
        if buyer_id is not None:
            buyer = self._vault.blind_index(of.shop, buyer_id)
            open_id = self._open_id.seal(buyer_id, shop=of.shop, row=name)
        return {
            "kind": of.kind,
            "shop": of.shop,
            "platform_id": of.platform_id,
            "part": of.part,
            "key": key,
            "value": value,
            "buyer": buyer,
            "open_id": open_id,
            "written_at": transaction.now,
        }
