"""The keys of a WeChat Store shop in the configuration."""

from datetime import date

from gateway.settings.section import Count
from gateway.wechat.settings import WeChatAppSettings


class WechatStoreShopSettings(WeChatAppSettings):
    """A shop of the WeChat Store (微信小店)."""

    #: Orders are read in windows of this many days, newest first.
    orders_window_days: Count = 90
    #: Orders from before this day are not read.
    orders_since: date = date(2020, 1, 1)
