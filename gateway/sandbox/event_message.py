"""The platform's message about a paid order, encrypted and signed as it sends it."""

import base64
import hashlib
from collections.abc import Callable
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from gateway.sandbox.state import Wire

#: The settings of the sandbox's console, the same for every app.
EVENT_TOKEN = "sandbox-event-token"  # noqa: S105 - it opens nothing but the sandbox's own shops
EVENT_AES_KEY = "sandboxEventAesKeyOf43CharactersSandboxEven"
BLOCK = 32


def merchant_order(order: Wire, now: int) -> str:
    """Give the message of an order (manual V1.17, 6.1)."""
    return (
        "<xml>"
        "<ToUserName><![CDATA[gh_sandbox]]></ToUserName>"
        f"<FromUserName><![CDATA[{order['buyer_openid']}]]></FromUserName>"
        f"<CreateTime>{now}</CreateTime>"
        "<MsgType><![CDATA[event]]></MsgType>"
        "<Event><![CDATA[merchant_order]]></Event>"
        f"<OrderId><![CDATA[{order['order_id']}]]></OrderId>"
        f"<OrderStatus>{order['order_status']}</OrderStatus>"
        f"<ProductId><![CDATA[{order['product_id']}]]></ProductId>"
        f"<SkuInfo><![CDATA[{order['product_sku']}]]></SkuInfo>"
        "</xml>"
    )


def delivery(
    message: str, app_id: str, now: int, entropy: Callable[[int], bytes]
) -> tuple[str, bytes]:
    """Give the query string and the body of a delivery in AES mode."""
    encrypted = _encrypted(message.encode(), app_id.encode(), entropy(16))
    timestamp, nonce = str(now), entropy(8).hex()
    query = {
        "signature": _signature(EVENT_TOKEN, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": _signature(EVENT_TOKEN, timestamp, nonce, encrypted),
    }
    body = (
        "<xml><ToUserName><![CDATA[gh_sandbox]]></ToUserName>"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    )
    return urlencode(query), body.encode()


def _encrypted(message: bytes, app_id: bytes, noise: bytes) -> str:
    key = base64.b64decode(f"{EVENT_AES_KEY}=")
    plain = noise + len(message).to_bytes(4, "big") + message + app_id
    padding = BLOCK - len(plain) % BLOCK
    encryptor = Cipher(AES256(key), CBC(key[:16])).encryptor()
    sealed = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def _signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()
