"""Error codes of the WeChat Store: WeChat's general ones; the store's own are undocumented."""

from typing import Final

from gateway.errors import PlatformRejected
from gateway.upstream.error_table import ErrorTable
from gateway.wechat.codes import GENERAL_CODES, GENERAL_WAITS, Envelope, complaint

#: General codes that refuse a call for its form, whatever its subject.
_REFUSES_THE_FORM: Final = frozenset(
    {
        "40033",  # characters not allowed in a request
        "40066",  # no such endpoint
        "43001",  # GET required
        "43002",  # POST required
        "43003",  # HTTPS required
        "44002",  # no body
        "47001",  # malformed body
    }
)


def means_absence(refusal: PlatformRejected) -> bool:
    """Whether a refused look-up by id means that the object does not exist.

    The store's own codes are undocumented, so no single code means absence. A look-up sends nothing
    but an id: once the general reasons (token, rights, quota, load, form) are ruled out, the id is
    what the platform refuses. An answer without a code, such as a bare HTTP 404, does not come from
    the platform's API at all.
    """
    code = refusal.platform_code
    return code is not None and code not in _REFUSES_THE_FORM


#: A code that is not listed here refuses one call.
ERRORS: Final = ErrorTable(
    envelope=Envelope,
    read=complaint,
    result=("errcode",),
    kinds=GENERAL_CODES,
    retry_after=GENERAL_WAITS,
    absent=means_absence,
)
