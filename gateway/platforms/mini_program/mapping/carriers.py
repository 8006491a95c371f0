"""The carriers that the shopping list has numbers for (更新订单信息, express_company_id)."""

from collections.abc import Mapping
from typing import Final

CARRIERS: Final[Mapping[str, str]] = {
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

#: Any other carrier, identified by its name.
OTHER_CARRIER: Final = 9999
