"""The keys of a Weixin Store shop in the configuration."""

from datetime import date

from gateway.wechat.settings import WeChatAppSettings


class WeixinStoreShopSettings(WeChatAppSettings):
    """A shop of today's 微信小店: a store is its own account, with its own AppID and secret."""

    #: Orders from before this day are not read.
    orders_since: date = date(2020, 1, 1)
