"""Rows F1 to F8: what clients of GraphQL do, by mistake or on purpose."""

import asyncio
import json
from urllib.parse import urlsplit

from tests.chaos.journal import OrderKey
from tests.chaos.load import ORDERS, id_of
from tests.chaos.row import EVERYBODY, Row, Stage
from tests.chaos.upstream_rows import STORE
from tests.e2e.order_samples import IMPORT, baidu_order

FAST = """
{ orders(first: 5, filter: {shops: ["swan", "mini"]}) { nodes { id }
  sources { shop { key } state } } }
"""


ONE_ORDER = "query ($id: ID!) { order(id: $id) { id status } }"


async def _leave(stage: Stage) -> None:
    """Ask, and be gone before the answer comes."""
    place = urlsplit(stage.world.gateway.url)
    _, writer = await asyncio.open_connection(place.hostname, place.port)
    body = json.dumps({"query": ORDERS}).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
        f"Cache-Control: no-cache\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await asyncio.sleep(stage.chance.uniform(0, 0.05))
    writer.transport.abort()


async def disconnects(stage: Stage) -> str:
    """F2."""
    count = 200 if stage.short else 1_000
    await stage.fault("latency", 0.3, path=STORE)
    for _ in range(0, count, 20):
        await asyncio.gather(*(_leave(stage) for _ in range(20)))
    await stage.clear()
    return f"{count} clients left"


async def herd(stage: Stage) -> str:
    """F4: the same cold question by many at once."""
    count = 200 if stage.short else 1_000
    await stage.load.stop()
    await asyncio.sleep(1.0)
    number = str((await asyncio.to_thread(stage.world.sandbox.order))["order_id"])
    cold = id_of(OrderKey("flagship", number))
    await stage.load.crowd("herd", [(ONE_ORDER, {"id": cold})] * count)
    calls = await asyncio.to_thread(stage.world.sandbox.requests, f"{STORE}/order/getbyid")
    asked = sum((call["body"] or {}).get("order_id") == number for call in calls)
    stage.expect(f"{asked} calls for {count} queries", so=1 <= asked <= 2)
    return f"{count} queries, {asked} calls of the platform"


async def slow_shop(stage: Stage) -> str:
    """F5: one shop never answers; the others are asked meanwhile."""
    await stage.fault("silence", path=STORE)
    answered = 0
    async with stage.world.client() as http:
        blocked = [
            asyncio.create_task(stage.load.ask(http, "query", ORDERS, fresh=True))
            for _ in range(40)
        ]
        while not all(task.done() for task in blocked):
            body = await stage.load.ask(http, "query", FAST, fresh=True)
            answered += "errors" not in body
        await asyncio.gather(*blocked)
    stage.expect(f"{answered} queries of others were answered meanwhile", so=answered >= 5)
    return f"{answered} queries of the other shops were answered meanwhile"


async def overload(stage: Stage) -> str:
    """F6: far more at once than is taken."""
    count = 800 if stage.short else 2_000
    writes = stage.journal.writes
    pages = [FAST.replace("first: 5", f"first: {1 + n % 90}") for n in range(count)]
    bodies = await stage.load.crowd("crowd", [(page, {}) for page in pages])
    served = sum("errors" not in body for body in bodies)
    stage.expect(f"{served} of {count} were served", so=served > 0)
    more = stage.journal.writes - writes
    stage.expect("no write was done meanwhile", so=more > 0)
    return f"{served} of {count} served, the others refused; {more} writes meanwhile"


async def same_key(stage: Stage) -> str:
    """F7: one key for many requests at once, then for another body."""
    number = f"{stage.journal.prefix}-same-1"
    given = {"input": baidu_order(number)}
    async with stage.world.client() as http:
        told = await asyncio.gather(
            *(stage.load.told(http, IMPORT, given, number) for _ in range(20))
        )
        other = {"input": baidu_order(number, title="另一个")}
        body = await stage.load.ask(http, "mutation", IMPORT, other, number)
    pushes = {payload["push"]["id"] for payload in told if payload is not None}
    stage.expect(f"{len(pushes)} pushes of one key", so=len(pushes) == 1 and None not in told)
    codes = [error["extensions"]["code"] for error in body.get("errors", ())]
    stage.expect(f"another body was answered with {codes}", so=codes == ["IDEMPOTENCY_MISMATCH"])
    platforms = await asyncio.to_thread(stage.world.platforms)
    calls = platforms["swan"][number]["calls"]
    stage.expect(f"the platform was told {calls}", so=len(calls) == 1)
    order = OrderKey("swan", number)
    stage.journal.acknowledged[order] = ["AWAITING_SHIPMENT"]
    stage.journal.pushes[number] = pushes.pop()
    return "20 at once, one effect; another body refused"


ROWS = (
    Row(
        "F1",
        "documents and variables that ask too much",
        tests=("tests/http/test_attacks.py",),
        because="the corpus is in the tests",
    ),
    Row("F2", "clients leave before their answer", disconnects, unknown=True),
    Row(
        "F3",
        "followers that do not read, too many, too early",
        tests=("tests/http/test_streams.py", "tests/http/test_web_socket.py"),
        because="each needs a protocol of its own; a follower goes along in every other row",
    ),
    Row("F4", "many ask the same cold question at once", herd),
    Row(
        "F5",
        "one shop never answers",
        slow_shop,
        unknown=True,
        tests=("tests/upstream/test_transport.py::test_pools_of_different_names_share_no_place",),
    ),
    Row("F6", "more requests than the gateway takes", overload, hurt=EVERYBODY, unknown=True),
    Row(
        "F7",
        "one key for many requests",
        same_key,
        tests=("tests/e2e/test_repeated_mutations.py",),
    ),
    Row(
        "F8",
        "a key of one shop asks for another's",
        tests=(
            "tests/e2e/test_scopes.py",
            "tests/e2e/test_mutation_scopes.py",
            "tests/e2e/test_order_write_scopes.py",
        ),
        because="the matrix is made from the schema",
    ),
)
