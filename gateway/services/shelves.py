"""Shelves and groups of all shops."""

from collections.abc import Mapping, Sequence

from gateway.errors import BadUserInput
from gateway.ports import Adapter, Group, Page, ReadOptions, ReadsShelves
from gateway.services.batch_by_shop import Found, batch_by_shop
from gateway.services.cursor import NO_CURSOR, ListStart, Place, behind, read_cursor
from gateway.services.directory import Directory
from gateway.services.fan_out import FanOut, Listing, ListRequest
from gateway.services.merge import Merged, Part, SortOrder, by_shop_alone
from gateway.services.viewer import Viewer
from gateway.stale_reads import named
from schema.key import Key
from schema.shelf import ProductGroup, Shelf
from schema.shop import Shop


class ShelfService:
    """Routes queries of shelves and groups to the shops' ports."""

    def __init__(self, directory: Directory, fan_out: FanOut) -> None:
        self._directory = directory
        self._fan_out = fan_out

    async def get(self, key: Key, viewer: Viewer, reading: ReadOptions) -> Shelf | None:
        """One shelf; None if there is none."""
        adapter = self._directory.find(key.shop, viewer)
        if adapter is None or adapter.shelves is None:
            return None
        return await adapter.shelves.get(key.platform_id, reading)

    async def page(
        self,
        shops: Sequence[str] | None,
        after: str | None,
        first: int,
        viewer: Viewer,
        reading: ReadOptions,
    ) -> Merged[Shelf]:
        """The merged list: by shop, as configured, then in the platform's order.

        Raises:
            BadUserInput: an unknown shop, one without shelves, or a cursor of another list.
            PlatformFailure: every shop asked failed.
        """

        async def read(
            port: ReadsShelves, place: Place, count: int, within: ReadOptions
        ) -> Page[Shelf]:
            last = _last_seen(place)
            whole = await port.all(within)
            rest = [shelf for shelf in whole.items if _rank(shelf.platform_id) > last]
            return Page(
                items=rest[:count],
                more=len(rest) > count,
                total=len(whole.items),
                provenance=whole.provenance,
            )

        listing: Listing[Shelf, ReadsShelves] = Listing(
            ability="shelves",
            port=lambda adapter: adapter.shelves,
            read=read,
            order=SortOrder(by_shop_alone, lambda shelf: (shelf.platform_id,)),
        )
        places = read_cursor(after, timed=False)
        part = Part(start=ListStart(places=places), size=first)
        asked = ListRequest(shops=shops, platforms=None, part=part)
        return await self._fan_out.across(viewer, listing, asked, reading)

    async def groups(self, shop: str, viewer: Viewer, reading: ReadOptions) -> list[ProductGroup]:
        """All groups of a shop.

        Raises:
            BadUserInput: no such shop, or one without groups.
            PlatformFailure: the platform failed.
        """
        adapter = self._directory.get(shop, viewer)
        port = self._directory.need(shop, viewer, lambda a: a.groups, "product groups")
        return [_group(adapter.shop, group) for group in await port.all(reading)]

    async def groups_by_key(
        self, keys: Sequence[Key], viewer: Viewer, reading: ReadOptions
    ) -> Sequence[Found[ProductGroup]]:
        """Groups in the order of their keys; their names take one call per shop."""

        async def load(adapter: Adapter, _: Sequence[Key]) -> Mapping[Key, ProductGroup]:
            if adapter.groups is None:
                return {}
            groups = [_group(adapter.shop, group) for group in await adapter.groups.all(reading)]
            return {group.key: group for group in groups}

        return await batch_by_shop(self._directory, viewer, keys, load)

    async def groups_of_products(
        self, keys: Sequence[Key], viewer: Viewer, reading: ReadOptions
    ) -> Sequence[Found[list[ProductGroup]]]:
        """The groups that contain each product; takes a call per group, shared by all products."""

        async def load(adapter: Adapter, mine: Sequence[Key]) -> Mapping[Key, list[ProductGroup]]:
            if adapter.groups is None:
                return {}
            known = await adapter.groups.all(reading)
            ids = [group.platform_id for group in known]
            # A stale group may contain, or have contained, any product.
            full = await named(None, adapter.groups.get_many(ids, reading))
            return {
                key: [
                    _group(adapter.shop, group)
                    for group in full.values()
                    if key.platform_id in (group.product_ids or ())
                ]
                for key in mine
            }

        return await batch_by_shop(self._directory, viewer, keys, load)

    async def members(
        self, keys: Sequence[Key], viewer: Viewer, reading: ReadOptions
    ) -> Sequence[Found[tuple[str, ...]]]:
        """The ids of the products in each group, in the group's order."""

        async def load(adapter: Adapter, mine: Sequence[Key]) -> Mapping[Key, tuple[str, ...]]:
            if adapter.groups is None:
                return {}
            found = await adapter.groups.get_many([key.platform_id for key in mine], reading)
            return {
                key: found[key.platform_id].product_ids or ()
                for key in mine
                if key.platform_id in found
            }

        return await batch_by_shop(self._directory, viewer, keys, load)


def _group(shop: Shop, group: Group) -> ProductGroup:
    key = Key("ProductGroup", shop.key_name, group.platform_id)
    return ProductGroup(key=key, shop=shop, platform_id=group.platform_id, name=group.name)


def _rank(shelf: str) -> int:
    """The sort rank of a shelf in its shop's list: non-numeric ids come first."""
    return int(shelf) if shelf.isascii() and shelf.isdecimal() else 0


def _last_seen(place: Place) -> int:
    """The rank of the shelf that a cursor follows; -1 at the list's beginning.

    Raises:
        BadUserInput: it follows no shelf.
    """
    last = behind(place)
    if last is None:
        return -1
    if not (last.isascii() and last.isdecimal()):
        raise BadUserInput(NO_CURSOR)
    return int(last)
