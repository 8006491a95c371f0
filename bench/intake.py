"""How fast orders are taken in: one by one, 500 at a time, adopted, and beside live callers.

    python -m bench.intake [--store URL] [--platform mini_program | baidu] [--delay MS] [ROW ...]

The gateway runs in this process behind its own server, the platform in a process of its own; it
answers every call after `--delay` milliseconds. Without `--store` the ledger is a new SQLite file.
"""

import argparse
import asyncio
import base64
import contextlib
import itertools
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import uvloop

from bench.hanging_shop import gateway
from bench.place import Place
from bench.platform import Platform
from bench.processes import free_port, process, wait_for
from gateway.cli.worker_process import tune_interpreter
from gateway.registry import PLATFORMS
from gateway.settings import Settings

_KEY: Final = base64.b64encode(bytes(32)).decode()
_MANY: Final = 500
#: Callers at a time that import one order each.
_CALLERS: Final = 16
_SINGLES: Final = 400
_ROUNDS: Final = 4
_DONE: Final = "orders { id } pushes { id state } userErrors { code message }"
_SINGLE: Final = (
    "mutation($input: OrderImportInput!) { done: orderImport(input: $input) {"
    " order { id } push { id state } userErrors { code message } } }"
)
_BULK: Final = (
    "mutation($input: [OrderImportInput!]!) { done: ordersImport(input: $input) {" + _DONE + "} }"
)
_TOKEN: Final = orjson.dumps({"access_token": "bench", "expires_in": 7_200})
_READY: Final[Mapping[str, bytes]] = {
    "/cgi-bin/token": _TOKEN,
    "/cgi-bin/stable_token": _TOKEN,
    "/oauth/2.0/token": _TOKEN,
    "/mall/importorder": b'{"errcode":0,"errmsg":"ok"}',
    "/rest/2.0/smartapp/ordercenter/app/add/main/info": b'{"errno":0,"msg":"success","data":[]}',
}


class _SlowPlatform(Platform):
    """Answers each call after so many seconds."""

    def __init__(self, ready: Mapping[bytes, bytes], delay: float) -> None:
        super().__init__(ready, Counter())
        self._delay = delay

    def _answer(self, path: bytes) -> None:
        asyncio.get_running_loop().call_later(self._delay, super()._answer, path)


async def _serve(port: int, delay: float) -> None:
    ready = {
        path.encode(): b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n\r\n%b" % (len(body), body)
        for path, body in _READY.items()
    }
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _SlowPlatform(ready, delay), "127.0.0.1", port)
    await server.serve_forever()


def serve_platform(place: Place, milliseconds: str) -> None:
    """Serve the platform until the process is ended."""
    uvloop.run(_serve(place.port, float(milliseconds) / 1000))


@contextlib.contextmanager
def _platform(milliseconds: float) -> Iterator[str]:
    port = free_port()
    words = (port, "-", ".", -1, milliseconds)
    with process("bench.intake:serve_platform", *words):
        wait_for(port)
        yield f"http://127.0.0.1:{port}"


def _order(kind: str, number: int, **changes: Any) -> dict[str, Any]:
    """An order of one item, as its platform takes it."""
    item = {
        "platformProductId": f"p{number % 50}",
        "platformSkuId": "s1",
        "title": "潮流T恤",
        "quantity": 2,
        "unitPrice": {"fen": 9900},
        "images": ["https://example.com/1.jpeg"],
        "categoryPath": ["衣服", "T恤"],
    }
    order = {
        "shop": "shop",
        "openId": f"buyer{number}",
        "platformId": f"order{number}",
        "status": "AWAITING_SHIPMENT",
        "createdAt": "2024-01-31T08:00:00+08:00",
        "total": {"fen": 20_300},
        "shippingFee": {"fen": 500},
        "shippingAddress": {"name": "王小明", "city": "广州市", "street": "体育西路 1 号"},
    }
    if kind == "baidu":
        payment = {"method": "ONLINE", "paid": True, "paidAt": "2024-01-31T08:01:00+08:00"}
        page = {"state": "SHOWN_AND_OPENS", "swan": "baiduboxapp://swan/x"}
        order |= {"title": "潮流T恤", "kind": "PHYSICAL"}
    else:
        payment = {"method": "WECHAT_PAY", "paid": True, "paidAt": "2024-01-31T08:01:00+08:00"}
        payment["reference"] = f"42{number:026}"
        page = {"miniProgramPath": f"/pages/order?id={number}"}
        item["page"] = {"miniProgramPath": "/pages/product"}
        order |= {"brandPhone": "400-000-0000", "contactPage": "/pages/contact"}
    return order | {"items": [item], "payment": payment, "page": page} | changes


@dataclass
class _Bench:
    """A gateway to ask, and what orders come next."""

    client: httpx.AsyncClient
    kind: str
    numbers: Iterator[int]

    def orders(self, count: int, **changes: Any) -> list[dict[str, Any]]:
        return [_order(self.kind, next(self.numbers), **changes) for _ in range(count)]

    async def ask(self, query: str, given: Any) -> tuple[float, dict[str, Any]]:
        """The seconds of one mutation, and its answer."""
        body = orjson.dumps({"query": query, "variables": {"input": given}})
        began = time.perf_counter()
        answer = await self.client.post(
            "/graphql", content=body, headers={"content-type": "application/json"}
        )
        return time.perf_counter() - began, answer.json()

    async def singles(self) -> str:
        """Orders that are imported one by one."""
        left = iter(self.orders(_SINGLES))
        seconds: list[float] = []

        async def caller() -> None:
            for order in left:
                taken, answer = await self.ask(_SINGLE, order)
                _check(answer)
                seconds.append(taken)

        began = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(_CALLERS)))
        rate = _SINGLES / (time.perf_counter() - began)
        return f"one by one: {rate:.0f} orders/s, p95 {_p95(seconds):.0f} ms"

    async def bulk(self) -> str:
        """Orders that are imported 500 at a time."""
        return await self._bulk("500 at a time")

    async def adopt(self) -> str:
        """Orders that are recorded only."""
        return await self._bulk("adopted, 500 at a time", adopt=True)

    async def _bulk(self, name: str, **changes: Any) -> str:
        given = [self.orders(_MANY, **changes) for _ in range(_ROUNDS)]
        began, busy = time.perf_counter(), time.process_time()
        states: Counter[str] = Counter()
        for one in given:
            _, answer = await self.ask(_BULK, one)
            _check(answer)
            states.update(push["state"] for push in answer["data"]["done"]["pushes"])
        rate = _MANY * _ROUNDS / (time.perf_counter() - began)
        effort = 1000 * (time.process_time() - busy) / (_MANY * _ROUNDS)
        return f"{name}: {rate:.0f} orders/s, {effort:.2f} ms of CPU each {dict(states)}"

    async def beside(self) -> str:
        """Two imports of 500 at once, again and again, beside live callers and /readyz."""
        codes: Counter[str] = Counter()
        seconds: list[float] = []
        ready: Counter[int] = Counter()
        over = asyncio.Event()

        async def caller() -> None:
            while not over.is_set():
                taken, answer = await self.ask(_SINGLE, *self.orders(1))
                codes[_code(answer)] += 1
                seconds.append(taken)
                await asyncio.sleep(0.05)

        async def probe() -> None:
            while not over.is_set():
                ready[(await self.client.get("/readyz")).status_code] += 1
                await asyncio.sleep(0.2)

        async def many() -> None:
            for _ in range(_ROUNDS):
                _, answer = await self.ask(_BULK, self.orders(_MANY))
                codes[f"bulk {_code(answer)}"] += 1

        beside = [asyncio.create_task(one()) for one in (caller, caller, caller, caller, probe)]
        began = time.perf_counter()
        await asyncio.gather(many(), many())
        rate = 2 * _ROUNDS * _MANY / (time.perf_counter() - began)
        over.set()
        await asyncio.gather(*beside)
        return (
            f"two imports of 500 at once: {rate:.0f} orders/s; beside them single imports"
            f" p50 {1000 * sorted(seconds)[len(seconds) // 2]:.0f} ms, p95 {_p95(seconds):.0f} ms,"
            f" max {1000 * max(seconds):.0f} ms; {dict(codes)}; /readyz {dict(ready)}"
        )


def _code(answer: Mapping[str, Any]) -> str:
    return str(answer["errors"][0]["extensions"]["code"]) if "errors" in answer else "OK"


def _check(answer: Mapping[str, Any]) -> None:
    if "errors" in answer or answer["data"]["done"]["userErrors"]:
        raise ValueError(f"the gateway failed: {orjson.dumps(answer)[:500]!r}")


def _p95(seconds: list[float]) -> float:
    return 1000 * sorted(seconds)[int(len(seconds) * 0.95)]


_ROWS: Final[Mapping[str, Callable[[_Bench], Awaitable[str]]]] = {
    "singles": _Bench.singles,
    "bulk": _Bench.bulk,
    "adopt": _Bench.adopt,
    "beside": _Bench.beside,
}


def _settings(platform: str, kind: str, store: str) -> Settings:
    app = {"app_key": "bench"} if kind == "baidu" else {"app_id": "wxbench"}
    shop = {"key": "shop", "platform": kind, "name": "店", "app_secret": "b", "base_url": platform}
    return Settings.from_dict(
        PLATFORMS,
        {
            "auth": {"mode": "open"},
            "store": {"url": store, "encryption_key": _KEY},
            "limits": {"cost_per_minute": 1_000_000_000},
            "log": {"level": "error"},
            "shops": [shop | app],
        },
    )


async def measure(settings: Settings, kind: str, rows: list[str]) -> None:
    """Print a line for each row."""
    first = time.time_ns() // 1000
    async with gateway(settings) as client:
        bench = _Bench(client, kind, itertools.count(first))
        tune_interpreter()
        # Plans are made, and the token is fetched.
        await bench.ask(_SINGLE, *bench.orders(1))
        await bench.ask(_BULK, bench.orders(1))
        for row in rows:
            sys.stdout.write(f"{await _ROWS[row](bench)}\n")
            sys.stdout.flush()


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", default=list(_ROWS), help=", ".join(_ROWS))
    parser.add_argument("--store", help="the URL of an empty ledger")
    parser.add_argument("--platform", default="mini_program", help="mini_program, baidu")
    parser.add_argument("--delay", type=float, default=0, help="milliseconds of each call")
    options = parser.parse_args()
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    with tempfile.TemporaryDirectory() as folder, _platform(options.delay) as platform:
        store = options.store or f"sqlite:///{Path(folder)}/bench.db"
        asyncio.run(
            measure(_settings(platform, options.platform, store), options.platform, options.rows)
        )
    sys.stdout.write(f"load of the machine: {os.getloadavg()[0]:.1f}\n")


if __name__ == "__main__":
    main()
