"""Rows B1 to B6: what can happen to access tokens and their secrets."""

import asyncio

from tests.chaos.load import ORDERS
from tests.chaos.row import Row, Stage
from tests.chaos.upstream_rows import CENTRE, LIST, STORE

#: Seconds after which WeChat's tokens are over, by the platforms' clock.
LIFETIME = 7_500.0
WECHAT, BAIDU = "/cgi-bin", "/oauth"


async def _forced(stage: Stage) -> int:
    """How many forced refreshes WeChat was asked for."""
    requests = await asyncio.to_thread(stage.world.sandbox.requests, "/cgi-bin/stable_token")
    return sum(bool((one["body"] or {}).get("force_refresh")) for one in requests)


async def expired(stage: Stage) -> str:
    """B1: each write is sent once more, and is done once."""
    before = await stage.calls(WECHAT) + await stage.calls(BAIDU)
    for path in (STORE, LIST, CENTRE):
        await stage.fault("expired_token", path=path, times=1)
    await stage.under(1.5)
    asked = await stage.calls(WECHAT) + await stage.calls(BAIDU) - before
    # Each platform repeats its token at first, and is then told to issue another one.
    stage.expect(f"{asked} token calls for three tokens", so=asked <= 6)
    return f"{asked} token calls"


async def token_call_down(stage: Stage) -> str:
    """B2: nothing fails while the tokens live; then reads fail and writes wait."""
    for path in (WECHAT, BAIDU):
        await stage.fault("http_status", 503, path=path)
    began = len(stage.journal.replies)
    await stage.under(1.0)
    failed = [
        reply
        for reply in stage.journal.replies[began:]
        if reply.errors or "FAILED" in reply.states.values()
    ]
    stage.expect(f"{len(failed)} answers failed while the tokens lived", so=not failed)
    await asyncio.to_thread(stage.world.sandbox.advance, LIFETIME)
    await stage.under(1.0)
    return "first with living tokens, then with expired ones"


async def all_at_once(stage: Stage) -> str:
    """B3: many calls whose token ends at the same time."""
    count = 60 if stage.short else 150
    forced = await _forced(stage)
    await asyncio.to_thread(stage.world.sandbox.advance, LIFETIME)
    before = await stage.calls(WECHAT)
    # Each asks for another page: none is shared.
    pages = [ORDERS.replace("first: 20", f"first: {1 + n % 90}") for n in range(count)]
    await stage.load.crowd("query", [(page, {}) for page in pages], fresh=True)
    asked, forced = await stage.calls(WECHAT) - before, await _forced(stage) - forced
    stage.expect(f"{asked} token calls for two shops", so=asked <= 2)
    stage.expect(f"{forced} forced refreshes", so=forced == 0)
    return f"{count} queries at once, {asked} token calls, {forced} forced"


async def always_refused(stage: Stage) -> str:
    """B4: two calls a request, and forced refreshes half a minute apart."""
    forced = await _forced(stage)
    await stage.fault("errcode", 40001, path=STORE)
    await stage.under(1.5)
    forced = await _forced(stage) - forced
    stage.expect(f"{forced} forced refreshes of one shop", so=forced <= 1)
    return f"{forced} forced"


async def other_secret(stage: Stage) -> str:
    """B6: with a secret that is no longer good, then with the new one."""
    gateway = stage.world.gateway
    gateway.configure(flagship="a secret of yesterday")
    await gateway.stop()
    await gateway.start()
    await stage.under(1.0)
    gateway.configure()
    await gateway.stop()
    await gateway.start()
    return "two restarts"


ROWS = (
    Row("B1", "tokens expire while they are used", expired),
    Row("B2", "the token call is down", token_call_down),
    Row(
        "B3",
        "many calls find their token expired at once",
        all_at_once,
        memory=320.0,
        because="the lists of all queries are in memory at once; played again, it grows no more",
    ),
    Row("B4", "the platform refuses every token", always_refused),
    Row(
        "B5",
        "two processes fetch tokens, and the holder of the lock dies",
        tests=("tests/upstream/test_shared_access_token.py",),
        because="the order of two answers is set in the process",
    ),
    Row(
        "B6",
        "the secret is changed",
        other_secret,
        cuts=True,
        because="the configuration is read at the start: a new secret needs a restart",
    ),
)
