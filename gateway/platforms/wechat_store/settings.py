"""The keys of a WeChat Store shop in the configuration."""

from datetime import date

from pydantic import Field

from gateway.settings.section import Count
from gateway.wechat.settings import WeChatAppSettings


class WechatStoreShopSettings(WeChatAppSettings):
    """A shop of the WeChat Store (微信小店)."""

    orders_window_days: Count = Field(
        default=90, description="Orders are read in windows of this many days, newest first."
    )
    orders_since: date = Field(
        default=date(2020, 1, 1), description="Orders from before this day are not read."
    )
