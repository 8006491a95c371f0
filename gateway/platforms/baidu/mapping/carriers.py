"""The carriers that a later manual of the order centre has codes for (MainOrder.Express[].Code)."""

from typing import Final

from gateway.ports.carriers import listed

#: Name by code. The manual's own list is longer: any other carrier is sent by its name.
_NAMES: Final = {
    "SFEXPRESS": "顺丰速运",
    "STO": "申通快递",
    "YTO": "圆通速递",
    "ZTO": "中通快递",
    "HTKY": "百世快递",
    "YUNDA": "韵达快递",
    "JD": "京东物流",
    "EMS": "EMS",
}

CARRIERS: Final = listed(_NAMES)
CARRIER_BY_CODE: Final = {carrier.code: carrier for carrier in CARRIERS}
