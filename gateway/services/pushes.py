"""Pushes to platforms that keep their own copy, read from the outbox."""

from collections.abc import Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Final

import orjson

from gateway.errors import BadUserInput, LedgerUnreadable
from gateway.services.cursor import NO_CURSOR
from gateway.services.directory import Directory
from gateway.services.viewer import Viewer
from gateway.store.push_exchanges import PushExchange
from gateway.store.pushes import PushPosition, PushQuery, StoredPush
from gateway.store.row_numbers import PUSHES
from gateway.store.store import Store
from schema.connection import Cursors
from schema.errors import PlatformError
from schema.key import Key, MalformedId
from schema.push import Push, PushCall, PushConnection, PushFilter, PushOperation, PushState
from schema.scope import Scope
from schema.shop import Shop

#: Between a push and its time in a cursor of a list in the order of times; no part of either.
_AT: Final = "@"


class PushService:
    """Lists pushes of the shops that a viewer sees, newest first."""

    def __init__(self, directory: Directory, store: Store) -> None:
        self._directory = directory
        self._store = store

    async def get_many(self, keys: Sequence[Key], viewer: Viewer) -> list[Push | None]:
        """Pushes in the order of their keys."""
        numbers = [self.number_of(key) for key in keys]
        found = await self._numbered({number for number in numbers if number is not None}, viewer)
        return [
            push
            if number is not None
            and (push := found.get(number)) is not None
            and push.key.shop == key.shop
            else None
            for key, number in zip(keys, numbers, strict=True)
        ]

    async def numbered(
        self, shop: str, numbers: Sequence[int], viewer: Viewer
    ) -> list[Push | None]:
        """Pushes of a shop in the order of their row numbers."""
        found = await self._numbered(set(numbers), viewer)
        pushes = [found.get(number) for number in numbers]
        return [push if push is not None and push.key.shop == shop else None for push in pushes]

    def number_of(self, key: Key) -> int | None:
        """The row number of a push; None if there can be no such push."""
        return self._store.row_numbers.reveal(PUSHES, key.platform_id)

    async def _numbered(self, numbers: set[int], viewer: Viewer) -> dict[int, Push]:
        found = await self._store.pushes.get_many(numbers)
        return {
            stored.id: self._push(stored, shop, viewer)
            for stored in found.values()
            if (shop := self._shop(stored.shop, viewer)) is not None
        }

    async def page(
        self, chosen: PushFilter | None, after: str | None, first: int, viewer: Viewer
    ) -> PushConnection:
        """The pushes that match a filter.

        Raises:
            BadUserInput: an unknown shop, or a malformed cursor or order id.
            StoreUnavailable: the outbox cannot be read.
        """
        wanted = chosen or PushFilter()
        shops = {a.shop.key_name: a.shop for a in self._directory.select(viewer, wanted.shops)}
        order = _order_key(wanted.order_id)
        if order is not None:
            shops = {name: shop for name, shop in shops.items() if name == order.shop}
        query = PushQuery(
            shops=list(shops),
            states=[state.name for state in wanted.states] if wanted.states else None,
            operations=[one.name for one in wanted.operations] if wanted.operations else None,
            order_id=order.platform_id if order is not None else None,
            queued_from=_seconds(wanted.queued_from),
            queued_to=_seconds(wanted.queued_to),
        )
        timed = query.in_time and order is None
        place = self._place(after, timed=timed)
        found = await self._store.pushes.page(query, after=place, limit=first + 1)
        total = await self._store.pushes.count(query)
        if total is None and after is None and len(found) <= first:
            total = len(found)
        nodes = [self._push(stored, shops[stored.shop], viewer) for stored in found[:first]]
        return PushConnection(
            nodes=nodes,
            total_count=total,
            cursors=Cursors(
                at=lambda index: self._cursor(found[index], timed=timed),
                has_next_page=len(found) > first,
                has_previous_page=after is not None,
            ),
        )

    async def calls(self, keys: Sequence[Key]) -> list[PushCall | LedgerUnreadable | None]:
        """The last calls of pushes that were read for the viewer, in the order of their keys."""
        numbers = [self.number_of(key) for key in keys]
        found = await self._store.push_exchanges.get_many(
            {number for number in numbers if number is not None}
        )
        return [None if one is None else _call(found.get(one)) for one in numbers]

    def _cursor(self, stored: StoredPush, *, timed: bool) -> str:
        number = self._store.row_numbers.conceal(PUSHES, stored.id)
        return f"{number}{_AT}{stored.queued_at!r}" if timed else number

    def _place(self, after: str | None, *, timed: bool) -> PushPosition | None:
        """The place of a cursor; raises BadUserInput for one of a list in another order."""
        if after is None:
            return None
        number, at, time = after.partition(_AT)
        place = self._store.row_numbers.reveal(PUSHES, number)
        try:
            queued_at = float(time) if at else None
        except ValueError:
            place = queued_at = None
        if place is None or timed != (queued_at is not None and isfinite(queued_at)):
            raise BadUserInput(NO_CURSOR)
        return PushPosition(place, queued_at)

    def _shop(self, key: str, viewer: Viewer) -> Shop | None:
        adapter = self._directory.find(key, viewer)
        return adapter.shop if adapter is not None else None

    def _push(self, stored: StoredPush, shop: Shop, viewer: Viewer) -> Push:
        error = stored.last_error
        shows_persons = Scope.PII_READ in viewer.scopes
        return Push(
            key=Key("Push", stored.shop, self._store.row_numbers.conceal(PUSHES, stored.id)),
            subject_key=_subject(stored),
            shop=shop,
            operation=PushOperation[stored.operation],
            state=PushState[stored.state],
            attempts=stored.attempts,
            queued_at=_moment(stored.queued_at),
            delivered_at=_perhaps(stored.delivered_at),
            next_attempt_at=_perhaps(stored.next_attempt_at),
            last_error=PlatformError(
                endpoint=error.endpoint,
                code=error.code,
                message=(error.told if shows_persons else None) or error.message,
                http_status=error.http_status,
                request_id=error.request_id,
            )
            if error is not None
            else None,
            queued_by=stored.queued_by,
        )


def _call(found: PushExchange | LedgerUnreadable | None) -> PushCall | LedgerUnreadable | None:
    if not isinstance(found, PushExchange):
        return found
    return PushCall(
        _shown(found.request), None if found.response is None else _shown(found.response)
    )


def _shown(text: bytes) -> Any:
    """JSON as it was sent; what is not JSON as a string."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text.decode(errors="replace")


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _order_key(text: str | None) -> Key | None:
    if text is None:
        return None
    try:
        key = Key.decode(text)
    except MalformedId:
        key = None
    if key is None or key.kind != "Order":
        raise BadUserInput("`filter.orderId` is not the id of an order.")
    return key


def _subject(stored: StoredPush) -> Key | None:
    if stored.subject_kind is None or stored.subject_id is None:
        return None
    if stored.subject_kind == "AfterSale":
        return Key("AfterSale", stored.shop, stored.order_id or "", stored.subject_id)
    return Key(stored.subject_kind, stored.shop, stored.subject_id)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _perhaps(seconds: float | None) -> datetime | None:
    return None if seconds is None else _moment(seconds)
