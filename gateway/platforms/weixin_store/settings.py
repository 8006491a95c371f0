"""The keys of a Weixin Store shop in the configuration."""

from datetime import date

from pydantic import Field

from gateway.settings.section import Count
from gateway.wechat.settings import WeChatAppSettings


class WeixinStoreShopSettings(WeChatAppSettings):
    """A shop of today's 微信小店: a store is its own account, with its own AppID and secret."""

    calls_per_minute: Count = Field(
        default=10_000, description="Calls that the platform takes of the shop a minute."
    )
    calls_per_day: Count = Field(
        default=500_000, description="Calls that the platform takes of the shop a day."
    )
    orders_since: date = Field(
        default=date(2020, 1, 1), description="Orders from before this day are not read."
    )
