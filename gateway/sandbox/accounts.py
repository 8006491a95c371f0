"""The app ids and secrets that the sandbox platforms know."""

from dataclasses import dataclass
from typing import Literal

PlatformName = Literal["wechat_store", "mini_program", "baidu"]


@dataclass(frozen=True, slots=True)
class Account:
    """One app on one platform; `seeded` says whether it starts with the sample shop or empty."""

    platform: PlatformName
    app_id: str
    secret: str
    seeded: bool = True


FLAGSHIP = Account("wechat_store", "wxflagship000001", "sandbox-flagship-secret")
MINI = Account("mini_program", "wxmini0000000001", "sandbox-mini-secret")
SWAN = Account("baidu", "a392qXwK8L5GDUWhFoC01cKwoy7tmehg", "sandbox-swan-secret")

DEFAULT_ACCOUNTS = (FLAGSHIP, MINI, SWAN)
