"""Rows A1 to A13: what platforms and the way to them get wrong."""

import asyncio
from typing import Any

from tests.chaos.row import Row, Stage

#: The paths of each platform's calls.
STORE, LIST, CENTRE = "/merchant", "/mall", "/rest"
PLACES = (STORE, LIST, CENTRE)
#: Codes of WeChat's documents, of every class, and one that no document has.
CODES = (-1, 40013, 45009, 48001, 9401020, 10001, 40164, 987_654)
NOT_JSON = ("", "null", "[]", '"text"', "{}", '{"errcode":0', "\ufeff<x/>", '{"errcode":"ok"}')


async def slow(stage: Stage) -> str:
    """A1."""
    for delay in (0.1, 0.4, 60):
        for path in PLACES:
            jitter = delay * stage.chance.uniform(0.8, 1.2)
            await stage.fault("latency", jitter, path=path, times=3)
        await stage.under(0.8)
    return "latency of 0.1, 0.4 and 60 s, a fifth more or less"


async def reset(stage: Stage) -> str:
    """A2."""
    for path in PLACES:
        await stage.fault("reset", path=path, times=2)
        await stage.fault("reset", path=path, times=2, after=True)
        await stage.fault("truncated", -7, path=path, times=2)
    await stage.under(1.5)
    return ""


async def truncated(stage: Stage) -> str:
    """A3."""
    for path in PLACES:
        await stage.fault("truncated", path=path, times=2)
        await stage.fault("truncated", 3, path=path, times=1)
        charset = {"status": 200, "headers": {"content-type": "text/plain; charset=gbk"}}
        await stage.fault(
            "http_status", charset | {"body": '{"errcode":0,"x":"'}, path=path, times=1
        )
    await stage.under(1.5)
    return ""


async def codes(stage: Stage) -> str:
    """A4."""
    for code in CODES:
        await stage.fault("errcode", code, path=STORE, times=2)
    await stage.under(2.0)
    return f"{len(CODES)} codes"


async def not_json(stage: Stage) -> str:
    """A5."""
    for body in NOT_JSON:
        given: dict[str, Any] = {"status": 200, "body": body}
        await stage.fault("http_status", given, path=STORE, times=1)
        await stage.fault("http_status", given, path=CENTRE, times=1)
    await stage.fault("html", path=STORE, times=2)
    await stage.fault("html", path=LIST, times=1)
    await stage.under(2.0)
    return f"{len(NOT_JSON)} bodies and a page"


async def bursts(stage: Stage) -> str:
    """A6: once the circuit breaker is open, the platform is not asked."""
    for status in (502, 503, 504):
        headers = {"Retry-After": "1"} if status == 503 else {}
        answer = {"status": status, "headers": headers}
        await stage.fault("http_status", answer, path=STORE, times=5 if status != 504 else None)
    await stage.under(2.0)
    before, replies = await stage.calls(STORE), len(stage.journal.replies)
    await stage.under(1.0)
    asked = await stage.calls(STORE) - before
    answered = len(stage.journal.replies) - replies
    stage.expect(f"{asked} calls in {answered} answers of an open breaker", so=asked <= 6)
    return f"{asked} calls a second once open"


async def dripping(stage: Stage) -> str:
    """A7."""
    for path in PLACES:
        await stage.fault("drip", 0.3, path=path, times=2)
    await stage.under(3.0)
    return ""


async def unreachable(stage: Stage) -> str:
    """A9."""
    proxy = stage.world.proxy
    await proxy.down()
    await stage.under(0.8)
    await proxy.up()
    await stage.under(0.3)
    proxy.silence()
    await stage.under(1.5)
    await proxy.up()
    proxy.cut()
    return "refused, silent, and cut while kept open"


async def bombs(stage: Stage) -> str:
    """A11."""
    gateway, before = stage.world.gateway, stage.world.gateway.usage().memory
    deep = {"status": 200, "body": '{"orders":' + "[" * 100_000}
    await stage.fault("bomb", 40, path=STORE, times=2)
    await stage.fault("huge", 30, path=STORE, times=2)
    await stage.fault("http_status", deep, path=STORE, times=2)
    most = before
    for _ in range(30 if stage.short else 90):
        await asyncio.sleep(0.1)
        most = max(most, gateway.usage().memory)
    grown = most - before
    stage.expect(f"memory grew by {grown:.0f} MiB", so=grown <= 32)
    return f"memory +{max(grown, 0):.0f} MiB at most"


async def quotas(stage: Stage) -> str:
    """A12: what the platform puts off waits, and goes out when an operator says so."""
    for path in PLACES:
        await stage.fault("errcode", 45009 if path != CENTRE else 17, path=path, times=2)
        await stage.fault("errcode", -1 if path != CENTRE else 2, path=path, times=2)
        busy = {"status": 429, "headers": {"Retry-After": "1"}}
        await stage.fault("http_status", busy, path=path, times=2)
    await stage.under(2.0)
    return ""


async def redirected(stage: Stage) -> str:
    """A13: nobody follows."""
    asked = 0

    async def count(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        writer.close()

    async with await asyncio.start_server(count, "127.0.0.1", 0) as elsewhere:
        port = elsewhere.sockets[0].getsockname()[1]
        for path in (*PLACES, "/cgi-bin", "/oauth"):
            await stage.fault("redirect", f"http://127.0.0.1:{port}/", path=path, times=3)
        await stage.under(1.5)
    stage.expect(f"the other host was asked {asked} times", so=asked == 0)
    return "the other host was never asked"


ROWS = (
    Row("A1", "a platform is slow", slow, unknown=True),
    Row("A2", "connections are reset before, in and after an answer", reset, unknown=True),
    Row("A3", "answers are cut off, or in another charset", truncated, unknown=True),
    Row(
        "A4",
        "status 200 with an error code",
        codes,
        tests=(
            "tests/wechat/test_codes.py",
            "tests/platforms/wechat_store/test_errors.py",
            "tests/platforms/mini_program/test_errors.py",
            "tests/platforms/baidu/test_errors.py",
        ),
    ),
    Row(
        "A5",
        "pages, empty bodies and other JSON with status 200",
        not_json,
        unknown=True,
        rejects=True,
    ),
    Row("A6", "bursts of 502, 503 and 504", bursts, unknown=True),
    Row("A7", "answers that drip byte by byte", dripping, unknown=True),
    Row(
        "A8",
        "names that cannot be looked up",
        tests=(
            "tests/upstream/test_connector.py::test_a_name_that_is_unknown_is_a_connect_error_and_asked_for_again",
            "tests/upstream/test_connector.py::test_a_dead_first_address_costs_a_quarter_of_a_second_and_no_call",
        ),
        because="no test asks a name server: the resolver is replaced in the process",
    ),
    Row("A9", "ports that refuse, connections that are silent or cut", unreachable, unknown=True),
    Row(
        "A10",
        "certificates that are not the platform's",
        tests=(
            "tests/upstream/test_transport.py::test_refuses_a_certificate_that_is_not_the_platforms",
            "tests/upstream/test_proxy.py::test_verifies_the_platform_at_the_tunnels_end",
        ),
        because="the sandbox speaks plain HTTP; the tests have their own server with TLS",
    ),
    Row(
        "A11",
        "answers that unpack to 40 MiB, have 30 MiB, or are 100,000 deep",
        bombs,
        unknown=True,
    ),
    Row("A12", "quotas, busy platforms, 429", quotas),
    Row("A13", "redirects to another host", redirected, unknown=True),
)
