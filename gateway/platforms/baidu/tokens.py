"""Fetches an app's access token from Baidu with client credentials."""

from typing import Final

from gateway.platforms.baidu.errors import TOKEN_ERRORS
from gateway.platforms.baidu.settings import BaiduShopSettings
from gateway.platforms.baidu.wire.token import TokenRequest
from gateway.upstream.access_token import TokenAnswer, TokenGrant, fingerprint
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import BodyKind, Endpoint
from gateway.upstream.token_source import TokenSource

TOKEN: Final = Endpoint(
    name="oauth.token",
    method="GET",
    path="/oauth/2.0/token",
    query_fields=("grant_type", "client_id", "client_secret", "scope"),
    body=BodyKind.NONE,
    request=TokenRequest,
    response=TokenAnswer,
    section="获取 access_token",
    summary="The app's access token",
    repeatable=True,
)


class ClientCredentials:
    """Fetches one app's token through a client that sends no token."""

    def __init__(self, client: PlatformClient, *, app_key: str, secret: str) -> None:
        self._client = client
        self._app_key = app_key
        self._secret = secret

    async def fetch(self, *, force: bool) -> TokenGrant:  # noqa: ARG002 - every token is new
        """A new token, usually valid for thirty days."""
        request = TokenRequest(client_id=self._app_key, client_secret=self._secret)
        return (await self._client.call(TOKEN, request)).value.grant()


def app_tokens(settings: BaiduShopSettings) -> TokenSource:
    """The source of the tokens of a configured smart program."""
    return client_tokens(settings.app_key, settings.app_secret.get_secret_value())


def client_tokens(app_key: str, secret: str) -> TokenSource:
    """The source of an app's tokens."""
    return TokenSource(
        fetcher=lambda client: ClientCredentials(client, app_key=app_key, secret=secret),
        errors=TOKEN_ERRORS,
        credentials=fingerprint(app_key, secret),
        secrets=(secret,),
    )
