"""The Mini Program's account: its page in the order centre, and its trade management."""

from collections.abc import Sequence
from typing import Final

from gateway.platform_kit.calls import ask
from gateway.platform_kit.writes import send_write
from gateway.platforms.mini_program.endpoints import (
    GET_DETAIL_PATH,
    IS_TRADE_MANAGED,
    SET_DETAIL_PATH,
)
from gateway.platforms.mini_program.wire.account import (
    GetDetailPath,
    IsTradeManaged,
    SetDetailPath,
)
from gateway.ports import AccountNote, ReadOptions
from gateway.ports.writing.problems import Problems
from gateway.upstream.client import PlatformClient

#: WeChat puts the merchant's own number of the payment (out_trade_no) in its place.
PLACEHOLDER: Final = "${商品订单号}"

_MANAGED: Final = AccountNote(
    "its payments are under trade management: their money waits for the reports of shipping"
)
_NOT_MANAGED: Final = AccountNote(
    "its payments are not under trade management: reports of shipping are refused with 10060001",
    "open 发货信息管理 in the platform's console if the app's category has to report",
)


class OrderCenter:
    """Implements KeepsOrderCenter."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    async def path(self, reading: ReadOptions) -> str | None:
        """The path of the page; None if none was set."""
        answer = await ask(self._client, GET_DETAIL_PATH, GetDetailPath(), reading)
        return answer.value.path or None

    async def set_path(self, path: str, deadline: float | None) -> None:
        """Sets the page, whose path says where the number of the order goes."""
        problems = Problems()
        if PLACEHOLDER not in path:
            message = f"It must hold {PLACEHOLDER}, which WeChat fills with the order's number."
            problems.add(message, "path")
        problems.stop()
        await send_write(self._client, SET_DETAIL_PATH, SetDetailPath(path=path), deadline)


class TradeManagement:
    """Implements NotesAccounts."""

    def __init__(self, client: PlatformClient, app_id: str) -> None:
        self._client = client
        self._app_id = app_id

    async def notes(self) -> Sequence[AccountNote]:
        """Whether shipping has to be reported."""
        request = IsTradeManaged(appid=self._app_id)
        answer = await self._client.call(IS_TRADE_MANAGED, request)
        return [_MANAGED if answer.value.is_trade_managed else _NOT_MANAGED]
