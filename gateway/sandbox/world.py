"""The running sandbox: accounts, clock, state, and what every request needs of them."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.sandbox.accounts import DEFAULT_ACCOUNTS, Account
from gateway.sandbox.baidu_tokens import BaiduTokenCalls
from gateway.sandbox.clock import SandboxClock
from gateway.sandbox.invented import Invented
from gateway.sandbox.state import BaiduShop, MiniShop, SandboxState, StoreShop
from gateway.sandbox.token_book import TokenRules, Tokens
from gateway.sandbox.wechat_tokens import WechatTokenCalls


@dataclass(frozen=True)
class Setting:
    """What the sandbox is started with; every part can be replaced."""

    accounts: tuple[Account, ...] = DEFAULT_ACCOUNTS
    invented: Invented = field(default_factory=Invented)
    rules: TokenRules = field(default_factory=TokenRules)
    base_clock: Callable[[], float] = time.time
    entropy: Callable[[int], bytes] = secrets.token_bytes


class World:
    """One sandbox; `state` is replaced whole on a reset."""

    def __init__(self, setting: Setting, state: SandboxState) -> None:
        self.setting = setting
        self.accounts = {account.app_id: account for account in setting.accounts}
        self.clock = SandboxClock(setting.base_clock)
        self.restore(state)

    def restore(self, state: SandboxState) -> None:
        """Go on from another state."""
        self.state = state
        setting = self.setting
        self.tokens = Tokens(state.tokens, self.clock, setting.entropy, setting.rules)
        self.wechat_tokens = WechatTokenCalls(self.accounts, self.tokens, self.clock)
        self.baidu_tokens = BaiduTokenCalls(self.accounts, self.tokens, setting.invented.baidu)

    def foreign(self, app_id: str, open_id: str) -> bool:
        """Say whether an open id is known as a buyer of another app only."""
        shops: dict[str, StoreShop | MiniShop | BaiduShop] = {
            **self.state.stores,
            **self.state.minis,
            **self.state.swans,
        }
        if open_id in shops[app_id].buyers:
            return False
        return any(open_id in shop.buyers for shop in shops.values())
