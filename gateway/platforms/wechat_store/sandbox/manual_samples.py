"""The product and orders of the WeChat Store manual's samples."""

# ruff: noqa: E501 - addresses are not split

from gateway.sandbox.request import Wire

_HOST = "http://mmbiz.qpic.cn/mmbiz"
MAIN_IMAGE = f"{_HOST}/4whpV1VZl2iccsvYbHvnphkyGtnvjD3ulEKogfsiaua49pvLfUS8Ym0GSYjViaLic0FD3vN0V8PILcibEGb2fPfEOmw/0"
DETAIL_IMAGE = f"{_HOST}/4whpV1VZl2iccsvYbHvnphkyGtnvjD3ul1UcLcwxrFdwTKYhH9Q5YZoCfX4Ncx655ZK6ibnlibCCErbKQtReySaVA/0"
ICON = f"{_HOST}/4whpV1VZl28bJj62XgfHPibY3ORKicN1oJ4CcoIr4BMbfA8LqyyjzOZzqrOGz3f5KWq1QGP3fo6TOTSYD3TBQjuw/0"
BANNER = f"{_HOST}/4whpV1VZl2ibrWQn8zWFUh1YznsMV0XEiavFfLzDWYyvQOBBszXlMaiabGWzz5B2KhNn2IDemHa3iarmCyribYlZYyw/0"
GROUP_IMAGES = (
    f"{_HOST}/4whpV1VZl29nqqObBwFwnIX3licVPnFV5Jm64z4I0TTicv0TjN7Vl9bykUUibYKIOjicAwIt6Oy0Y6a1Rjp5Tos8tg/0",
    f"{_HOST}/4whpV1VZl29nqqObBwFwnIX3licVPnFV5uUQx7TLx4tB9qZfbe3JmqR4NkkEmpb5LUWoXF1ek9nga0IkeSSFZ8g/0",
    f"{_HOST}/4whpV1VZl29nqqObBwFwnIX3licVPnFV5G1kdy3ViblHrR54gbCmbiaMnl5HpLGm5JFeENyO9FEZAy6mPypEpLibLA/0",
)
IMAGES = (MAIN_IMAGE, DETAIL_IMAGE, ICON, BANNER, *GROUP_IMAGES)

PRODUCT_ID = "pDF3iY6Kr_BV_CXaiYysoGqJhppQ"
ORDER_IMAGE = "http://img2.paipaiimg.com/00000000/item-52B87243-63CCF66C00000000040100003565C1EA.0.300x300.jpg"
FILTER_IMAGE = f"{_HOST}/4whpV1VZl2icND8WwMThBEcehjhDv2icY4GrDSG5RLM3B2qd9kOicWGVJcsAhvXfibhWRNoGOvCfMC33G9z5yQr2Qw/0"
LINE_IMAGE = "http://mmbiz.qpic.cn/mmbiz_gif/KfrZwACMrmxj8XRiaTUzFNsTkWdTEJySicGKMHxuG0ibDfjTtb6ZIjNgakbnKq569TbBjvicSnWdnt46gEKjWe6Vcg/0?wx_fmt=gif"


def manual_product() -> Wire:
    """Return the document that reads back as the response of 1.4."""
    colour = "1075741873"
    return {
        "product_base": {
            "category_id": ["537074298"],
            "property": [
                {"id": "1075741879", "vid": "1079749967"},
                {"id": "1075754127", "vid": "1079795198"},
                {"id": "1075777334", "vid": "1079837440"},
            ],
            "name": "testaddproduct",
            "sku_info": [{"id": colour, "vid": ["1079742386", "1079742363"]}],
            "main_img": MAIN_IMAGE,
            "img": [MAIN_IMAGE],
            "detail": [
                {"img": MAIN_IMAGE},
                {"text": "test"},
                {"img": DETAIL_IMAGE},
                {"text": "test again"},
            ],
            "buy_limit": 10,
        },
        "sku_list": [
            _sku(f"{colour}:1079742386", "testing", MAIN_IMAGE),
            _sku(f"{colour}:1079742363", "testingtesting", ICON),
        ],
        "attrext": {
            "isPostFree": 0,
            "isHasReceipt": 1,
            "isUnderGuaranty": 0,
            "isSupportReplace": 0,
            "location": {
                "country": "中国",
                "province": "广东省",
                "city": "广州市",
                "address": "T.I.T创意园",
            },
        },
        "delivery_info": {"delivery_type": 1, "template_id": 103312920},
    }


def _sku(sku_id: str, code: str, icon: str) -> Wire:
    return {
        "sku_id": sku_id,
        "price": 30,
        "icon_url": icon,
        "quantity": 800,
        "product_code": code,
        "ori_price": 9000000,
    }


def manual_orders() -> tuple[Wire, ...]:
    """Return the order of 6.2, the second of 6.3, and one with the id requested in 6.2 and 6.5."""
    dispute = _order("7197417460812533569", 8, 1394636235)
    dispute |= {
        "order_total_price": 1,
        "order_express_price": 0,
        "receiver_mobile": "123456",
        "receiver_phone": "123456",
        "product_name": "项坠333",
        "product_sku": "1075741873:1079742377",
        "product_img": FILTER_IMAGE,
    }
    to_ship = _order("7197417460812584720", 2, 1397130465)
    to_ship |= {"delivery_id": "", "delivery_company": ""}
    return (_order("7197417460812533543", 6, 1394635817), dispute, to_ship)


def _order(order_id: str, status: int, created: int) -> Wire:
    return {
        "order_id": order_id,
        "order_status": status,
        "order_total_price": 6,
        "order_create_time": created,
        "order_express_price": 5,
        "buyer_openid": "oDF3iY17NsDAW4UP2qzJXPsz1S9Q",
        "buyer_nick": "likeacat",
        "receiver_name": "张小猫",
        "receiver_province": "广东省",
        "receiver_city": "广州市",
        "receiver_zone": "天河区",
        "receiver_address": "华景路一号南方通信大厦5楼",
        "receiver_mobile": "123456789",
        "receiver_phone": "123456789",
        "product_id": "pDF3iYx7KDQVGzB7kDg6Tge5OKFo",
        "product_name": "安莉芳E-BRA专柜女士舒适内衣蕾丝3/4薄杯聚拢上托性感文胸KB0716",
        "product_price": 1,
        "product_sku": "10000983:10000995;10001007:10001010",
        "product_count": 1,
        "product_img": ORDER_IMAGE,
        "delivery_id": "1900659372473",
        "delivery_company": "059Yunda",
        "trans_id": "1900000109201404103172199813",
        "products": [
            {
                "product_id": "p8BCTv77lY4io_q00F9qsaniimFc",
                "product_name": "product_name",
                "product_price": 1,
                "product_sku": "",
                "product_count": 1,
                "product_img": LINE_IMAGE,
            }
        ],
    }
