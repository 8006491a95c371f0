"""Rows E1 to E5: what comes in at the address of the platforms' messages."""

import asyncio

from tests.chaos.load import Load
from tests.chaos.row import EVERYBODY, Row, Stage
from tests.chaos.world import locked

#: How often one event is acknowledged.
TIMES = 100
#: What nobody signed.
UNSIGNED = (
    b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><MsgType>&a;</MsgType></xml>',
    b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><MsgType>&b;</MsgType></xml>',
    b"<xml>" + b"x" * 50_000_000,
    b"\x00" * 4096,
    b"",
)


async def repeated(stage: Stage) -> str:
    """E1: one event a hundred times, at once and one after the other."""
    order = str((await asyncio.to_thread(stage.world.sandbox.order))["order_id"])
    async with stage.world.client() as http:
        await asyncio.gather(*(stage.load.deliver(http, order) for _ in range(50)))
        # The platform repeats what was not acknowledged in time, for as long as this row lasts.
        for _ in range(200):
            if stage.journal.events.get(order, 0) >= TIMES:
                break
            await stage.load.deliver(http, order)
    count = stage.journal.events.get(order, 0)
    stage.expect(f"{count} of {TIMES} acknowledged", so=count == TIMES)
    return f"{count} of {TIMES} acknowledged"


async def unsigned(stage: Stage) -> str:
    """E4: refused before anything is parsed."""
    statuses = set()
    async with stage.world.client() as http:
        for body in UNSIGNED:
            for media_type in ("text/xml", "application/json", "image/png"):
                answer = await http.post(
                    "/webhooks/wechat/flagship?signature=0&timestamp=1&nonce=1",
                    content=body,
                    headers={"content-type": media_type},
                )
                statuses.add(answer.status_code)
    stage.expect(f"answered with {sorted(statuses)}", so=statuses <= {400, 403, 413})
    return f"answered with {sorted(statuses)}"


async def store_gone(stage: Stage) -> str:
    """E5: no event is acknowledged that is not in the store."""
    world = stage.world
    order = str((await asyncio.to_thread(world.sandbox.order))["order_id"])
    if world.postgres is None:
        with locked(world.folder):
            acknowledged = await _deliver(stage.load, stage, order)
    else:
        await asyncio.to_thread(world.postgres.kill)
        acknowledged = await _deliver(stage.load, stage, order)
        await asyncio.to_thread(world.postgres.start)
    stage.expect("an event was acknowledged without its store", so=not acknowledged)
    async with world.client() as http:
        while not await stage.load.deliver(http, order):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.3)
    return "not acknowledged until the store was back"


async def _deliver(load: Load, stage: Stage, order: str) -> bool:
    async with stage.world.client() as http:
        return await load.deliver(http, order)


ROWS = (
    Row("E1", "an event comes a hundred times", repeated),
    Row(
        "E2",
        "events come in any order",
        tests=("tests/inbox/test_any_order.py",),
        because="every permutation, which needs no other process",
    ),
    Row(
        "E3",
        "forged, changed and cut-off messages",
        tests=(
            "tests/wechat/test_messages.py",
            "tests/wechat/test_webhook_signature.py",
            "tests/inbox/test_webhooks.py::test_refusals_are_alike_and_leave_nothing",
            "tests/inbox/test_webhooks.py::test_a_forged_hint_changes_nothing",
        ),
        because="thousands of messages, which need no other process",
    ),
    Row("E4", "bodies that nobody signed: entities, 50 MB, other types", unsigned),
    Row(
        "E5",
        "the store is gone when an event comes",
        store_gone,
        hurt=EVERYBODY,
        unknown=True,
        tests=("tests/inbox/test_webhooks.py::test_nothing_is_acknowledged_that_is_not_kept",),
    ),
)
