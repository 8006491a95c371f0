"""Common configuration of apps on WeChat's platforms."""

import re
from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import Field

from gateway.settings.section import PlatformAddress, Problem, Secret, Text, matching_secret
from gateway.settings.shops import ShopSettings

_AES_KEY: Final = re.compile(r"[A-Za-z0-9+/]{43}")

AesKey = Annotated[
    Secret,
    matching_secret(
        lambda text: _AES_KEY.fullmatch(text) is not None,
        "43 letters, digits, + or /, as the platform's console shows it",
    ),
]


class WeChatAppSettings(ShopSettings):
    """An app: its credentials, and how its messages are verified and decrypted."""

    app_id: Text = Field(
        description="the AppID of the platform's console", examples=["wx0000000000000000"]
    )
    app_secret: Secret = Field(description='the AppSecret, best as { env = "NAME" }')
    base_url: PlatformAddress = Field(
        default="https://api.weixin.qq.com", description="The address of the platform."
    )
    event_token: Secret | None = Field(
        default=None,
        description="The token of the console's message settings, for /webhooks/wechat/{key}.",
    )
    event_aes_key: AesKey | None = Field(
        default=None,
        description="The 43 characters of the console; left out: events come in plain mode.",
    )
    event_aes_key_previous: AesKey | None = Field(
        default=None, description="Also accepted, while the console's key is being changed."
    )

    def contradictions(self) -> Iterator[Problem]:
        """Settings that lack the one they depend on."""
        if self.event_aes_key is not None and self.event_token is None:
            yield Problem("event_token", "missing; event_aes_key is of no use without it")
        if self.event_aes_key_previous is not None and self.event_aes_key is None:
            yield Problem("event_aes_key", "missing; event_aes_key_previous follows it")
