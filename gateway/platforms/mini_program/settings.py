"""Configuration of a Mini Program."""

from typing import Literal

from gateway.settings.section import Text
from gateway.wechat.settings import WeChatAppSettings


class MiniProgramShopSettings(WeChatAppSettings):
    """A Mini Program (小程序): its shopping list, and orders of partner stores."""

    #: brand_info.phone of imported orders.
    service_phone: Text | None = None
    #: brand_info.contact_detail_page.path of imported orders.
    contact_page: Text | None = None
    #: After an import whose answer was lost: look for the order if an update can show it, or delete
    #: it and import it again.
    on_lost_import: Literal["hold", "overwrite"] = "hold"
    #: Whether the platform has the call of 2019 that tells what is on a buyer's list.
    list_query: bool = False
    #: False: the shopping list is closed for this app. Orders are kept by the gateway alone, and
    #: only their shipping is reported.
    shopping_list: bool = True
    #: Adds is_test=1 to shopping-list imports.
    test_data: bool = False
