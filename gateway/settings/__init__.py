"""Configuration: keys, types, defaults, and messages about mistakes."""

from gateway.settings.resources import (
    AuditSettings,
    CacheSettings,
    LimitSettings,
    StoreSettings,
    UpstreamSettings,
    WebhookSettings,
)
from gateway.settings.section import is_proxy_address
from gateway.settings.server import AuthSettings, GraphQLSettings, LogSettings, ServerSettings
from gateway.settings.settings import Settings
from gateway.settings.shops import (
    MirrorSettings,
    ShopSettings,
)

__all__ = [
    "AuditSettings",
    "AuthSettings",
    "CacheSettings",
    "GraphQLSettings",
    "LimitSettings",
    "LogSettings",
    "MirrorSettings",
    "ServerSettings",
    "Settings",
    "ShopSettings",
    "StoreSettings",
    "UpstreamSettings",
    "WebhookSettings",
    "is_proxy_address",
]
