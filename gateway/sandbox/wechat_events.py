"""WeChat's events: encrypted and signed messages in AES mode, sent until accepted."""

import asyncio
import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from typing import Self
from urllib.parse import urlencode

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from gateway.sandbox.request import Wire

#: The settings of the sandbox's console, the same for every app.
EVENT_TOKEN = "sandbox-event-token"  # noqa: S105 - it opens nothing but the sandbox's own shops
EVENT_AES_KEY = "sandboxEventAesKeyOf43CharactersSandboxEven"
#: The account that messages are addressed to.
TO_USER = "gh_sandbox"
BLOCK = 32
#: Timeout of a delivery, in seconds.
TIMEOUT = 5.0
#: Seconds before each retry; the platform's take hours.
BACKOFF = (0.5, 2.0, 10.0)


class EventPusher:
    """Sends events in the background, in the form of the message: XML, or a JSON object.

    `message` formats the event of a paid order from the order and the unix time in seconds; None:
    a paid order is among the part's pending events.
    """

    def __init__(
        self,
        url: str,
        message: Callable[[Wire, int], str] | None = None,
        *,
        now: Callable[[], float] = time.time,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._url = url
        self._message = message
        self._now = now
        self._entropy = entropy
        self._client: httpx.AsyncClient | None = None
        self._sending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Open the client."""
        self._client = httpx.AsyncClient(timeout=TIMEOUT, trust_env=False)
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Cancel pending deliveries and close the client."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def paid(self, app_id: str, order: Wire) -> None:
        """Send the event of a paid order in the background."""
        if self._message is not None:
            await self.push(app_id, self._message(order, int(self._now())))

    async def push(self, app_id: str, message: str) -> None:
        """Send an event in the background."""
        task = asyncio.create_task(self._send(app_id, message))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, app_id: str, message: str) -> None:
        for pause in (*BACKOFF, 0.0):
            if await self._taken(app_id, message):
                return
            await asyncio.sleep(pause)

    async def _taken(self, app_id: str, message: str) -> bool:
        if self._client is None:
            return False
        query, body = delivery(message, app_id, int(self._now()), self._entropy)
        kind = "application/json" if _is_json(message) else "text/xml"
        headers = {"content-type": kind}
        try:
            answer = await self._client.post(f"{self._url}?{query}", content=body, headers=headers)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK and answer.text in {"", "success"}


def delivery(
    message: str, app_id: str, now: int, entropy: Callable[[int], bytes]
) -> tuple[str, bytes]:
    """Return the query string and the body of a delivery in AES mode, in the message's form."""
    encrypted = _encrypted(message.encode(), app_id.encode(), entropy(16))
    timestamp, nonce = str(now), entropy(8).hex()
    query = {
        "signature": _signature(EVENT_TOKEN, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": _signature(EVENT_TOKEN, timestamp, nonce, encrypted),
    }
    if _is_json(message):
        return urlencode(query), json.dumps({"ToUserName": TO_USER, "Encrypt": encrypted}).encode()
    body = (
        f"<xml><ToUserName><![CDATA[{TO_USER}]]></ToUserName>"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    )
    return urlencode(query), body.encode()


def _is_json(message: str) -> bool:
    return message.startswith("{")


def _encrypted(message: bytes, app_id: bytes, noise: bytes) -> str:
    key = base64.b64decode(f"{EVENT_AES_KEY}=")
    plain = noise + len(message).to_bytes(4, "big") + message + app_id
    padding = BLOCK - len(plain) % BLOCK
    encryptor = Cipher(AES256(key), CBC(key[:16])).encryptor()
    sealed = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def _signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()
