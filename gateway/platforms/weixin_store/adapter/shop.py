"""Checks a shop: its credentials, its address on the store's list, and whether it is open."""

from typing import Final

from gateway.errors import PlatformCredentials
from gateway.platform_kit.connection import ShopConnection
from gateway.platforms.weixin_store.endpoints import GET_SHOP_INFO
from gateway.platforms.weixin_store.wire.base import Nothing

_CLOSED: Final = "close_finished"


class ShopCheck:
    """Implements Checks; the token call admits any address, so a call of the store follows it."""

    def __init__(self, connection: ShopConnection) -> None:
        self._connection = connection

    async def credentials(self) -> None:
        """Asks for a token and for the store; raises PlatformFailure if refused, or closed."""
        await self._connection.credentials()
        client = self._connection.client
        answer = await client.call(GET_SHOP_INFO, Nothing(), fresh=True)
        if answer.value.info.status == _CLOSED:
            raise PlatformCredentials(
                "the platform reports that the store is closed",
                endpoint=GET_SHOP_INFO.name,
                shop=client.shop,
            )
