"""The keys of a Weixin Store shop in the configuration."""

from datetime import date

from gateway.settings.section import Count
from gateway.wechat.settings import WeChatAppSettings


class WeixinStoreShopSettings(WeChatAppSettings):
    """A shop of today's 微信小店: a store is its own account, with its own AppID and secret."""

    #: Calls that the platform takes of the shop a minute, and a day.
    calls_per_minute: Count = 10_000
    calls_per_day: Count = 500_000
    #: Orders from before this day are not read.
    orders_since: date = date(2020, 1, 1)
