"""Delivers reports of shipping, one a payment, and finds out what became of a lost one."""

from collections.abc import Sequence
from typing import Final

from gateway.errors import PlatformFailure, PlatformQuotaExceeded, PlatformRejected
from gateway.ledger.requirements import InvalidForPlatform
from gateway.outbox.delivery import DELIVERED, each_by_itself, refused, result_of, with_call
from gateway.outbox.message import OutboxMessage
from gateway.platforms.mini_program import endpoints
from gateway.platforms.mini_program.mapping.order_to_wire import Brand
from gateway.platforms.mini_program.mapping.shipping_to_wire import shipping_report, with_codes
from gateway.platforms.mini_program.wire import payment, shipping
from gateway.ports import BatchKey, DeliveryResult, DeliveryStatus
from gateway.store.documents import OrderPersonal
from gateway.upstream.client import PlatformClient

#: The PushOperations handled here.
SHIPPING: Final = ("SHIPPING_UPLOAD",)
#: No such payment: so for minutes after it was paid, and always where the Mini Program is not under
#: the platform's trade management.
NO_PAYMENT: Final = "10060001"
#: The platform has a report already: shipped before, re-shipment used, nothing changed, and shipped
#: before again (of one source only).
_REPORTED: Final = frozenset({"10060002", "10060003", "10060023", "268440065"})
#: Seconds until a retry where the platform says that its quota is spent: it was seen to mean that
#: of a minute (one source).
_QUOTA_PAUSE: Final = 60.0


class ShippingDeliveries:
    """Implements `Delivers` for reports of shipping.

    A payment is reported again once only, so none is repeated blindly.
    """

    def __init__(self, client: PlatformClient, brand: Brand) -> None:
        self._client = client
        self._brand = brand

    def batch(self, message: OutboxMessage) -> BatchKey:
        """A call has one payment."""
        return BatchKey(message.operation, 1)

    async def deliver(self, messages: Sequence[OutboxMessage]) -> Sequence[DeliveryResult]:
        """Sends the reports, each by itself."""
        return await each_by_itself(self._report, messages, self._client.shop)

    async def _report(self, message: OutboxMessage) -> DeliveryResult:
        try:
            request = await self._with_codes(message)
            if message.lost and await self._has(request):
                return DELIVERED
        except InvalidForPlatform as unfit:
            return refused(self._client.shop, str(unfit), "outbox")
        except PlatformFailure as failure:
            return _not_sent(failure)
        return await self._upload(request)

    async def _with_codes(self, message: OutboxMessage) -> shipping.UploadShipping:
        form, personal = message.wire_form, message.personal or OrderPersonal()
        report: shipping.UploadShipping = (
            shipping_report(message.order().order, personal, self._brand)
            if form is None
            else form.record
        )
        if report.logistics_type != 1:
            return report
        row = endpoints.GET_DELIVERY_LIST
        answer = await self._client.call(row, shipping.GetDeliveryList())
        return with_codes(report, answer.value.delivery_list or ())

    async def _upload(self, request: shipping.UploadShipping) -> DeliveryResult:
        row = endpoints.UPLOAD_SHIPPING
        try:
            answer = await self._client.call(row, request)
        except PlatformRejected as refusal:
            return with_call(await self._refused(refusal, request), request, refusal.answer)
        except PlatformFailure as failure:
            return with_call(_with_pause(result_of(failure, row)), request)
        return with_call(DELIVERED, request, answer.body)

    async def _refused(
        self, refusal: PlatformRejected, request: shipping.UploadShipping
    ) -> DeliveryResult:
        if refusal.platform_code == NO_PAYMENT:
            return DeliveryResult(result_status=DeliveryStatus.AGAIN, failure=refusal)
        if refusal.platform_code in _REPORTED:
            try:
                if await self._has(request):
                    return DELIVERED
            except PlatformFailure as failure:
                return _not_sent(failure)
        return result_of(refusal, endpoints.UPLOAD_SHIPPING)

    async def _has(self, request: shipping.UploadShipping) -> bool:
        """Whether the platform has this report, or one that holds as much.

        Raises:
            PlatformFailure: it cannot be told now.
        """
        key = request.order_key
        asked = payment.GetPayment(
            transaction_id=key.transaction_id,
            merchant_id=key.mchid,
            merchant_trade_no=key.out_trade_no,
        )
        try:
            answer = await self._client.call(endpoints.GET_PAYMENT, asked, fresh=True, strict=True)
        except PlatformRejected as refusal:
            if self._client.errors.absent(refusal):
                return False
            raise
        there = answer.value.order.shipping or payment.Shipping()
        if request.logistics_type != 1:
            return bool(there.finish_shipping)
        found = {one.tracking_no: one.express_company for one in there.shipping_list or ()}
        # A whole report that arrived has finished the shipping.
        finished = request.is_all_delivered is False or bool(there.finish_shipping)
        return finished and all(
            parcel.tracking_no in found
            and found[parcel.tracking_no] in {None, parcel.express_company}
            for parcel in request.shipping_list
        )


def _not_sent(failure: PlatformFailure) -> DeliveryResult:
    """The result of a report that was not sent, as what it needs could not be read."""
    if isinstance(failure, PlatformRejected):
        return DeliveryResult(result_status=DeliveryStatus.REJECTED, failure=failure)
    if isinstance(failure, PlatformQuotaExceeded):
        return _with_pause(DeliveryResult(result_status=DeliveryStatus.LATER, failure=failure))
    return DeliveryResult(result_status=DeliveryStatus.AGAIN, failure=failure)


def _with_pause(result: DeliveryResult) -> DeliveryResult:
    failure = result.failure
    if failure is not None and result.result_status is DeliveryStatus.LATER:
        failure.retry_after = failure.retry_after or _QUOTA_PAUSE
    return result
