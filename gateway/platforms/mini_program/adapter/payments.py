"""Reads payments from the shipping management."""

from collections.abc import Sequence
from typing import Final

from gateway.ledger.payments import PaidOrder
from gateway.platform_kit.calls import find
from gateway.platforms.mini_program.endpoints import GET_PAYMENT, GET_PAYMENTS, IS_TRADE_MANAGED
from gateway.platforms.mini_program.mapping.payment import paid_order
from gateway.platforms.mini_program.wire.account import IsTradeManaged
from gateway.platforms.mini_program.wire.payment import GetPayment, GetPayments, PayTimeRange
from gateway.ports import PaymentName, ReadOptions
from gateway.upstream.client import PlatformClient

#: Payments of one page; the page documents 100 as the default, and SDKs 50 as the most.
PAGE: Final = 50
#: Pages of one span at the most: a list that never ends is not read for ever.
MOST_PAGES: Final = 1_000
_NOW: Final = ReadOptions(fresh=True, strict=True)


class MiniProgramPayments:
    """Implements ReadsPayments."""

    def __init__(self, client: PlatformClient, app_id: str) -> None:
        self._client = client
        self._app_id = app_id

    async def are_kept(self) -> bool:
        """Whether the account is under trade management."""
        answer = await self._client.call(IS_TRADE_MANAGED, IsTradeManaged(appid=self._app_id))
        return bool(answer.value.is_trade_managed)

    async def paid_between(self, begin: int, end: int) -> Sequence[PaidOrder]:
        """The payments of a span, each once, in the platform's order."""
        span = PayTimeRange(begin_time=begin, end_time=end)
        found: dict[str, PaidOrder] = {}
        last: str | None = None
        for _ in range(MOST_PAGES):
            request = GetPayments(pay_time_range=span, last_index=last, page_size=PAGE)
            answer = (await self._client.call(GET_PAYMENTS, request, fresh=True)).value
            for payment in answer.order_list or ():
                paid = paid_order(payment)
                found[paid.document.platform_id] = paid
            last = answer.last_index or None
            if not answer.has_more or last is None:
                break
        return list(found.values())

    async def get(self, name: PaymentName) -> PaidOrder | None:
        """One payment, asked for now; None if the platform does not know it."""
        if name.transaction_id:
            request = GetPayment(transaction_id=name.transaction_id)
        else:
            request = GetPayment(merchant_id=name.merchant_id, merchant_trade_no=name.trade_number)
        answer = await find(self._client, GET_PAYMENT, request, _NOW)
        return None if answer is None else paid_order(answer.value.order)
