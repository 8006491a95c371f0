"""A small platform's table, for tests of what no platform owns."""

from collections.abc import Callable
from typing import Any

import msgspec

from gateway.concurrency.clock import Clock
from gateway.upstream.endpoint import BodyKind, Endpoint
from gateway.upstream.error_table import Complaint, ErrorKind, ErrorTable


class Envelope(msgspec.Struct):
    errcode: int | str = 0
    errmsg: str = ""


def complaint(envelope: Envelope) -> Complaint | None:
    if envelope.errcode in {0, "0"}:
        return None
    return Complaint(str(envelope.errcode), envelope.errmsg)


ERRORS: ErrorTable[Any] = ErrorTable(
    envelope=Envelope,
    read=complaint,
    kinds={
        "-1": ErrorKind.BUSY,
        "40001": ErrorKind.TOKEN,
        "42001": ErrorKind.TOKEN,
        "40013": ErrorKind.CREDENTIALS,
        "45009": ErrorKind.QUOTA,
        "45011": ErrorKind.RATE,
        "1": ErrorKind.OK,
    },
    retry_after={"45009": 3600.0},
)


class Ask(msgspec.Struct, omit_defaults=True):
    order_id: str = ""
    note: str | None = None


class Order(msgspec.Struct):
    order_id: str
    price: int | str = 0


class Got(msgspec.Struct):
    order: Order | None = None


READ = Endpoint(
    name="order.get",
    method="POST",
    path="/order/get",
    request=Ask,
    response=Got,
    section="6.2",
    summary="An order",
    repeatable=True,
    ttl="orders",
    tags=("orders",),
)

UNCACHED = Endpoint(
    name="order.look",
    method="POST",
    path="/order/look",
    request=Ask,
    response=Got,
    section="6.3",
    summary="An order, as it is now",
    repeatable=True,
)

WRITE = Endpoint(
    name="order.close",
    method="POST",
    path="/order/close",
    request=Ask,
    response=Got,
    section="6.4",
    summary="Close an order",
    invalidates=("orders",),
)


class Upload(msgspec.Struct):
    filename: str
    content: bytes


UPLOAD = Endpoint(
    name="image.add",
    method="POST",
    path="/image/add",
    request=Upload,
    response=Got,
    section="5.1",
    summary="Upload an image",
    query_fields=("filename",),
    body=BodyKind.BYTES,
)

GOT = b'{"errcode":0,"order":{"order_id":"7","price":5}}'
LIFETIMES = {"orders": 60.0}


class Hands:
    """A clock that only moves when told; sleeping moves it."""

    def __init__(self, *, chance: float = 0.0) -> None:
        self.time = 1_000.0
        self.slept: list[float] = []
        self.chance = chance

    def clock(self, *, awake: "Callable[[float], Any] | None" = None) -> Clock:
        return Clock(
            monotonic=lambda: self.time,
            wall=lambda: 1_700_000_000.0 + self.time,
            sleep=awake or self._sleep,
            random=lambda: self.chance,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


class Listener:
    """Keeps what observers are told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str]] = []
        self.turns: list[tuple[str, str, bool]] = []
        #: Which shop's endpoint, as "opened", "refused" or "retried".
        self.troubles: list[tuple[str, str, str]] = []
        self.fetches: list[tuple[str, str]] = []
        self.tokens: list[tuple[str, float]] = []
        #: The shop, the period, what of its quota is used, and the quota.
        self.quotas: list[tuple[str, str, int, int]] = []

    def called(self, shop: str, endpoint: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        self.heard.append((shop, endpoint, outcome))

    def left_alone(self, shop: str, endpoint: str, *, alone: bool) -> None:
        self.turns.append((shop, endpoint, alone))

    def quota_used(self, shop: str, period: str, used: int, quota: int) -> None:
        self.quotas.append((shop, period, used, quota))

    def breaker_opened(self, shop: str, endpoint: str) -> None:
        self.troubles.append((shop, endpoint, "opened"))

    def refused(self, shop: str, endpoint: str) -> None:
        self.troubles.append((shop, endpoint, "refused"))

    def retried(self, shop: str, endpoint: str) -> None:
        self.troubles.append((shop, endpoint, "retried"))

    def token_fetched(self, shop: str, outcome: str) -> None:
        self.fetches.append((shop, outcome))

    def token_taken(self, shop: str, until: float) -> None:
        self.tokens.append((shop, until))
