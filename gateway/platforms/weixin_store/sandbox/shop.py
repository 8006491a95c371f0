"""The store itself: `basics/info/get`."""

from gateway.platforms.weixin_store.sandbox.state import WeixinCall
from gateway.sandbox.request import Wire
from gateway.sandbox.wechat import GET, Route


def info(call: WeixinCall) -> Wire:
    """`/channels/ec/basics/info/get`."""
    return {
        "info": {
            "nickname": "示例小店",
            "subject_type": "企业",
            "status": call.shop.status,
            "is_local_life": 0,
        }
    }


ROUTES = {"/channels/ec/basics/info/get": Route(info, GET)}
