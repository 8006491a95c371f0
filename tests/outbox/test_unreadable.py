"""A push that cannot be decrypted stops itself alone, and an operator can mend it."""

import pytest
from sqlalchemy import Table, update
from structlog.testing import capture_logs

from gateway.errors import LedgerUnreadable
from gateway.outbox.dead_letters import NotRetryable, discard_push, retry_push
from gateway.outbox.held_messages import release_held
from gateway.store.pushes import PushError
from gateway.store.tables import orders, pushes
from tests.fixtures_sandbox import Sandbox
from tests.outbox.conftest import Office, command
from tests.outbox.test_dispatcher import calls

SPOILED = (
    "pushes.personal of shop swan in the ledger cannot be decrypted:"
    " it was written with another key, or was tampered with"
)


async def accept(office: Office, *names: str, operation: str = "ORDER_IMPORT") -> None:
    """Leave work for whoever comes."""
    async with office.store.transaction() as transaction:
        await office.intake.accept(transaction, [command(name, operation) for name in names])


async def spoil(office: Office, table: Table, order_id: str) -> None:
    """Damage what is sealed of an order in a table."""
    column = table.c.order_id if table is pushes else table.c.platform_id
    async with office.store.transaction() as transaction:
        damaged = update(table).where(column == order_id).values(personal=b"damaged")
        await transaction.connection.execute(damaged)


async def test_a_push_that_cannot_be_decrypted_is_given_up_and_the_others_go_on(
    office: Office, sandbox: Sandbox
) -> None:
    await accept(office, "A", "B")
    await accept(office, "A", operation="ORDER_STATUS")
    await spoil(office, pushes, "A")

    with capture_logs() as told:
        await office.dispatcher.deliver_due("swan")

    first, other, _ = await office.pushes()
    assert (first.state, first.last_error) == (
        "DEAD",
        PushError(endpoint="outbox", message=SPOILED),
    )
    assert other.state == "DELIVERED"
    assert calls(sandbox, "B") == ["add/main/info 200"]
    assert "A" not in next(iter(sandbox.shops("baidu").values()))["orders"]
    given_up = [line for line in told if line["event"] == "outbox.push.not_delivered"]
    # What stands behind it in its line is no better here, and comes to the same end.
    assert given_up == [
        {
            "event": "outbox.push.not_delivered",
            "message": "The push was not delivered; `state` says what follows.",
            "log_level": "warning",
            "push": push,
            "shop": "swan",
            "operation": operation,
            "state": "DEAD",
            "attempt": 1,
            "error": SPOILED,
        }
        for push, operation in ((1, "ORDER_IMPORT"), (3, "ORDER_STATUS"))
    ]

    assert await office.states() == ["DEAD", "DELIVERED", "DEAD"]
    assert await office.dispatcher.deliver_due("swan") == 0


async def test_a_mutation_is_not_stopped_by_what_cannot_be_decrypted(
    office: Office, sandbox: Sandbox
) -> None:
    await accept(office, "A", operation="ORDER_DELETE")
    await spoil(office, pushes, "A")

    await office.write("A", "ORDER_IMPORT")
    await office.dispatcher.deliver_due("swan")

    assert await office.states() == ["DEAD", "DELIVERED"]
    assert calls(sandbox, "A") == ["add/main/info 200"]


async def test_it_is_sent_again_as_the_ledger_has_the_order(
    office: Office, sandbox: Sandbox
) -> None:
    await accept(office, "A")
    await spoil(office, pushes, "A")
    await office.dispatcher.deliver_due("swan")

    async with office.store.transaction() as transaction:
        await retry_push(office.store, transaction, 1)
    await office.dispatcher.deliver_due("swan")

    assert await office.states() == ["DELIVERED"]
    assert calls(sandbox, "A") == ["add/main/info 200"]


async def test_what_no_row_tells_any_more_is_not_sent_again(
    office: Office, sandbox: Sandbox
) -> None:
    await accept(office, "A")
    await accept(office, "B", operation="ORDER_DELETE")
    for name in ("A", "B"):
        await spoil(office, pushes, name)
        await spoil(office, orders, name)
    await office.dispatcher.deliver_due("swan")

    for number in (1, 2):
        with pytest.raises(NotRetryable, match="cannot be decrypted"):
            async with office.store.transaction() as transaction:
                await retry_push(office.store, transaction, number)
        async with office.store.transaction() as transaction:
            await discard_push(office.store, transaction, number)

    assert await office.states() == ["DISCARDED", "DISCARDED"]
    assert sandbox.counts() == {}


async def test_an_order_that_cannot_be_decrypted_is_mended_by_an_import(
    office: Office, sandbox: Sandbox
) -> None:
    await office.write("A", "ORDER_IMPORT")
    await spoil(office, orders, "A")
    spoiled = await office.store.orders.get("swan", "A")
    assert spoiled is not None
    with pytest.raises(LedgerUnreadable):
        assert spoiled.personal
    async with office.store.transaction() as transaction:
        assert await release_held(office.store, transaction, "swan", "A", "somebody") == []

    await office.write("A", "ORDER_IMPORT")

    repaired = await office.store.orders.get("swan", "A")
    assert repaired is not None
    assert repaired.personal is not None
    assert calls(sandbox, "A") == ["add/main/info 200"] * 2
