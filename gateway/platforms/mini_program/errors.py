"""The Mini Program's errors: WeChat's general codes, the shopping list's, those of shipping."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.upstream.error_table import Complaint, ErrorKind, ErrorTable
from gateway.wechat import codes

#: The shopping list's codes, from the tables of its pages (2018).
SHOPPING_LIST_CODES: Final[Mapping[str, ErrorKind]] = {
    "9009099": ErrorKind.BUSY,  # 系统错误
    "9009098": ErrorKind.REJECTED,  # 请求参数错误
    "9009202": ErrorKind.REJECTED,  # too many products
    "9009203": ErrorKind.REJECTED,  # an open id of another app
    "9009300": ErrorKind.REJECTED,  # too many orders to update
    "9009301": ErrorKind.REJECTED,  # some orders were not updated
    "9009400": ErrorKind.REJECTED,  # too many orders to import
    "9019101": ErrorKind.REJECTED,  # as 9009300, in the page's sample
    "9019102": ErrorKind.REJECTED,  # as 9009301, in the page's sample
}


#: The shipping management's codes (weixin-store.md 9.2); any other refuses that call only.
SHIPPING_CODES: Final[Mapping[str, ErrorKind]] = {
    "10060012": ErrorKind.BUSY,
    "10060019": ErrorKind.BUSY,
}
#: There is no such payment, or not yet.
_NO_PAYMENT: Final = "10060001"


class Envelope(codes.Envelope, frozen=True):
    """Error fields of any response; the outcome of a single order does not refuse the call."""

    fail_order_list: Any = None


def read(envelope: Envelope) -> Complaint | None:
    """The platform's refusal of the whole call.

    None if it lists the orders that failed, whatever `errcode` is: the others may have been
    accepted, and the caller reads each outcome from the response.
    """
    return None if envelope.fail_order_list else codes.complaint(envelope)


ERRORS: Final = ErrorTable(
    envelope=Envelope,
    read=read,
    result=("errcode", "fail_order_list"),
    kinds={**codes.GENERAL_CODES, **SHOPPING_LIST_CODES, **SHIPPING_CODES},
    retry_after=codes.GENERAL_WAITS,
    absent=lambda refusal: refusal.platform_code == _NO_PAYMENT,
)
