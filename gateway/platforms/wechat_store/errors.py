"""How the WeChat Store says no: WeChat's general codes; the store's own are told by no source."""

from typing import Final

from gateway.errors import PlatformRejected
from gateway.upstream.error_table import ErrorTable
from gateway.wechat.codes import GENERAL_CODES, GENERAL_WAITS, Envelope, complaint

#: General codes that refuse a call for its form, whatever it asks about.
_REFUSES_THE_FORM: Final = frozenset(
    {
        "40033",  # characters that may not stand in a request
        "40066",  # no such interface
        "43001",  # wants GET
        "43002",  # wants POST
        "43003",  # wants HTTPS
        "44002",  # no body
        "47001",  # a body that cannot be read
    }
)


def tells_absence(refusal: PlatformRejected) -> bool:
    """Whether a refusal of a look-up by id means that there is no such thing.

    The manual lists no codes, and no source knows the store's own, so absence cannot be told by
    one code. A look-up asks for nothing but a thing by its id: once the general reasons (token,
    rights, quota, load, form) are ruled out, the id is what the platform refuses. An answer
    without a code, such as a bare HTTP 404, is no word of the platform's at all.
    """
    code = refusal.platform_code
    return code is not None and code not in _REFUSES_THE_FORM


#: A code that is not named here refuses one call.
ERRORS: Final = ErrorTable(
    envelope=Envelope,
    read=complaint,
    kinds=GENERAL_CODES,
    retry_after=GENERAL_WAITS,
    absent=tells_absence,
)
