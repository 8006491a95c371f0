"""Baidu's token call, by client credentials (`/oauth/2.0/token`), and the check of its tokens."""

from collections.abc import Mapping

from gateway.platforms.baidu.sandbox.invented import Invented
from gateway.sandbox.request import Wire
from gateway.sandbox.server_state import ServerState
from gateway.sandbox.tokens import Tokens, TokenState

#: Issuer of Baidu accounts, and kind of their tokens.
ISSUER = "baidu"
#: Thirty days, in seconds.
LIFETIME = 2_592_000
TOKEN_INVALID = 110
TOKEN_EXPIRED = 111
SCOPE = "smartapp_snsapi_base"


class GatewayRefusal(Exception):
    """An error of the API gateway: `error_code` and `error_msg`."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class OAuthRefusal(Exception):
    """An error of the token call: `error` and `error_description`, no number."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def issue_token(server: ServerState, given: Mapping[str, str], invented: Invented) -> Wire:
    """Answer a token request; the token is valid for thirty days."""
    if given.get("grant_type") != "client_credentials":
        raise OAuthRefusal("unsupported_grant_type", "the grant type is not supported")
    account = server.accounts.get(given.get("client_id", ""))
    if account is None or account.issuer != ISSUER:
        raise OAuthRefusal("invalid_client", "unknown client id")
    if given.get("client_secret") != account.secret:
        raise OAuthRefusal("invalid_client", "Client authentication failed")
    if invented.new_token_voids_former:
        server.tokens.replace(account.app_id, ISSUER, 0)
    value = server.tokens.issue(account.app_id, ISSUER, LIFETIME)
    return {
        "access_token": value,
        "expires_in": LIFETIME,
        "refresh_token": f"refresh.{value[:24]}",
        "scope": given.get("scope", SCOPE),
        "session_key": "",
        "session_secret": "",
    }


def require_token(tokens: Tokens, value: str, invented: Invented) -> str:
    """Return the app key of a valid token; otherwise refuse with 110 or 111."""
    if not value:
        raise GatewayRefusal(invented.missing_token, "Access token missing")
    state = tokens.check(value)
    if state is TokenState.EXPIRED:
        raise GatewayRefusal(TOKEN_EXPIRED, "Access token expired")
    if state is not TokenState.VALID:
        raise GatewayRefusal(TOKEN_INVALID, "Access token invalid or no longer valid")
    return tokens.book.tokens[value].app_id
