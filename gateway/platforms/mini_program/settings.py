"""Configuration of a Mini Program."""

from typing import Literal

from pydantic import Field

from gateway.settings.section import Text
from gateway.wechat.settings import WeChatAppSettings


class MiniProgramShopSettings(WeChatAppSettings):
    """A Mini Program (小程序): its shopping list, and orders of partner stores."""

    service_phone: Text | None = Field(
        default=None, description="brand_info.phone of imported orders.", examples=["400-000-0000"]
    )
    contact_page: Text | None = Field(
        default=None,
        description="brand_info.contact_detail_page.path of imported orders.",
        examples=["/pages/contact"],
    )
    on_lost_import: Literal["hold", "overwrite"] = Field(
        default="hold",
        description="After an import whose answer was lost. hold: look for the order if an "
        "update can show it. overwrite: delete it and import it again.",
    )
    list_query: bool = Field(
        default=False,
        description="Whether the platform has the call of 2019 that tells what is on a buyer's "
        "list.",
    )
    shopping_list: bool = Field(
        default=True,
        description="false: the shopping list is closed for this app. Orders are kept by the "
        "gateway alone, and only their shipping is reported.",
    )
    test_data: bool = Field(default=False, description="Adds is_test=1 to shopping-list imports.")
