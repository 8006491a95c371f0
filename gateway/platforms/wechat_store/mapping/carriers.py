"""The carriers of the WeChat Store (manual, table after 6.4), and how orders name theirs."""

from typing import Final

from gateway.ports.carriers import listed, named
from schema.shipment import Carrier

#: Name by code, in the manual's order.
_NAMES: Final = {
    "Fsearch_code": "邮政EMS",
    "002shentong": "申通快递",
    "066zhongtong": "中通速递",
    "056yuantong": "圆通速递",
    "042tiantian": "天天快递",
    "003shunfeng": "顺丰速运",
    "059Yunda": "韵达快运",
    "064zhaijisong": "宅急送",
    "020huitong": "汇通快运",
    "zj001yixun": "易迅快递",
}

CARRIERS: Final = listed(_NAMES)

_BY_CODE: Final = {carrier.code: carrier for carrier in CARRIERS}


def carrier_from_wire(company: str) -> Carrier:
    """The carrier named by `delivery_company`.

    The member holds a code from the table, or the free-text name of another carrier. A value that
    is not in the table counts as a code if it looks like one: ASCII with a digit in it.
    """
    known = _BY_CODE.get(company)
    if known is not None:
        return known
    if company.isascii() and any(letter.isdigit() for letter in company):
        return Carrier(code=company)
    return named(company)
