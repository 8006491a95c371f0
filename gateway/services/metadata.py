"""Metadata of orders and products, in batches."""

from collections.abc import Mapping, Sequence

from gateway.store.store import Store
from schema.key import Key
from schema.metadata import MetadataItem


class MetadataService:
    """Reads metadata from the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of_objects(self, keys: Sequence[Key]) -> list[list[MetadataItem]]:
        """The metadata of each order or product, by key; raises StoreUnavailable.

        The caller has read the objects, so that it may see them.
        """
        found = await self._store.metadata_items.get_many(keys)
        return [metadata_items(found[key]) for key in keys]


def metadata_items(values: Mapping[str, str]) -> list[MetadataItem]:
    """The items as the public schema shows them."""
    return [MetadataItem(key=key, value=value) for key, value in values.items()]
