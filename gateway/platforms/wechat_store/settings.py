"""The keys of a WeChat Store shop in the configuration."""

from datetime import date

from gateway.settings.section import Count
from gateway.wechat.settings import WeChatAppSettings


class WechatStoreShopSettings(WeChatAppSettings):
    """A shop of the WeChat Store (微信小店)."""

    #: Orders are read in windows of so many days, from the newest backwards.
    orders_window_days: Count = 90
    #: And no further back than this day.
    orders_since: date = date(2020, 1, 1)
