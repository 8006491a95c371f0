"""Quotas: how many calls an app may make a minute and a day (reference, section 1)."""

from gateway.platforms.weixin_store.sandbox.state import WeixinStoreShop
from gateway.sandbox.request import Refusal
from gateway.sandbox.tokens import Tokens
from gateway.sandbox.wechat import DAILY_QUOTA, MINUTE_QUOTA


def count(shop: WeixinStoreShop, app_id: str, tokens: Tokens) -> None:
    """Count a call of the app; refuse it with 45011 or 45009 if it is one too many."""
    if tokens.count_this_minute("weixin", app_id) > shop.calls_per_minute:
        raise Refusal(MINUTE_QUOTA, "api minute-quota reach limit, must slower")
    if tokens.count_today("weixin", app_id) > shop.calls_per_day:
        raise Refusal(DAILY_QUOTA, "reach max api daily quota limit")
