"""Deliveries of the message push, made by a library that nobody here wrote."""

import time
from typing import Any
from urllib.parse import urlencode

from wechatpy.crypto import WeChatCrypto

from gateway.wechat.webhook_signature import signature

TOKEN = "sandbox-event-token"
APP_ID = "wx5823bf96d3bd56c7"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
OTHER_KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"

#: Manual V1.17, 6.1.
MERCHANT_ORDER = """<xml>
<ToUserName><![CDATA[weixin_media1]]></ToUserName>
<FromUserName><![CDATA[oDF3iYyVlek46AyTBbMRVV8VZVlI]]></FromUserName>
<CreateTime>1398144192</CreateTime>
<MsgType><![CDATA[event]]></MsgType>
<Event><![CDATA[merchant_order]]></Event>
<OrderId><![CDATA[test_order_id]]></OrderId>
<OrderStatus>2</OrderStatus>
<ProductId><![CDATA[test_product_id]]></ProductId>
<SkuInfo><![CDATA[10001:1000012;10002:100021]]></SkuInfo>
</xml>"""

Delivery = tuple[dict[str, str], bytes]


def merchant_order(order_id: str, status: int = 2, at: int = 1398144192) -> str:
    """The manual's sample for another order."""
    return (
        MERCHANT_ORDER.replace("test_order_id", order_id)
        .replace("<OrderStatus>2<", f"<OrderStatus>{status}<")
        .replace("1398144192", str(at))
    )


def plain(message: str | bytes, token: str = TOKEN) -> Delivery:
    """A delivery in plain mode."""
    timestamp, nonce = str(int(time.time())), "486452656"
    signed = signature(token, timestamp, nonce)
    return {"signature": signed, "timestamp": timestamp, "nonce": nonce}, as_bytes(message)


def encrypted(
    message: str | bytes, *, key: str = AES_KEY, token: str = TOKEN, app_id: str = APP_ID
) -> Delivery:
    """A delivery in AES mode, encrypted and signed by wechatpy."""
    timestamp, nonce = str(int(time.time())), "486452656"
    crypto: Any = WeChatCrypto(token, key, app_id)
    body: str = crypto.encrypt_message(message, nonce, timestamp)
    between = body.split("<MsgSignature><![CDATA[")[1]
    query = {
        "signature": signature(token, timestamp, nonce),
        "msg_signature": between.split("]]>")[0],
        "timestamp": timestamp,
        "nonce": nonce,
        "encrypt_type": "aes",
    }
    return query, body.encode()


def as_bytes(message: str | bytes) -> bytes:
    """The bytes of a message, some of which text cannot hold."""
    return message if isinstance(message, bytes) else message.encode()


def target(shop: str, query: dict[str, str]) -> str:
    """The path and query string of a delivery."""
    return f"/webhooks/wechat/{shop}?{urlencode(query)}"
