"""The demo's shop on the WeChat Store: how `gateway run` configures it."""

from types import MappingProxyType
from typing import Final

from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from gateway.sandbox.sample_shop import SampleShop
from gateway.sandbox.wechat_events import EVENT_AES_KEY, EVENT_TOKEN
from gateway.store.engine import Transaction
from gateway.store.store import Store

KEY: Final = "flagship"
SETTINGS: Final = MappingProxyType(
    {
        "name": "旗舰店",
        "app_id": FLAGSHIP.app_id,
        "app_secret": FLAGSHIP.secret,
        "event_token": EVENT_TOKEN,
        "event_aes_key": EVENT_AES_KEY,
    }
)
EVENTS_PATH: Final = f"/webhooks/wechat/{KEY}"


async def seed(_store: Store, _transaction: Transaction, _shop: str, _sample: SampleShop) -> None:
    """Writes nothing: the store's data is read from the platform, not from the ledger."""
