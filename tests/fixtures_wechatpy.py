"""A merchant client that nobody here wrote, led to the sandbox by an adapter, unmodified."""

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from wechatpy import WeChatClient

from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from tests.fixtures_sandbox import Sandbox

PLATFORM = "https://api.weixin.qq.com"


class ToSandbox(HTTPAdapter):
    """Sends what is meant for the platform to the sandbox."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> Any:
        assert request.url is not None
        request.url = request.url.replace(PLATFORM, self._base_url, 1)
        return super().send(request, *args, **more)


@pytest.fixture
def merchant(sandbox: Sandbox) -> Iterator[Any]:
    client = WeChatClient(FLAGSHIP.app_id, FLAGSHIP.secret)
    http = client._http  # noqa: SLF001 - there is no other way to mount an adapter
    http.trust_env = False
    http.mount(PLATFORM, ToSandbox(sandbox.base_url))
    with warnings.catch_warnings():
        # The merchant client calls the library's own deprecated methods.
        warnings.simplefilter("ignore", DeprecationWarning)
        yield client.merchant
    http.close()
