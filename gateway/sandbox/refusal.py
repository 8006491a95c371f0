"""What a platform answers when it does not do what was asked."""

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """A business refusal: `errcode` on WeChat, `errno` on Baidu; `extra` joins the answer."""

    def __init__(self, code: int, message: str, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.extra = dict(extra or {})


class BaiduGatewayRefusal(Exception):
    """Baidu's other envelope, of the gateway before the order centre: `error_code`, `error_msg`."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class OAuthRefusal(Exception):
    """A refusal of Baidu's token call: `error` and `error_description`, no number."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
