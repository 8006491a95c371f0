"""Finds orders by the receiver's phone number, of which orders show the ends only."""

from collections.abc import Sequence
from typing import Final

from gateway.errors import PlatformMalformed, PlatformRejected
from gateway.platform_kit.calls import ask, together
from gateway.platforms.weixin_store.adapter.order_copies import OrderCopies
from gateway.platforms.weixin_store.adapter.orders import Orders
from gateway.platforms.weixin_store.endpoints import SEARCH_ORDERS
from gateway.platforms.weixin_store.wire.order import OrderSearchRequest, SearchCondition
from gateway.ports import ReadOptions
from gateway.upstream.client import PlatformClient
from gateway.wechat.scalars import yes
from schema.order import Order

#: Ids of one page, the most that the platform gives.
_PAGE: Final = 100
#: Pages of one search: each order of them may have to be read.
_MOST_PAGES: Final = 5
#: The platform takes so many digits, the last ones.
_DIGITS: Final = 4
#: Orders that are read at once: the other connections are left to other calls.
_AT_ONCE: Final = 40
_MASK: Final = "*"
#: China's code, which may be in front of a number.
_COUNTRY: Final = "86"


class OrderSearch:
    """Implements FindsOrdersByPhone."""

    def __init__(self, client: PlatformClient, orders: Orders, copies: OrderCopies) -> None:
        self._client = client
        self._orders = orders
        self._copies = copies

    async def by_phone(self, phone: str, reading: ReadOptions) -> Sequence[Order]:
        """Orders whose number has these first and last digits, as far as it is shown.

        Raises:
            PlatformFailure | Overloaded: it cannot be searched, or finds more than 500 orders.
        """
        ids = await self._ids(phone[-_DIGITS:], reading)
        found = await self._copies.current(ids, reading, []) if ids else {}
        missing = [one for one in ids if one not in found]
        for begin in range(0, len(missing), _AT_ONCE):
            some = missing[begin : begin + _AT_ONCE]
            for order in await together(self._readable(one, reading) for one in some):
                if order is not None:
                    found[order.platform_id] = order
        return [order for order in found.values() if _fits(order, phone)]

    async def _ids(self, digits: str, reading: ReadOptions) -> list[str]:
        found: dict[str, None] = {}
        key: str | None = None
        for _ in range(_MOST_PAGES):
            request = OrderSearchRequest(
                search_condition=SearchCondition(tel_number_last4=digits),
                page_size=_PAGE,
                next_key=key,
            )
            page = (await ask(self._client, SEARCH_ORDERS, request, reading)).value
            found |= dict.fromkeys(map(str, page.order_id_list or page.orders or ()))
            key = page.next_key
            if not yes(page.has_more) or not key:
                return list(found)
        raise PlatformRejected(
            f"{SEARCH_ORDERS.name}: more than {_MOST_PAGES * _PAGE} orders have a number that ends"
            " in these four digits; they were not read",
            endpoint=SEARCH_ORDERS.name,
            shop=self._client.shop,
        )

    async def _readable(self, order: str, reading: ReadOptions) -> Order | None:
        """One order; that it cannot be read hides no other."""
        try:
            return (await self._orders.get_many([order], reading)).get(order)
        except PlatformMalformed:
            return None


def _fits(order: Order, phone: str) -> bool:
    """Whether what is shown of the receiver's number is of this one; also if nothing is shown."""
    address = order.shipping_address_data
    shown = None if address is None else address.mobile
    if not shown:
        return True
    first, _, rest = shown.partition(_MASK)
    begins, ends = _digits(first), _digits(rest.rpartition(_MASK)[2])
    return phone.endswith(ends) and any(
        number.startswith(begins) for number in (phone, f"{_COUNTRY}{phone}")
    )


def _digits(text: str) -> str:
    return "".join(one for one in text if one.isdecimal())
