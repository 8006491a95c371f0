"""Configuration of a Baidu smart program."""

from typing import Literal

from pydantic import Field

from gateway.settings.section import Count, PlatformAddress, Secret, Text
from gateway.settings.shops import ShopSettings


class BaiduShopSettings(ShopSettings):
    """A smart program of Baidu (百度智能小程序), with its order centre."""

    app_key: Text = Field(description="the App Key of the platform's console")
    app_secret: Secret = Field(description='the App Secret, best as { env = "NAME" }')
    base_url: PlatformAddress = "https://openapi.baidu.com"
    #: Data of the after-sale calls: an older manual prints an object.
    data_form: Literal["array", "object"] = "array"
    #: How parcels are sent, where the shop's version of the platform takes them: in Express of the
    #: order, or by the logistics call after the order's own.
    parcels: Literal["none", "express", "logistics"] = "none"
    #: An older manual has it without "ordercenter/".
    after_sale_status_path: Text = "ordercenter/app/update/sub/status"
    #: Required on import by later versions of the platform; sent if set.
    scene_type: Count | None = None
    #: Required on import by later versions of the platform; sent if set.
    pm_app_key: Text | None = None
