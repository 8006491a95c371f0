"""Nothing that was acknowledged is lost, done twice or out of order, whenever it is killed.

`make crash` kills it 50 times on each database, `make crash KILLS=4` as often as CI does.
"""

from pathlib import Path
from typing import Any

import pytest

from gateway.store import migrate
from tests.crash.killed_gateway import KILLS, Journal, KilledGateway, drained, imported, torment
from tests.fixtures_figures import Note
from tests.fixtures_sandbox import Sandbox

#: Data.Status of the statuses that an order goes through.
CODES = {"AWAITING_SHIPMENT": 5, "SHIPPED": 6, "COMPLETED": 200}


def effects(calls: list[str]) -> list[int]:
    """Answer the statuses that an order went through at the platform, repetitions as one."""
    codes = [int(call.rsplit(" ", 1)[1]) for call in calls]
    return [code for place, code in enumerate(codes) if codes[place - 1 : place] != [code]]


def check(journal: Journal, platform: dict[str, Any]) -> int:
    """Compare what was acknowledged with what the platform has; answer repetitions on the wire."""
    repeated = 0
    mine = {order_id for order_id in platform if order_id.startswith("client")}
    in_bulk = {order_id for order_id in platform if order_id.startswith("bulk")}
    assert in_bulk == {line for lines in journal.imports.values() for line in lines}
    assert mine == journal.acknowledged.keys()
    for order_id, statuses in journal.acknowledged.items():
        order = platform[order_id]
        seen = effects(order["calls"])
        repeated += len(order["calls"]) - len(seen)
        told = [CODES[status] for status in statuses]
        # A later one may have carried an earlier one along; none came twice, or out of order.
        assert seen == sorted(set(seen)), (order_id, order["calls"])
        assert set(seen) <= set(told), (order_id, told, seen)
        assert order["main"]["Status"] == seen[-1] == told[-1]
    return repeated


@pytest.mark.long
@pytest.mark.timeout(120 + 10 * KILLS)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_a_killed_gateway_loses_nothing(
    database: str,
    request: pytest.FixtureRequest,
    sandbox: Sandbox,
    tmp_path: Path,
    figures: Note,
) -> None:
    url = f"sqlite:///{tmp_path}/gateway.db"
    if database == "postgres":
        url = request.getfixturevalue("postgres_url")
        await migrate.upgrade(url)
    gateway, journal = KilledGateway(sandbox, tmp_path, url), Journal()
    seed = 20_240_131

    try:
        await torment(gateway, journal, KILLS, seed)
        imports = await imported(gateway.url, journal)
        states = await drained(gateway.url)
        assert await gateway.stop() == 0
    finally:
        await gateway.kill()

    assert journal.kills == KILLS
    assert len(journal.acknowledged) > KILLS
    assert journal.told + journal.done == journal.unanswered
    # Each key made one push, whether its request was answered, repeated or cut off.
    lines = sum(map(len, journal.imports.values()))
    assert len(set(journal.pushes.values())) == len(journal.pushes)
    assert sum(states.values()) == len(journal.pushes) + lines
    # So did each line of a file, which no kill repeated or skipped.
    assert [(one["state"], one["done"], one["failed"]) for one in imports] == [
        ("DONE", len(one), 0) for one in journal.imports.values()
    ]
    assert states["REJECTED"] == states["OUTCOME_UNKNOWN"] == states["DEAD"] == 0
    (shop,) = sandbox.shops("baidu").values()
    repeated = check(journal, shop["orders"])
    acknowledged = sum(map(len, journal.acknowledged.values()))
    figures(
        f"crash test on {database}: {journal.kills} kills, {acknowledged} acknowledged writes of"
        f" {len(journal.acknowledged)} orders, 0 lost, 0 out of order, {repeated} repeated on the"
        f" wire without effect, {journal.unanswered} requests cut off and repeated under their"
        f" keys ({journal.told} told what was done, {journal.done} done then, 0 done twice, 0"
        f" unknown), {len(imports)} bulk imports of {lines} orders under way, each order once,"
        f" seed {seed}"
    )
