"""The shops and mirrors of the configuration: one class a platform, told apart by `platform`."""

import re
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from gateway.settings.section import (
    Count,
    FilePath,
    PlatformAddress,
    ProxyAddress,
    Secret,
    Section,
    Text,
    matching,
    matching_secret,
)

_KEY: Final = re.compile(r"[a-z0-9-]+")
_AES_KEY: Final = re.compile(r"[A-Za-z0-9+/]{43}")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")

WECHAT: Final = "https://api.weixin.qq.com"
BAIDU: Final = "https://openapi.baidu.com"

ShopKey = Annotated[
    str,
    matching(
        lambda text: _KEY.fullmatch(text) is not None,
        "small letters, digits and hyphens, such as flagship-2",
    ),
]
AesKey = Annotated[
    Secret,
    matching_secret(
        lambda text: _AES_KEY.fullmatch(text) is not None,
        "43 letters, digits, + or /, as the platform's console shows it",
    ),
]
PageTemplate = Annotated[
    Text,
    matching(
        lambda text: set(_PLACEHOLDER.findall(text)) <= {"platform_id"},
        "a page path in which nothing but {platform_id} is filled in",
    ),
]


def _name_of(values: dict[str, Any]) -> str:
    return str(values["key"])


class _Shop(Section):
    #: How the API names it.
    key: ShopKey = Field(description="a name for the API: small letters, digits and hyphens")
    #: None: that of [upstream].
    proxy: ProxyAddress | None = None
    #: None: that of [upstream].
    ca_file: FilePath | None = None


class _WeChatApp(_Shop):
    app_id: Text = Field(description="the AppID of the platform's console")
    app_secret: Secret = Field(description='the AppSecret, best as { env = "NAME" }')
    base_url: PlatformAddress = WECHAT
    #: The token of the console's message settings, for /webhooks/wechat/{key}.
    event_token: Secret | None = None
    #: None: events come in plain mode.
    event_aes_key: AesKey | None = None
    #: Accepted besides the present one, while the console's key is being changed.
    event_aes_key_previous: AesKey | None = None


class WechatStoreShop(_WeChatApp):
    """A shop of the WeChat Store (微信小店)."""

    platform: Literal["wechat_store"]
    #: How people call it; the key where it is not given.
    name: Text = Field(default_factory=_name_of)
    #: Orders are read in windows of so many days, from the newest backwards.
    orders_window_days: Count = 90
    #: And no further back than this day.
    orders_since: date = date(2020, 1, 1)


class MiniProgramShop(_WeChatApp):
    """A Mini Program (小程序): its shopping list, and orders of partner stores."""

    platform: Literal["mini_program"]
    #: How people call it; the key where it is not given.
    name: Text = Field(default_factory=_name_of)
    #: brand_info.phone of imported orders.
    service_phone: Text | None = None
    #: brand_info.contact_detail_page.path of imported orders.
    contact_page: Text | None = None
    #: Adds is_test=1 to shopping-list imports.
    test_data: bool = False


class BaiduShop(_Shop):
    """A smart program of Baidu (百度智能小程序), with its order centre."""

    platform: Literal["baidu"]
    #: How people call it; the key where it is not given.
    name: Text = Field(default_factory=_name_of)
    app_key: Text = Field(description="the App Key of the platform's console")
    app_secret: Secret = Field(description='the App Secret, best as { env = "NAME" }')
    base_url: PlatformAddress = BAIDU
    #: An older manual prints it without "ordercenter/".
    after_sale_status_path: Text = "ordercenter/app/update/sub/status"
    #: Later versions of the platform want it on import; sent when set.
    scene_type: Count | None = None
    #: Later versions of the platform want it on import; sent when set.
    pm_app_key: Text | None = None


ShopSettings = WechatStoreShop | MiniProgramShop | BaiduShop
#: The shop's class is chosen by its `platform`, so that a mistake is told once.
AnyShop = Annotated[ShopSettings, Field(discriminator="platform")]


class MirrorSettings(Section):
    """`[[mirrors]]`: keeps the orders of linked buyers in step in another shop."""

    source: ShopKey = Field(alias="from", description="the key of the shop that has the orders")
    target: ShopKey = Field(alias="to", description="the key of the shop that shows them too")
    order_page: PageTemplate | None = None
    product_page: PageTemplate | None = None
    parcel_page: PageTemplate | None = None
    category: tuple[Text, ...] = ()
