"""Directory of the configured shops, and their selection for a viewer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from gateway.errors import BadUserInput
from gateway.mutation_progress import note_shop
from gateway.ports import Adapter
from gateway.services.viewer import Viewer
from schema.platform import Platform
from schema.shipment import Carrier

Port = TypeVar("Port")


class Directory:
    """All shops in the order of the configuration, each seen only by keys bound to it."""

    def __init__(self, adapters: Mapping[str, Adapter]) -> None:
        self._adapters = adapters

    def all(self, viewer: Viewer) -> list[Adapter]:
        """The shops that the viewer sees."""
        return [adapter for key, adapter in self._adapters.items() if viewer.sees(key)]

    def find(self, key: str, viewer: Viewer) -> Adapter | None:
        """One shop, None if there is none for this viewer."""
        adapter = self._adapters.get(key)
        if adapter is None or not viewer.sees(key):
            return None
        note_shop(key)
        return adapter

    def get(self, key: str, viewer: Viewer) -> Adapter:
        """One shop.

        Raises:
            BadUserInput: there is no such shop for this viewer.
        """
        adapter = self.find(key, viewer)
        if adapter is None:
            raise BadUserInput(self._unknown([key], viewer))
        return adapter

    def select(
        self,
        viewer: Viewer,
        shops: Iterable[str] | None,
        platforms: Iterable[Platform] | None = None,
    ) -> list[Adapter]:
        """The shops that a filter selects, in the order of the configuration.

        Raises:
            BadUserInput: the filter names a shop that does not exist for this viewer.
        """
        chosen = self.all(viewer)
        if shops is not None:
            wanted = set(shops)
            unknown = wanted - {adapter.shop.key_name for adapter in chosen}
            if unknown:
                raise BadUserInput(self._unknown(sorted(unknown), viewer))
            chosen = [adapter for adapter in chosen if adapter.shop.key_name in wanted]
        if platforms is not None:
            meant = set(platforms)
            chosen = [adapter for adapter in chosen if adapter.shop.platform in meant]
        return chosen

    def need(
        self, key: str, viewer: Viewer, port: Callable[[Adapter], Port | None], ability: str
    ) -> Port:
        """One shop's port.

        Raises:
            BadUserInput: no such shop, or its platform cannot do this.
        """
        adapter = self.get(key, viewer)
        found = port(adapter)
        if found is None:
            raise BadUserInput(unsupported([adapter], ability))
        return found

    def carriers(self, shop: str) -> Sequence[Carrier]:
        """The carriers that a shop's platform has codes for."""
        adapter = self._adapters.get(shop)
        return (adapter.traits.carriers if adapter is not None else None) or ()

    def _unknown(self, keys: Sequence[str], viewer: Viewer) -> str:
        known = ", ".join(adapter.shop.key_name for adapter in self.all(viewer)) or "none"
        named = ", ".join(f'"{key}"' for key in keys)
        return f"There is no shop {named}. Shops of this API key: {known}."


def unsupported(adapters: Sequence[Adapter], ability: str) -> str:
    """The message if a platform cannot do what was requested."""
    shops = ", ".join(
        f"{adapter.shop.key_name} ({adapter.shop.platform.name})" for adapter in adapters
    )
    return f"The platform of {shops} has no {ability}."
