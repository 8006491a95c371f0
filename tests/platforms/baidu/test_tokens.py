import pytest

from gateway.errors import PlatformCredentials, PlatformFailure, PlatformUnavailable
from gateway.platform_kit.connection import PlatformClients
from gateway.platforms.baidu.wire.token import TokenRequest
from gateway.ports import Adapter
from gateway.registry import build_adapters
from gateway.store.store import Store
from gateway.upstream.access_token import TokenAnswer
from schema.platform import Availability
from tests.fixtures_ledger import NOW
from tests.fixtures_sandbox import Sandbox
from tests.platforms.baidu.conftest import settings

PATH = "/oauth/2.0/token"


async def test_the_credentials_can_be_checked(adapter: Adapter, sandbox: Sandbox) -> None:
    await adapter.check.credentials()

    (request,) = sandbox.requests(PATH)
    assert request["method"] == "GET"
    assert adapter.health().availability is Availability.UNKNOWN


@pytest.mark.parametrize("more", [{"app_key": "unknown"}, {"app_secret": "not-the-secret"}])
async def test_wrong_credentials_are_told_without_telling_them(
    sandbox: Sandbox, clients: PlatformClients, ledger: Store, more: dict[str, str]
) -> None:
    shop = settings(sandbox.base_url, **more)
    adapter = build_adapters([shop], clients, ledger, lambda: NOW)["swan"]

    with pytest.raises(PlatformCredentials) as caught:
        await adapter.check.credentials()

    assert caught.value.platform_code == "invalid_client"
    assert caught.value.endpoint == "oauth.token"
    assert "not-the-secret" not in repr(caught.value)


@pytest.mark.parametrize(
    ("kind", "value", "failure"),
    [("http_status", 503, PlatformUnavailable), ("html", None, PlatformUnavailable)],
)
async def test_a_platform_that_is_down_is_told(
    adapter: Adapter,
    sandbox: Sandbox,
    kind: str,
    value: object,
    failure: type[PlatformFailure],
) -> None:
    sandbox.fault(kind, value, times=None, path=PATH)

    with pytest.raises(failure):
        await adapter.check.credentials()


def test_neither_secret_nor_token_is_shown() -> None:
    request = TokenRequest(client_id="key", client_secret="s3cr3t")
    answer = TokenAnswer(access_token="t0k3n", expires_in=2592000)

    assert repr(request) == "TokenRequest(client_id='key')"
    assert repr(answer) == "TokenAnswer(expires_in=2592000)"
