"""After-sales of all shops: refunds, returns, exchanges and disputes in one list."""

from collections.abc import Mapping, Sequence

from gateway.ports import Adapter, AfterSaleQuery, ReadOptions, after_sale_place
from gateway.services.batch_by_shop import Found, batch_by_shop, key_by_key
from gateway.services.cursor import PageArguments
from gateway.services.directory import Directory
from gateway.services.fan_out import FanOut, ListRequest
from gateway.services.index_reach import refuse_without_index
from gateway.services.indexed_after_sales import AfterSaleListing, IndexedAfterSaleService
from gateway.services.indexed_lists import CountedPage
from gateway.services.orders import needs_index, shops_of_originals, without
from gateway.services.timeline import Timeline
from gateway.services.viewer import Viewer
from schema.after_sale import AfterSale, AfterSaleFilter
from schema.key import Key


def _name(after_sale: AfterSale) -> str:
    return after_sale_place(after_sale.key.platform_id, after_sale.key.part)


class AfterSaleService:
    """Routes queries of after-sales to the shops' ports."""

    def __init__(
        self,
        directory: Directory,
        fan_out: FanOut,
        indexed: IndexedAfterSaleService,
    ) -> None:
        self._directory = directory
        self._indexed = indexed
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
            if reading.indexed and needs_index(adapter, adapter.exports_after_sales):
                indexed = await self._indexed.of_orders(adapter, mine)
                found |= indexed
                mine = [] if adapter.exports_after_sales is None else without(mine, indexed)
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
        self, listing: AfterSaleListing, asked: PageArguments, viewer: Viewer, reading: ReadOptions
    ) -> CountedPage[AfterSale]:
        """A page of the merged list, from the platforms; what they cannot answer, from the index.

        Raises:
            BadUserInput: an unknown shop, a cursor of another list, or an argument that needs the
                index where it is off.
            PlatformFailure | StoreUnavailable: every shop asked failed.
        """
        arguments = listing.indexed_arguments(asked)
        if not self._indexed.enabled:
            refuse_without_index(arguments)
        if arguments:
            page = await self._indexed.page(listing, asked, viewer, reading)
        else:
            request = ListRequest.marked(listing.chosen, asked, listing.mark, timed=True)
            chosen = listing.chosen
            selected = self._directory.select(viewer, chosen.shops, chosen.platforms)
            query = _query(chosen, beside=shops_of_originals(selected))
            page = await self._list.page(query, request, viewer, reading)

        async def total() -> int | None:
            if page.total is not None or not self._indexed.enabled:
                return page.total
            return await self._indexed.count(listing, viewer)

        return CountedPage(page, total)


def _query(chosen: AfterSaleFilter, *, beside: frozenset[str]) -> AfterSaleQuery:
    return AfterSaleQuery(
        statuses=frozenset(chosen.statuses) if chosen.statuses is not None else None,
        kinds=frozenset(chosen.kinds) if chosen.kinds is not None else None,
        created_from=chosen.created_from,
        created_to=chosen.created_to,
        beside=beside,
    )
