"""Configuration of a Baidu smart program."""

from typing import Literal

from pydantic import Field

from gateway.settings.section import Count, PlatformAddress, Secret, Text
from gateway.settings.shops import ShopSettings


class BaiduShopSettings(ShopSettings):
    """A smart program of Baidu (百度智能小程序), with its order centre."""

    app_key: Text = Field(
        description="the App Key of the platform's console",
        examples=["a392qXwK8L5GDUWhFoC01cKwoy7tmehg"],
    )
    app_secret: Secret = Field(description='the App Secret, best as { env = "NAME" }')
    base_url: PlatformAddress = Field(
        default="https://openapi.baidu.com", description="The address of the platform."
    )
    data_form: Literal["array", "object"] = Field(
        default="array",
        description="Data of the after-sale calls: an older manual prints an object.",
    )
    parcels: Literal["none", "express", "logistics"] = Field(
        default="none",
        description="How parcels are sent, where the shop's version of the platform takes them: "
        "in Express of the order, or by the logistics call after the order's own.",
    )
    after_sale_status_path: Text = Field(
        default="ordercenter/app/update/sub/status",
        description='An older manual has it without "ordercenter/".',
    )
    scene_type: Count | None = Field(
        default=None,
        description="Required on import by later versions of the platform; sent if set.",
        examples=[2],
    )
    pm_app_key: Text | None = Field(
        default=None,
        description="Required on import by later versions of the platform; sent if set.",
        examples=["a392qXwK8L5GDUWhFoC01cKwoy7tmehg"],
    )
