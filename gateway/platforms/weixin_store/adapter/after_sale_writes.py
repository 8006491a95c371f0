"""Decides on after-sales: accepts, rejects and negotiates them (reference, section 4).

A blind repeat of accepting a return would pay it, so that each call says which step it is, and no
call is sent twice.
"""

from collections.abc import Sequence
from typing import Final

from gateway.errors import AnswerLost, PlatformRejected, PlatformUnavailable
from gateway.platform_kit.calls import ask
from gateway.platform_kit.writes import send_write
from gateway.platforms.weixin_store.adapter.addresses import Addresses
from gateway.platforms.weixin_store.endpoints import (
    ACCEPT_AFTER_SALE,
    ADD_REFUND_CERTIFICATES,
    GET_REJECT_REASONS,
    NEGOTIATE_AFTER_SALE,
    REFUSE_EXCHANGE,
    REJECT_AFTER_SALE,
    SHIP_EXCHANGE,
    UPLOAD_MEDIA,
)
from gateway.platforms.weixin_store.mapping.after_sale import reject_reasons_from_wire
from gateway.platforms.weixin_store.rules.after_sale import (
    Step,
    check_certificates,
    check_exchange_shipment,
    offer_of,
    rejection_of,
    step_of,
)
from gateway.platforms.weixin_store.wire.after_sale import (
    AcceptRequest,
    CertificatesRequest,
    ExchangeShipmentRequest,
    NegotiateRequest,
    RejectRequest,
)
from gateway.platforms.weixin_store.wire.base import Nothing
from gateway.platforms.weixin_store.wire.image import FETCHED, MEDIA_ID, MediaRequest
from gateway.ports import ReadOptions, ReadsCarriers
from gateway.ports.carriers import chosen
from gateway.ports.writing.problems import Absent, InputRefused
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint, Req, Res
from schema.after_sale import AfterSale, RejectReason, ReturnAddress
from schema.errors import ErrorCode
from schema.inputs.after_sale import (
    AfterSaleAcceptInput,
    AfterSaleNegotiateInput,
    AfterSaleRejectInput,
)

_KIND: Final = "after-sale"
#: `accept_type` of a return: the step that it is.
_ACCEPT_TYPE: Final = {Step.AGREE: 1, Step.PAY: 2}


class AfterSaleWrites:
    """Implements DecidesAfterSales."""

    def __init__(
        self, client: PlatformClient, addresses: Addresses, carriers: ReadsCarriers
    ) -> None:
        self._client = client
        self._addresses = addresses
        self._carriers = carriers

    async def reject_reasons(self, reading: ReadOptions) -> Sequence[RejectReason]:
        """The platform's table of reasons."""
        answer = await ask(self._client, GET_REJECT_REASONS, Nothing(), reading)
        return reject_reasons_from_wire(answer.value)

    async def return_addresses(self, reading: ReadOptions) -> Sequence[ReturnAddress]:
        """The addresses to which goods may be returned, the default one among them."""
        return await self._addresses.of_returns(reading)

    def check_accept(self, after_sale: AfterSale, given: AfterSaleAcceptInput) -> bool:
        """Whether the step pays, by the kind and the status."""
        return step_of(after_sale, given).pays

    async def accept(
        self, after_sale: AfterSale, given: AfterSaleAcceptInput, deadline: float | None
    ) -> None:
        """Agrees to it, or pays it; a return says which."""
        step = step_of(after_sale, given)
        address = given.return_address_id
        if step is Step.AGREE and address is None:
            address = await self._default_address(deadline)
        request = AcceptRequest(
            after_sale_order_id=after_sale.platform_id,
            address_id=address,
            accept_type=_ACCEPT_TYPE.get(step),
        )
        await self._send(ACCEPT_AFTER_SALE, request, deadline)

    async def reject(
        self, after_sale: AfterSale, given: AfterSaleRejectInput, deadline: float | None
    ) -> None:
        """Rejects it; of an exchange whose goods came back, refuses to send new ones."""
        rejection = rejection_of(after_sale, given)
        media = await self._media(given.evidence or (), deadline)
        request = RejectRequest(
            after_sale_order_id=after_sale.platform_id,
            reject_reason_type=rejection.reason,
            reject_reason=(given.text or "").strip() or None,
            reject_certificates=media or None,
        )
        endpoint = REFUSE_EXCHANGE if rejection.of_exchange else REJECT_AFTER_SALE
        await self._send(endpoint, request, deadline)

    async def negotiate(
        self, after_sale: AfterSale, given: AfterSaleNegotiateInput, deadline: float | None
    ) -> None:
        """Asks the buyer for something else."""
        offer = offer_of(after_sale, given)
        media = await self._media(given.evidence or (), deadline)
        request = NegotiateRequest(
            after_sale_order_id=after_sale.platform_id,
            type=offer.type,
            amount=offer.amount,
            merchant_update_type=offer.update_type,
            update_reason_type=offer.reason,
            merchant_update_desc=given.text.strip(),
            media_ids=media or None,
        )
        await self._send(NEGOTIATE_AFTER_SALE, request, deadline)

    async def add_certificates(
        self, after_sale: AfterSale, images: Sequence[str], text: str, deadline: float | None
    ) -> None:
        """Adds pictures that prove a refund."""
        check_certificates(images, text)
        request = CertificatesRequest(
            after_sale_order_id=after_sale.platform_id,
            refund_certificates=await self._media(images, deadline),
            desc=text.strip(),
        )
        await self._send(ADD_REFUND_CERTIFICATES, request, deadline)

    async def ship_exchange(
        self, after_sale: AfterSale, carrier: str, tracking_number: str, deadline: float | None
    ) -> None:
        """Reports the parcel with the new goods."""
        check_exchange_shipment(after_sale, tracking_number)
        request = ExchangeShipmentRequest(
            after_sale_order_id=after_sale.platform_id,
            waybill_id=tracking_number.strip(),
            delivery_id=await self._carrier(carrier.strip(), deadline),
        )
        await self._send(SHIP_EXCHANGE, request, deadline)

    async def _default_address(self, deadline: float | None) -> str:
        reading = ReadOptions(fresh=True, strict=True, deadline=deadline)
        for address in await self._addresses.of_returns(reading):
            if address.default:
                return address.platform_id
        message = "The store has no default address for returns: give one of `returnAddresses`."
        raise InputRefused.of(ErrorCode.INVALID, message, "returnAddressId")

    async def _carrier(self, text: str, deadline: float | None) -> str:
        """The platform's code of a carrier, from that or from the key that it has everywhere."""
        found = chosen(text, await self._carriers.all(ReadOptions(deadline=deadline)))
        if found is None or found.code is None:
            message = "The platform has no carrier of this code or key: see `carriers`."
            raise InputRefused.of(ErrorCode.INVALID, message, "carrier")
        return found.code

    async def _media(self, images: Sequence[str], deadline: float | None) -> list[str]:
        """The media ids of images, in their order; the platform fetches those with an address."""
        media: list[str] = []
        for image in map(str.strip, images):
            if not image.startswith("https://"):
                media.append(image)
                continue
            request = MediaRequest(upload_type=FETCHED, resp_type=MEDIA_ID, img_url=image)
            try:
                answer = await send_write(self._client, UPLOAD_MEDIA, request, deadline)
            except AnswerLost as lost:
                # Whatever became of the image: the after-sale was not decided on.
                raise PlatformUnavailable(
                    lost.told, endpoint=lost.endpoint, shop=lost.shop, sent=False
                ) from lost
            media.append(answer.pic_file.media_id)
        return media

    async def _send(
        self, endpoint: Endpoint[Req, Res], request: Req, deadline: float | None
    ) -> None:
        try:
            await send_write(self._client, endpoint, request, deadline)
        except PlatformRejected as refusal:
            if self._client.errors.absent(refusal):
                raise Absent(_KIND) from refusal
            raise
