"""WeChat's two token calls, which know nothing of each other (接口调用凭据, getAccessToken).

`GET /cgi-bin/token` voids the former token after five minutes; `POST /cgi-bin/stable_token`
gives the same one until five minutes before its end.
"""

from collections.abc import Mapping
from typing import Any

from gateway.sandbox.accounts import Account
from gateway.sandbox.clock import SandboxClock
from gateway.sandbox.refusal import Refusal
from gateway.sandbox.state import Wire
from gateway.sandbox.token_book import Tokens, TokenState

BAD_GRANT = 40002
BAD_APP_ID = 40013
BAD_SECRET = 40125
NO_APP_ID = 41002
NO_SECRET = 41004
DAILY_QUOTA = 45009
MINUTE_QUOTA = 45011


class WechatTokenCalls:
    """The token calls of every WeChat account."""

    def __init__(
        self, accounts: Mapping[str, Account], tokens: Tokens, clock: SandboxClock
    ) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._clock = clock

    def plain(self, query: Mapping[str, Any]) -> Wire:
        """Answer `GET /cgi-bin/token`: always a new token; the former lives five minutes more."""
        app_id = self._identify(query).app_id
        rules = self._tokens.rules
        if self._tokens.count_today("plain", app_id) > rules.plain_per_day:
            raise Refusal(DAILY_QUOTA, "reach max api daily quota limit")
        self._tokens.replace(app_id, "plain", rules.overlap)
        value = self._tokens.issue(app_id, "plain", rules.wechat_lifetime)
        return {"access_token": value, "expires_in": rules.wechat_lifetime}

    def stable(self, body: Mapping[str, Any]) -> Wire:
        """Answer `POST /cgi-bin/stable_token`: `expires_in` is what remains of the token's life."""
        app_id = self._identify(body).app_id
        rules = self._tokens.rules
        if self._tokens.count_this_minute("stable", app_id) > rules.stable_per_minute:
            raise Refusal(MINUTE_QUOTA, "api minute-quota reach limit, must slower")
        if self._tokens.count_today("stable", app_id) > rules.stable_per_day:
            raise Refusal(DAILY_QUOTA, "reach max api daily quota limit")
        if body.get("force_refresh") is True and self._may_force(app_id):
            return self._forced(app_id)
        return self._kept_or_next(app_id)

    def _may_force(self, app_id: str) -> bool:
        last = self._tokens.book.forced_at.get(app_id)
        return last is None or self._clock.now() - last >= self._tokens.rules.forced_gap

    def _forced(self, app_id: str) -> Wire:
        if self._tokens.count_today("forced", app_id) > self._tokens.rules.forced_per_day:
            raise Refusal(DAILY_QUOTA, "reach max force_refresh daily quota limit")
        self._tokens.book.forced_at[app_id] = self._clock.now()
        self._tokens.replace(app_id, "stable", 0)
        return self._issue_stable(app_id)

    def _kept_or_next(self, app_id: str) -> Wire:
        kept = self._tokens.current(app_id, "stable")
        if kept is None:
            return self._issue_stable(app_id)
        value, token = kept
        remaining = self._tokens.remaining(token)
        if remaining > self._tokens.rules.overlap:
            return {"access_token": value, "expires_in": remaining}
        # In its last five minutes a token is replaced, and both then work for five more.
        token.expires_at = self._clock.now() + self._tokens.rules.overlap
        return self._issue_stable(app_id)

    def _issue_stable(self, app_id: str) -> Wire:
        lifetime = self._tokens.rules.wechat_lifetime
        value = self._tokens.issue(app_id, "stable", lifetime)
        return {"access_token": value, "expires_in": lifetime}

    def _identify(self, given: Mapping[str, Any]) -> Account:
        if given.get("grant_type") != "client_credential":
            raise Refusal(BAD_GRANT, "invalid grant_type")
        if not given.get("appid"):
            raise Refusal(NO_APP_ID, "appid missing")
        if not given.get("secret"):
            raise Refusal(NO_SECRET, "appsecret missing")
        account = self._accounts.get(str(given["appid"]))
        if account is None or account.platform == "baidu":
            raise Refusal(BAD_APP_ID, "invalid appid")
        if given["secret"] != account.secret:
            raise Refusal(BAD_SECRET, "invalid appsecret")
        return account


def require_wechat_token(tokens: Tokens, value: str) -> str:
    """Give the app id of a valid token; refuse with 41001, 40014, 40001 or 42001 otherwise."""
    if not value:
        raise Refusal(41001, "access_token missing")
    state = tokens.check(value)
    if state is TokenState.UNKNOWN:
        raise Refusal(40014, "invalid access_token")
    if state is TokenState.VOID:
        raise Refusal(40001, "invalid credential, access_token is invalid or not latest")
    if state is TokenState.EXPIRED:
        raise Refusal(42001, "access_token expired")
    return tokens.book.tokens[value].app_id
