"""The carriers that the shopping list has numbers for (更新订单信息, express_company_id)."""

from typing import Final

from gateway.ports.carriers import listed

#: Name by code, in the manual's order.
_NAMES: Final = {
    "2000": "EMS",
    "2001": "圆通",
    "2002": "DHL",
    "2004": "中通",
    "2005": "韵达",
    "2006": "畅灵",
    "2008": "百世汇通",
    "2009": "德邦",
    "2010": "申通",
    "2011": "顺丰速运",
    "2012": "顺兴",
    "2014": "如风达",
    "2015": "优速",
}

CARRIERS: Final = listed(_NAMES)
CARRIER_BY_CODE: Final = {carrier.code: carrier for carrier in CARRIERS}

#: Any other carrier, identified by its name.
OTHER_CARRIER: Final = 9999
