"""Reads after-sales: by id, of orders, and as a list, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import msgspec

from gateway.china_days import day_start
from gateway.concurrency.clock import DAY
from gateway.errors import PlatformUnreadable
from gateway.platform_kit.calls import ask, each, find, together
from gateway.platform_kit.provenance import provenance
from gateway.platforms.weixin_store.adapter.after_sale_changes import AfterSaleChanges
from gateway.platforms.weixin_store.endpoints import (
    GET_AFTER_SALE,
    GET_ORDER,
    GET_REASONS,
    LIST_AFTER_SALES,
)
from gateway.platforms.weixin_store.mapping.after_sale import after_sale_from_wire
from gateway.platforms.weixin_store.wire.after_sale import (
    AfterSaleRequest,
    AfterSaleResponse,
    AfterSalesRequest,
)
from gateway.platforms.weixin_store.wire.base import Nothing
from gateway.platforms.weixin_store.wire.order import OrderRequest
from gateway.ports import (
    AfterSaleQuery,
    Page,
    Position,
    ReadOptions,
    after_sale_position,
)
from gateway.upstream.answer import AnswerState, PlatformAnswer
from gateway.upstream.client import PlatformClient
from gateway.upstream.document import document
from gateway.wechat.scalars import text, yes
from schema.after_sale import AfterSale
from schema.shop import Shop

#: Days that are listed at once: the platform's lists span 24 hours at most.
_ABREAST: Final = 8
#: Days that a list goes back unless it is asked for more: what is open is younger.
_DAYS: Final = 90
#: Seconds after its end in which a day's list may still grow, by clocks that differ.
_SETTLED: Final = 600


@dataclass(frozen=True, slots=True)
class _Found:
    """An after-sale, and the answer that it came from."""

    after_sale: AfterSale
    answer: PlatformAnswer[Any]


class AfterSales:
    """Implements ReadsAfterSales; `since` is the unix second before which none is looked for.

    The platform lists ids only. What was read for one list serves the next ones, unless the
    platform's list of changes names it; that is asked for once in `lifetime` seconds.
    """

    def __init__(self, client: PlatformClient, shop: Shop, since: int, lifetime: float) -> None:
        self._client = client
        self._shop = shop
        self._since = since
        self._changes = AfterSaleChanges(client.clock.wall, self._changed_ids, lifetime)

    async def get(
        self, order_id: str, after_sale_id: str, reading: ReadOptions
    ) -> AfterSale | None:
        """The after-sale with this id, or None; also if it is of another order."""
        found = await self._find(after_sale_id, reading)
        if found is None or found.after_sale.key.platform_id != order_id:
            return None
        return found.after_sale

    async def of_orders(
        self, order_ids: Sequence[str], reading: ReadOptions
    ) -> Mapping[str, Sequence[AfterSale]]:
        """The after-sales of orders, whose answers name them; newest first."""
        ids = await each(order_ids, partial(self._ids_of_order, reading=reading))
        wanted = [own for some in ids.values() for own in some]
        found = {one.platform_id: one for one in await self.by_ids(wanted, reading)}
        by_order = {
            order_id: sorted(
                (found[own] for own in some if own in found), key=after_sale_position, reverse=True
            )
            for order_id, some in ids.items()
        }
        return {order_id: some for order_id, some in by_order.items() if some}

    async def _ids_of_order(self, order_id: str, reading: ReadOptions) -> list[str] | None:
        """The ids of the after-sales that an order names; None: there is no such order."""
        answer = await find(self._client, GET_ORDER, OrderRequest(order_id=order_id), reading)
        if answer is None:
            return None
        detail = answer.value.order.aftersale_detail
        # The status that stands beside an id is dead (A): the after-sale itself tells it.
        listed = () if detail is None else detail.aftersale_order_list
        return [own for one in listed if (own := text(one.aftersale_order_id)) is not None]

    async def by_ids(self, ids: Sequence[str], reading: ReadOptions) -> list[AfterSale]:
        """The after-sales with these ids that exist, in the order of the ids."""
        calls = (self._find(own, reading) for own in dict.fromkeys(ids))
        return [one.after_sale for one in await together(calls) if one is not None]

    async def page(
        self, query: AfterSaleQuery, after: Position | None, first: int, reading: ReadOptions
    ) -> Page[AfterSale]:
        """At most `first` after-sales after `after`, newest first, then by descending id.

        Unless `created_from` asks for more, those of the last 90 days: each day is a call.
        """
        search = _Search(query, after, first)
        if not reading.fresh:
            await self._changes.compare(reading)
        now = self._client.clock.wall()
        oldest = max(self._since, search.oldest(now - _DAYS * DAY))
        day = day_start(search.newest(now))
        while day + DAY > oldest and not search.filled:
            days = [day - n * DAY for n in range(_ABREAST) if day - (n - 1) * DAY > oldest]
            for ids in await together(self._ids(one, search, reading) for one in days):
                if search.filled:
                    break
                await self._read(ids, search, reading)
            day -= _ABREAST * DAY
        return search.page()

    async def changed(self, begin: int, end: int, reading: ReadOptions) -> list[AfterSale]:
        """The after-sales that changed in these seconds, both included.

        The platform lists 24 hours at most: a longer time takes several calls.
        """
        ids: dict[str, None] = {}
        for start in range(begin, end + 1, DAY):
            last = min(start + DAY - 1, end)
            ids |= dict.fromkeys(await self._changed_ids(start, last, reading))
        return await self.by_ids(list(ids), reading)

    async def _changed_ids(self, begin: int, end: int, reading: ReadOptions) -> list[str]:
        request = AfterSalesRequest(begin_update_time=begin, end_update_time=end)
        afresh = msgspec.structs.replace(reading, fresh=True)
        return (await self._listed(request, afresh))[0]

    async def _read(self, ids: Sequence[str], search: "_Search", reading: ReadOptions) -> None:
        """Reads the after-sales of a day; one that cannot be read hides no other."""

        async def one(own: str) -> _Found | None:
            try:
                return await self._unchanged(own, reading) or await self._find(own, reading)
            except PlatformUnreadable:
                search.unreadable += 1
                return None

        for found in await together(one(own) for own in ids):
            if found is not None:
                search.add(found)

    async def _ids(self, day: int, search: "_Search", reading: ReadOptions) -> list[str]:
        """The ids of the after-sales that were created on a day, which begins at this second.

        A day that is over gets no more of them: its answer may come from the cache.
        """
        request = AfterSalesRequest(begin_create_time=day, end_create_time=day + DAY - 1)
        if day + DAY + _SETTLED < self._client.clock.wall():
            return (await self._listed(request, reading))[0]
        afresh = msgspec.structs.replace(reading, fresh=True)
        ids, answers = await self._listed(request, afresh)
        search.answers += answers
        return ids

    async def _listed(
        self, request: AfterSalesRequest, reading: ReadOptions
    ) -> tuple[list[str], list[PlatformAnswer[Any]]]:
        """The ids of all pages, and the answers that they are from."""
        ids: dict[str, None] = {}
        answers: list[PlatformAnswer[Any]] = []
        keys: set[str] = set()
        while True:
            answer = await ask(self._client, LIST_AFTER_SALES, request, reading)
            answers.append(answer)
            ids |= dict.fromkeys(map(str, answer.value.after_sale_order_id_list or ()))
            key = answer.value.next_key
            # A key that comes again would go on for ever.
            if not yes(answer.value.has_more) or not key or key in keys:
                return list(ids), answers
            keys.add(key)
            # Nothing else may change while pages are turned.
            request = msgspec.structs.replace(request, next_key=key)

    async def _unchanged(self, own: str, reading: ReadOptions) -> _Found | None:
        """What was read before, if it has not changed since; None: it must be read anew."""
        if reading.fresh:
            return None
        answer = await self._answer(own, reading)
        if answer is None or not self._changes.unchanged(own, answer.fetched_at):
            return None
        return await self._made(answer, reading)

    async def _find(self, own: str, reading: ReadOptions) -> _Found | None:
        """An after-sale as the platform has it now."""
        answer = await self._answer(own, msgspec.structs.replace(reading, fresh=True))
        return None if answer is None else await self._made(answer, reading)

    async def _answer(
        self, own: str, reading: ReadOptions
    ) -> PlatformAnswer[AfterSaleResponse] | None:
        request = AfterSaleRequest(after_sale_order_id=own)
        return await find(self._client, GET_AFTER_SALE, request, reading)

    async def _made(
        self, answer: PlatformAnswer[AfterSaleResponse], reading: ReadOptions
    ) -> _Found:
        raw = answer.value.after_sale_order
        after_sale = after_sale_from_wire(raw, self._shop, partial(_raw, answer), answer.fetched_at)
        if answer.state is AnswerState.LIVE:
            after_sale.asked_at = answer.asked_at
        if not raw.reason_text and (code := after_sale.reason_given) is not None:
            after_sale.reason_given = (await self._reasons(reading)).get(code, code)
        return _Found(after_sale, answer)

    async def _reasons(self, reading: ReadOptions) -> Mapping[str, str]:
        """The texts of buyers' reasons, by their codes; of a table that hardly changes."""
        options = ReadOptions(deadline=reading.deadline, probe_seconds=reading.probe_seconds)
        answer = await ask(self._client, GET_REASONS, Nothing(), options)
        listed = answer.value.reason_list
        return {str(one.reason): one.reason_text for one in listed if one.reason_text}


class _Search:
    """Builds one page from the after-sales of days, the newest day first."""

    def __init__(self, query: AfterSaleQuery, after: Position | None, first: int) -> None:
        self._query = query
        self._after = after
        self._first = first
        self._from = None if query.created_from is None else int(query.created_from.timestamp())
        self._to = None if query.created_to is None else query.created_to.timestamp()
        self._found: list[_Found] = []
        #: Of the lists that were read.
        self.answers: list[PlatformAnswer[Any]] = []
        self.unreadable = 0

    @property
    def filled(self) -> bool:
        """Whether the page is full and is known to have a successor."""
        return len(self._found) > self._first

    def oldest(self, default: float) -> float:
        """The first second that is looked at."""
        return default if self._from is None else self._from

    def newest(self, now: float) -> float:
        """The last second that is looked at."""
        ends = [now, self._to, None if self._after is None else self._after.at]
        return min(end for end in ends if end is not None)

    def add(self, found: _Found) -> None:
        """Takes an after-sale that the query matches, and that follows the page before."""
        after_sale, query = found.after_sale, self._query
        place = after_sale_position(after_sale)
        if (
            (self._after is None or place < self._after)
            and (self._from is None or place.at >= self._from)
            and (self._to is None or place.at < self._to)
            and (query.statuses is None or after_sale.status in query.statuses)
            and (query.kinds is None or after_sale.kind in query.kinds)
        ):
            self._found.append(found)

    def page(self) -> Page[AfterSale]:
        """The page; how many there are in all is not known."""
        found = sorted(
            self._found, key=lambda one: after_sale_position(one.after_sale), reverse=True
        )
        read = provenance(*self.answers, *(one.answer for one in found))
        return Page(
            items=[one.after_sale for one in found[: self._first]],
            more=self.filled,
            provenance=replace(read, unreadable=read.unreadable + self.unreadable),
        )


def _raw(answer: PlatformAnswer[AfterSaleResponse]) -> Any:
    return document(answer.body)["after_sale_order"]
