"""Asks WeChat for an app's access token: `POST /cgi-bin/stable_token`."""

from typing import Final

import msgspec

from gateway.upstream.access_token import TokenAnswer, TokenGrant, fingerprint
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint
from gateway.upstream.error_table import ErrorKind, ErrorTable
from gateway.upstream.token_source import TokenSource
from gateway.wechat.codes import GENERAL_CODES, GENERAL_WAITS, Envelope, complaint


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks; never shown, because it holds the secret."""

    grant_type: str = "client_credential"
    appid: str
    secret: str
    force_refresh: bool = False

    def __repr__(self) -> str:
        return f"TokenRequest(appid={self.appid!r})"


#: 获取稳定版接口调用凭据. Without force it gives the token that is in use already, and in its
#: last five minutes a new one beside it; a repeated forced call within 30 s changes nothing.
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

#: 40001 tells of a wrong secret here, not of an old token.
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
    """Fetches the token of one app, through a client that itself sends none."""

    def __init__(self, client: PlatformClient, *, app_id: str, secret: str) -> None:
        self._client = client
        self._app_id = app_id
        self._secret = secret

    async def fetch(self, *, force: bool) -> TokenGrant:
        """The token; `force` kills the former one at once (20 a day, 30 s apart)."""
        request = TokenRequest(appid=self._app_id, secret=self._secret, force_refresh=force)
        return (await self._client.call(STABLE_TOKEN, request)).value.grant()


def stable_tokens(app_id: str, secret: str) -> TokenSource:
    """Where the tokens of an app come from."""
    return TokenSource(
        fetcher=lambda client: StableToken(client, app_id=app_id, secret=secret),
        errors=TOKEN_ERRORS,
        credentials=fingerprint(app_id, secret),
    )
