"""Copies of orders in other shops: the original of a copy, and the copies of an order."""

from collections.abc import Mapping, Sequence

from gateway.ports import Adapter
from gateway.services.batch_by_shop import Found, batch_by_shop
from gateway.services.directory import Directory
from gateway.services.viewer import Viewer
from gateway.store.mirrors import Mirrors
from schema.key import Key


class CopyService:
    """Finds by the mirrors which order is whose copy; a failing store fails its own keys."""

    def __init__(self, directory: Directory, mirrors: Mirrors) -> None:
        self._directory = directory
        self._mirrors = mirrors

    async def originals(self, keys: Sequence[Key], viewer: Viewer) -> Sequence[Found[Key]]:
        """The key of each order's original; None if it is no copy, or for this viewer none."""

        async def load(adapter: Adapter, mine: Sequence[Key]) -> Mapping[Key, Found[Key]]:
            if adapter.accepts_orders is None:
                return {}
            plain = [key for key in mine if not key.part]
            named = await self._mirrors.originals(
                adapter.shop.key_name, [key.platform_id for key in plain]
            )
            return {
                key: Key("Order", *named[key.platform_id])
                for key in plain
                if key.platform_id in named and viewer.sees(named[key.platform_id][0])
            }

        return await batch_by_shop(self._directory, viewer, keys, load)

    async def copies(self, keys: Sequence[Key], viewer: Viewer) -> Sequence[Found[Sequence[Key]]]:
        """The keys of each order's copies that the viewer sees, by shop; some may not exist."""

        async def load(adapter: Adapter, mine: Sequence[Key]) -> Mapping[Key, Found[Sequence[Key]]]:
            if not adapter.traits.mirrors_from:
                return {}
            plain = [key for key in mine if not key.part]
            named = await self._mirrors.copies(
                adapter.shop.key_name, [key.platform_id for key in plain]
            )
            return {
                key: [
                    Key("Order", shop, name)
                    for shop, name in named.get(key.platform_id, ())
                    if viewer.sees(shop)
                ]
                for key in plain
            }

        found = await batch_by_shop(self._directory, viewer, keys, load)
        return [() if one is None else one for one in found]
