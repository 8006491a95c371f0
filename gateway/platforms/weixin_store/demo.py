"""The demo's shop on the Weixin Store: how `gateway run` configures it."""

from types import MappingProxyType
from typing import Final

from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from gateway.sandbox.sample_shop import SampleShop
from gateway.sandbox.wechat_events import EVENT_AES_KEY, EVENT_TOKEN
from gateway.store.engine import Transaction
from gateway.store.store import Store

KEY: Final = "weixin"
SETTINGS: Final = MappingProxyType(
    {
        "name": "微信小店",
        "app_id": WEIXIN.app_id,
        "app_secret": WEIXIN.secret,
        "event_token": EVENT_TOKEN,
        "event_aes_key": EVENT_AES_KEY,
    }
)
EVENTS_PATH: Final = f"/webhooks/wechat/{KEY}"


async def seed(_store: Store, _transaction: Transaction, _shop: str, _sample: SampleShop) -> None:
    """Writes nothing: the store's data is read from the platform, not from the ledger."""
