"""Fetches an app's access token from WeChat: `POST /cgi-bin/stable_token`."""

from typing import Final

import msgspec

from gateway.upstream.access_token import TokenAnswer, TokenGrant, fingerprint
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint
from gateway.upstream.error_table import ErrorKind, ErrorTable
from gateway.upstream.token_source import TokenSource
from gateway.wechat.codes import GENERAL_CODES, GENERAL_WAITS, Envelope, complaint
from gateway.wechat.settings import WeChatAppSettings


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The app's credentials; never shown, because they include the secret."""

    grant_type: str = "client_credential"
    appid: str
    secret: str
    force_refresh: bool = False

    def __repr__(self) -> str:
        return f"TokenRequest(appid={self.appid!r})"


#: 获取稳定版接口调用凭据. Without force it returns the current token, and in its last five
#: minutes a new one alongside; repeating a forced call within 30 s changes nothing.
STABLE_TOKEN: Final = Endpoint(
    name="stable_token",
    method="POST",
    path="/cgi-bin/stable_token",
    request=TokenRequest,
    response=TokenAnswer,
    section="getStableAccessToken",
    summary="The app's access token",
    repeatable=True,
)

#: 40001 means a wrong secret here, not an expired token.
TOKEN_ERRORS: Final = ErrorTable(
    envelope=Envelope,
    read=complaint,
    kinds={
        **GENERAL_CODES,
        "40001": ErrorKind.CREDENTIALS,
        "41002": ErrorKind.CREDENTIALS,  # app id missing
        "41004": ErrorKind.CREDENTIALS,  # app secret missing
    },
    retry_after=GENERAL_WAITS,
)


class StableToken:
    """Fetches one app's token through a client that sends no token."""

    def __init__(self, client: PlatformClient, *, app_id: str, secret: str) -> None:
        self._client = client
        self._app_id = app_id
        self._secret = secret

    async def fetch(self, *, force: bool) -> TokenGrant:
        """The token; `force` invalidates the previous one at once (20 a day, 30 s apart)."""
        request = TokenRequest(appid=self._app_id, secret=self._secret, force_refresh=force)
        return (await self._client.call(STABLE_TOKEN, request)).value.grant()


def app_tokens(settings: WeChatAppSettings) -> TokenSource:
    """The source of the tokens of a configured app."""
    return stable_tokens(settings.app_id, settings.app_secret.get_secret_value())


def stable_tokens(app_id: str, secret: str) -> TokenSource:
    """The source of an app's tokens."""
    return TokenSource(
        fetcher=lambda client: StableToken(client, app_id=app_id, secret=secret),
        errors=TOKEN_ERRORS,
        credentials=fingerprint(app_id, secret),
        secrets=(secret,),
    )
