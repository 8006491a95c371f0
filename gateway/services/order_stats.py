"""Statistics of orders: counts and sums from the index, by the groups that are asked for."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from gateway.errors import BadUserInput
from gateway.ports import Adapter
from gateway.services.directory import Directory
from gateway.services.index_reach import provenance_of, refuse_without_index
from gateway.services.indexed_orders import IndexedOrderService, has_orders
from gateway.services.order_listings import OrderListing, check_filter
from gateway.services.viewer import Viewer
from gateway.store.order_questions import OrderQuestion
from gateway.store.order_statistics import MOST_ROWS, Dimension, OrderStatistics, StatisticsRow
from schema.connection import Source, SourceState
from schema.money import Money
from schema.order import OrderFilter
from schema.order_stats import OrderStats, OrderStatsDimension, OrderStatsRow
from schema.order_status import OrderStatus
from schema.platform import Platform
from schema.shop import Shop

_PERIODS: Final = (OrderStatsDimension.DAY, OrderStatsDimension.WEEK, OrderStatsDimension.MONTH)


class OrderStatsService:
    """Counts and adds up the orders that a filter selects; `now` returns unix seconds."""

    def __init__(
        self,
        directory: Directory,
        indexed: IndexedOrderService,
        statistics: OrderStatistics,
        now: Callable[[], float],
    ) -> None:
        self._directory = directory
        self._indexed = indexed
        self._statistics = statistics
        self._now = now

    async def stats(
        self,
        chosen: OrderFilter | None,
        group_by: Sequence[OrderStatsDimension],
        viewer: Viewer,
    ) -> OrderStats:
        """The counts and sums of each group.

        Raises:
            BadUserInput: an unknown shop, dimensions that do not go together, more than MOST_ROWS
                rows, or the index is off.
            StoreUnavailable: the index cannot be read.
        """
        if not self._indexed.enabled:
            refuse_without_index(["orderStats"])
        wanted = chosen or OrderFilter()
        check_filter(wanted)
        asked = dict.fromkeys(group_by)
        periods = [one.name for one in _PERIODS if one in asked]
        if len(periods) > 1:
            raise BadUserInput(f"`groupBy` has {' and '.join(periods)}: a row has one period.")
        question = await self._indexed.question(OrderListing(chosen=wanted), viewer)
        adapters = [self._directory.get(shop, viewer) for shop in question.shops]
        known = {adapter.shop.key_name: adapter.shop for adapter in adapters}
        by_platform = OrderStatsDimension.PLATFORM in asked
        dimensions = [Dimension[one.name] for one in asked if one.name in Dimension.__members__]
        rows: list[OrderStatsRow] = []
        for platform, shops in _parts(adapters, by_platform=by_platform).items():
            found = await self._statistics.rows(question, dimensions, shops)
            rows += [_row(row, platform, known) for row in found]
            if len(rows) > MOST_ROWS:
                raise BadUserInput(
                    f"The answer has more than {MOST_ROWS:,} rows: narrow the filter, or group by"
                    " less."
                )
        if by_platform:
            rows.sort(key=_sort_key)
        return OrderStats(rows=rows, sources=await self._sources(question, adapters))

    async def _sources(self, question: OrderQuestion, adapters: Sequence[Adapter]) -> list[Source]:
        by_shop = await self._statistics.rows(question, [Dimension.SHOP])
        counts = Counter({row.shop: row.orders for row in by_shop})
        reaches = await self._indexed.reaches(question.shops)
        sources = []
        for adapter in adapters:
            shop = adapter.shop
            if not has_orders(adapter):
                sources.append(Source(shop=shop, state=SourceState.SKIPPED, count=0))
                continue
            provenance = provenance_of(reaches.get(shop.key_name), self._now())
            sources.append(
                Source(
                    shop=shop,
                    state=provenance.state,
                    fetched_at=provenance.fetched_at,
                    count=counts[shop.key_name],
                    complete_from=provenance.complete_from,
                )
            )
        return sources


def _parts(
    adapters: Sequence[Adapter], *, by_platform: bool
) -> Mapping[Platform | None, Collection[str]]:
    """The shops that are counted together: of each platform, or all."""
    if not by_platform:
        return {None: [adapter.shop.key_name for adapter in adapters]}
    platforms = dict.fromkeys(adapter.shop.platform for adapter in adapters)
    return {
        platform: [one.shop.key_name for one in adapters if one.shop.platform is platform]
        for platform in platforms
    }


def _row(row: StatisticsRow, platform: Platform | None, shops: Mapping[str, Shop]) -> OrderStatsRow:
    return OrderStatsRow(
        period=row.period,
        shop=None if row.shop is None else shops[row.shop],
        platform=platform,
        status=None if row.status is None else OrderStatus(row.status),
        platform_product_id=row.platform_product_id,
        sku_code=row.code,
        orders=row.orders,
        units=row.units,
        total=Money(fen=row.total),
        refunded=Money(fen=row.refunded),
    )


def _sort_key(row: OrderStatsRow) -> tuple[str, ...]:
    return (
        row.period or "",
        row.shop.key_name if row.shop is not None else "",
        row.platform.name if row.platform is not None else "",
        row.status.name if row.status is not None else "",
        row.platform_product_id or "",
        row.sku_code or "",
    )
