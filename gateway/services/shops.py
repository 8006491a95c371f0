"""Shops in the ledger."""

from collections.abc import Sequence

from gateway.services.directory import Directory
from gateway.services.viewer import Viewer
from gateway.store.store import Store


class ShopService:
    """Reads shops from the ledger."""

    def __init__(self, directory: Directory, store: Store) -> None:
        self._directory = directory
        self._store = store

    async def cart_paths(self, keys: Sequence[str], viewer: Viewer) -> list[str | None]:
        """The page behind each shop's cart button; None if none was set."""
        seen = [key for key in keys if self._directory.find(key, viewer) is not None]
        found = await self._store.shops.get_many(seen)
        return [found[key].cart_path if key in found else None for key in keys]
