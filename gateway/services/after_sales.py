"""After-sales of all shops: refunds, returns, exchanges and disputes in one list."""

from collections.abc import Mapping, Sequence

from gateway.ports import Adapter, AfterSaleQuery, ReadOptions, after_sale_place
from gateway.services.batch_by_shop import Found, batch_by_shop, key_by_key
from gateway.services.cursor import read_cursor
from gateway.services.directory import Directory
from gateway.services.fan_out import FanOut, ListRequest
from gateway.services.merge import Merged
from gateway.services.timeline import Timeline
from gateway.services.viewer import Viewer
from schema.after_sale import AfterSale, AfterSaleFilter
from schema.key import Key


def _name(after_sale: AfterSale) -> str:
    return after_sale_place(after_sale.key.platform_id, after_sale.key.part)


class AfterSaleService:
    """Routes queries of after-sales to the shops' ports."""

    def __init__(self, directory: Directory, fan_out: FanOut) -> None:
        self._directory = directory
        self._list: Timeline[AfterSale, AfterSaleQuery] = Timeline(
            fan_out=fan_out,
            ability="after-sales",
            port=lambda adapter: adapter.after_sales,
            name=_name,
        )

    async def get(self, key: Key, viewer: Viewer, reading: ReadOptions) -> AfterSale | None:
        """One after-sale; its key has the order's id, then its own."""
        adapter = self._directory.find(key.shop, viewer)
        if adapter is None or adapter.after_sales is None:
            return None
        return await adapter.after_sales.get(key.platform_id, key.part, reading)

    async def of_orders(
        self, keys: Sequence[Key], viewer: Viewer, reading: ReadOptions
    ) -> Sequence[Found[Sequence[AfterSale]]]:
        """The after-sales of each order, newest first; empty if it has none."""

        async def load(
            adapter: Adapter, mine: Sequence[Key]
        ) -> Mapping[Key, Found[Sequence[AfterSale]]]:
            found: dict[Key, Found[Sequence[AfterSale]]] = dict.fromkeys(mine, ())
            plain = [key for key in mine if not key.part]
            if plain and adapter.after_sales is not None:
                known = await adapter.after_sales.of_orders(
                    [key.platform_id for key in plain], reading
                )
                found |= {key: known.get(key.platform_id, ()) for key in plain}
            if (partner := adapter.partner_orders) is not None:
                found |= await key_by_key(
                    [key for key in mine if key.part],
                    lambda key: partner.after_sales(key.part, key.platform_id, reading),
                )
            return found

        return await batch_by_shop(self._directory, viewer, keys, load)

    async def page(
        self,
        chosen: AfterSaleFilter | None,
        after: str | None,
        first: int,
        viewer: Viewer,
        reading: ReadOptions,
    ) -> Merged[AfterSale]:
        """The merged list, newest first.

        Raises:
            BadUserInput: an unknown shop, or a cursor of another list.
            PlatformFailure | StoreUnavailable: every shop asked failed.
        """
        wanted = chosen or AfterSaleFilter()
        part = ListRequest.of(wanted, read_cursor(after, timed=True), first)
        return await self._list.page(_query(wanted), part, viewer, reading)


def _query(chosen: AfterSaleFilter) -> AfterSaleQuery:
    return AfterSaleQuery(
        statuses=frozenset(chosen.statuses) if chosen.statuses is not None else None,
        kinds=frozenset(chosen.kinds) if chosen.kinds is not None else None,
        created_from=chosen.created_from,
        created_to=chosen.created_to,
    )
