"""Error codes of the Weixin Store: WeChat's general ones, and the store's own.

Section 1 of the reference has the general ones, the sections of the rooms have the others. A code
that is not listed refuses one call.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from gateway.errors import PlatformRejected
from gateway.upstream.error_table import ErrorKind, ErrorTable
from gateway.wechat.codes import GENERAL_CODES, GENERAL_WAITS, Envelope, complaint

#: No such order, or an order of another shop.
NO_SUCH_ORDER: Final = "100002"
#: Refused without anything done, also where it is the first call for a while: repeated.
TOO_OFTEN: Final = "100003"
#: All of the order is sent: by this call before, or by somebody else.
ALREADY_SENT: Final = "109001"
#: More orders in the window of a list than the platform lists.
TOO_MANY_ORDERS: Final = "31042"
NO_SUCH_PRODUCT: Final = "10020052"
NO_SUCH_TEMPLATE: Final = "10020005"
NO_SUCH_AFTER_SALE: Final = "10021050"

#: Absence is told by these codes alone: any other refusal of a look-up is an error.
ABSENT: Final = frozenset({NO_SUCH_ORDER, NO_SUCH_PRODUCT, NO_SUCH_TEMPLATE, NO_SUCH_AFTER_SALE})

#: The store's own codes that say more than "this call is refused".
STORE_CODES: Final[Mapping[str, ErrorKind]] = {
    "50001": ErrorKind.CREDENTIALS,  # the user may not call this interface
    "10080001": ErrorKind.CREDENTIALS,  # the store is closed
    # Orders
    TOO_OFTEN: ErrorKind.BUSY,
    "10020123": ErrorKind.QUOTA,  # the day's decodes are used up
    "10020198": ErrorKind.RATE,  # decodes too fast
    # Products: audits an hour, a day; stock
    "10020066": ErrorKind.QUOTA,
    "1002001": ErrorKind.QUOTA,
    "10020111": ErrorKind.QUOTA,
    "1002002": ErrorKind.QUOTA,
    "10020112": ErrorKind.RATE,
    # After-sales
    "10021044": ErrorKind.BUSY,
    "10021059": ErrorKind.RATE,  # one call a minute on one after-sale
}


def means_absence(refusal: PlatformRejected) -> bool:
    """Whether a refused look-up by id means that the object does not exist."""
    return refusal.platform_code in ABSENT


ERRORS: Final = ErrorTable(
    envelope=Envelope,
    read=complaint,
    result=("errcode",),
    kinds={**GENERAL_CODES, **STORE_CODES},
    retry_after=GENERAL_WAITS,
    absent=means_absence,
    statuses={
        HTTPStatus.FORBIDDEN: (
            "without a code: the caller's address is not on the store's list; add this machine's"
            " outgoing address to the allowed ones in the store's console"
        )
    },
)
