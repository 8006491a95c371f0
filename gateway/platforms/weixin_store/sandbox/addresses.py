"""The store's own addresses (reference, section 6)."""

from gateway.platforms.weixin_store.sandbox.state import WeixinCall
from gateway.sandbox.request import Refusal, Wire
from gateway.sandbox.wechat import Route

#: The page gives no code of its own for an address that does not exist.
BAD_ADDRESS = 10021062

DEFAULT_ADDRESS = "41000001"


def seeded_addresses(now: int) -> dict[str, Wire]:
    """Return two addresses: one for returns, and one that only sends."""
    return {
        DEFAULT_ADDRESS: _address(DEFAULT_ADDRESS, "退货组", "示例路1号", receives=1, now=now),
        "41000002": _address("41000002", "发货组", "示例路2号", receives=0, now=now),
    }


def list_addresses(call: WeixinCall) -> Wire:
    """`merchant/address/list`: ids only."""
    offset, limit = call.body.whole("offset", at_least=0), call.body.whole("limit", at_least=1)
    return {"address_id_list": list(call.shop.addresses)[offset : offset + limit]}


def get_address(call: WeixinCall) -> Wire:
    """`merchant/address/get`."""
    found = call.shop.addresses.get(call.body.text("address_id"))
    if found is None:
        raise Refusal(BAD_ADDRESS, "invalid address_id")
    return {"address_detail": found}


def _address(id_: str, name: str, street: str, *, receives: int, now: int) -> Wire:
    return {
        "address_id": int(id_),
        "address_info": {
            "user_name": name,
            "postal_code": "310000",
            "province_name": "浙江省",
            "city_name": "杭州市",
            "county_name": "西湖区",
            "detail_info": street,
            "house_number": "",
            "tel_number": "057100000000",
        },
        "landline": "",
        "remark": "",
        "send_addr": 1 - receives,
        "default_send": 1 - receives,
        "recv_addr": receives,
        "default_recv": receives,
        "create_time": now,
        "update_time": now,
        "address_type": {"same_city": 0, "pickup": 0},
    }


ROUTES = {
    "/channels/ec/merchant/address/list": Route(list_addresses),
    "/channels/ec/merchant/address/get": Route(get_address),
}
