"""The configuration: every key, its kind and its default, and what is said about a mistake."""

from gateway.settings.resources import (
    CacheSettings,
    LimitSettings,
    StoreSettings,
    UpstreamSettings,
)
from gateway.settings.section import is_proxy_address
from gateway.settings.server import AuthSettings, GraphQLSettings, LogSettings, ServerSettings
from gateway.settings.settings import Settings
from gateway.settings.shops import (
    BaiduShop,
    MiniProgramShop,
    MirrorSettings,
    ShopSettings,
    WechatStoreShop,
)

__all__ = [
    "AuthSettings",
    "BaiduShop",
    "CacheSettings",
    "GraphQLSettings",
    "LimitSettings",
    "LogSettings",
    "MiniProgramShop",
    "MirrorSettings",
    "ServerSettings",
    "Settings",
    "ShopSettings",
    "StoreSettings",
    "UpstreamSettings",
    "WechatStoreShop",
    "is_proxy_address",
]
