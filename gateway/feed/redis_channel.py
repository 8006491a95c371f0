"""Redis channel: publish and subscribe between the processes of one gateway."""

from typing import Any, Final

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

#: Seconds that Redis may take to connect or to answer.
_TIMEOUT: Final = 0.5
#: Connections that messages are sent by; the subscription has its own.
_SENDERS: Final = 2
#: What a lost connection or a Redis that is down raises.
CHANNEL_ERRORS: Final = (RedisError, OSError, TimeoutError)


class RedisChannel:
    """One channel. Delivery is at most once: messages sent while Redis is away are lost.

    Both methods raise one of CHANNEL_ERRORS while Redis cannot be reached.
    """

    def __init__(self, url: str, name: str) -> None:
        self._name = name
        connection: dict[str, Any] = {
            "socket_connect_timeout": _TIMEOUT,
            "socket_timeout": _TIMEOUT,
            # A connection that died since it was last used is replaced without an error.
            "retry": Retry(NoBackoff(), 1),
        }
        senders = BlockingConnectionPool.from_url(
            url, max_connections=_SENDERS, timeout=_TIMEOUT, **connection
        )
        self._sender: Any = Redis.from_pool(senders)
        self._receiver: Any = Redis.from_url(url, **connection)
        self._subscription: Any = None

    async def publish(self, body: bytes) -> None:
        """Send a message to every process that listens, this one included."""
        await self._sender.publish(self._name, body)

    async def receive(self, seconds: float) -> bytes | None:
        """The next message, or None after `seconds`. The first call subscribes.

        Empty when the subscription began, or began again after a lost connection: messages may
        have been lost before.
        """
        if self._subscription is None:
            self._subscription = self._receiver.pubsub()
        try:
            if not self._subscription.subscribed:
                await self._subscription.subscribe(self._name)
            message = await self._subscription.get_message(timeout=seconds)
        except CHANNEL_ERRORS:
            await self._unsubscribe()
            raise
        if message is None:
            return None
        body: bytes = message["data"] if message["type"] == "message" else b""
        return body

    async def aclose(self) -> None:
        """Close the connections."""
        await self._unsubscribe()
        await self._receiver.aclose()
        await self._sender.aclose()

    async def _unsubscribe(self) -> None:
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            await subscription.aclose()
