"""Baidu's token call, by client credentials (`/oauth/2.0/token`), and the check of its tokens."""

from collections.abc import Mapping

from gateway.sandbox.accounts import Account
from gateway.sandbox.invented import BaiduChoices
from gateway.sandbox.refusal import BaiduGatewayRefusal, OAuthRefusal
from gateway.sandbox.state import Wire
from gateway.sandbox.token_book import Tokens, TokenState

TOKEN_INVALID = 110
TOKEN_EXPIRED = 111
SCOPE = "smartapp_snsapi_base"


class BaiduTokenCalls:
    """The token call of every Baidu account."""

    def __init__(
        self, accounts: Mapping[str, Account], tokens: Tokens, choices: BaiduChoices
    ) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._choices = choices

    def issue(self, given: Mapping[str, str]) -> Wire:
        """Answer a request for a token, which lives thirty days."""
        if given.get("grant_type") != "client_credentials":
            raise OAuthRefusal("unsupported_grant_type", "the grant type is not supported")
        account = self._accounts.get(given.get("client_id", ""))
        if account is None or account.platform != "baidu":
            raise OAuthRefusal("invalid_client", "unknown client id")
        if given.get("client_secret") != account.secret:
            raise OAuthRefusal("invalid_client", "Client authentication failed")
        if self._choices.new_token_voids_former:
            self._tokens.replace(account.app_id, "baidu", 0)
        lifetime = self._tokens.rules.baidu_lifetime
        value = self._tokens.issue(account.app_id, "baidu", lifetime)
        return {
            "access_token": value,
            "expires_in": lifetime,
            "refresh_token": f"refresh.{value[:24]}",
            "scope": given.get("scope", SCOPE),
            "session_key": "",
            "session_secret": "",
        }


def require_baidu_token(tokens: Tokens, value: str, choices: BaiduChoices) -> str:
    """Give the app key of a valid token; refuse with the gateway's 110 or 111 otherwise."""
    if not value:
        raise BaiduGatewayRefusal(choices.missing_token, "Access token missing")
    state = tokens.check(value)
    if state is TokenState.EXPIRED:
        raise BaiduGatewayRefusal(TOKEN_EXPIRED, "Access token expired")
    if state is not TokenState.VALID:
        raise BaiduGatewayRefusal(TOKEN_INVALID, "Access token invalid or no longer valid")
    return tokens.book.tokens[value].app_id
