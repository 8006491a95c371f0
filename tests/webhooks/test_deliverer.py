"""Deliveries to receivers that fail, hang, go away, or whose key lost its rights."""

import json
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update
from standardwebhooks import Webhook
from structlog.testing import capture_logs

from gateway.concurrency.clock import DAY
from gateway.store.audit_events import AuditQuery
from gateway.store.webhook_tables import webhook_endpoints
from gateway.webhooks.deliverer import LEASE, LIFETIME, LONGEST_FAILURE, WebhookDeliverer
from gateway.webhooks.sender import SendResult
from schema.scope import Scope
from tests.upstream.server import Platform, Raw, Received, answer, platform
from tests.waiting import eventually
from tests.webhooks.worlds import RECORD, SECRET, World, changed

OK, FAILS, GONE = answer("", 204), answer("", 500), answer("", 410)
FAILURE = "HTTP 500"


async def recorded(here: World, played: Platform, *changes: tuple[str, str]) -> int:
    """Make an endpoint and let orders change; answer its number."""
    number = await here.endpoint(f"{played.url}/hook")
    await here.orders(*changes)
    while await here.recorder().once():
        pass
    return number


async def states(here: World, number: int) -> list[str]:
    return [one.state for one in await here.deliveries(number)]


async def attempted(here: World, deliverer: WebhookDeliverer, count: int) -> None:
    """Deliver what is due, until so many attempts were recorded in all."""
    await deliverer.once()
    await eventually(lambda: len(here.observed.attempts) >= count)


def told(played: Platform) -> list[str]:
    """The statuses that a receiver was told, in their order."""
    return [json.loads(one.body)["data"]["status"] for one in played.received]


async def test_each_attempt_is_signed_under_the_same_id(here: World) -> None:
    # The library compares with its own clock.
    here.now = time.time()
    answers = [FAILS, OK]
    async with platform(lambda _: answers.pop(0)) as played:
        number = await recorded(here, played, ("1", "PAID"))
        deliverer = here.deliverer()
        await attempted(here, deliverer, 1)
        (failed,) = await here.deliveries(number)
        here.now += 1.0
        await attempted(here, deliverer, 2)
        await deliverer.stop()
    assert (failed.state, failed.last_status, failed.last_error) == ("PENDING", 500, FAILURE)
    # The half of two seconds.
    assert failed.next_attempt_at == here.now
    first, second = played.received
    library = Webhook(SECRET.get_secret_value())
    assert library.verify(first.body, first.headers) == library.verify(second.body, second.headers)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-id"].startswith("msg_")
    (done,) = await here.deliveries(number)
    assert (done.state, done.attempts, done.last_status, done.last_error) == (
        *("DELIVERED", 2, 204, None),
    )
    assert here.observed.attempts == [("ORDER_CHANGED", "PENDING"), ("ORDER_CHANGED", "DELIVERED")]


async def test_both_secrets_sign_while_one_is_replaced(here: World) -> None:
    async with platform(lambda _: OK) as played:
        number = await recorded(here, played, ("1", "PAID"))
        async with here.store.transaction() as transaction:
            await here.store.webhook_endpoints.rotate_secret(
                transaction, number, "whsec_" + "bmV3" * 8, overlap=60
            )
        await attempted(here, here.deliverer(), 1)
    assert len(played.received[0].headers["webhook-signature"].split()) == 2


async def test_the_changes_of_an_order_come_one_after_the_other(here: World) -> None:
    answers = [FAILS, OK, OK]
    async with platform(lambda _: answers.pop(0)) as played:
        await recorded(here, played, ("1", "PAID"), ("1", "SHIPPED"))
        deliverer = here.deliverer()
        await attempted(here, deliverer, 1)
        here.now += 1.0
        await attempted(here, deliverer, 3)
    assert told(played) == ["PAID", "PAID", "SHIPPED"]


async def test_a_receiver_that_hangs_delays_no_other(here: World) -> None:
    hangs = answer("", then="hang", wait=600.0)
    async with platform(lambda _: hangs) as slow, platform(lambda _: OK) as quick:
        first = await here.endpoint(slow.url)
        second = await recorded(here, quick, ("1", "PAID"), ("2", "PAID"))
        deliverer = here.deliverer()
        await attempted(here, deliverer, 2)
        await eventually(lambda: len(slow.received) == 2)
        await deliverer.once()
        await deliverer.stop(grace=0)
        await slow.stop()
    assert await states(here, second) == ["DELIVERED", "DELIVERED"]
    # What was cut off is free for another process at once.
    assert await here.store.webhook_deliveries.due_endpoints(here.now) == [first]
    assert [one.attempts for one in await here.deliveries(first)] == [0, 0]


async def test_calls_in_progress_end_before_the_process_does(here: World) -> None:
    async with platform(lambda _: answer("", 204, wait=0.2)) as played:
        number = await recorded(here, played, ("1", "PAID"), ("1", "SHIPPED"))
        deliverer = here.deliverer()
        await deliverer.once()
        await eventually(lambda: len(played.received) == 1)
        await deliverer.stop(grace=30)
    assert await states(here, number) == ["DELIVERED", "PENDING"]
    assert told(played) == ["PAID"]


async def test_a_delivery_is_given_up_after_three_days(here: World) -> None:
    answers = [FAILS, FAILS, OK]
    async with platform(lambda _: answers.pop(0)) as played:
        number = await recorded(here, played, ("1", "PAID"), ("1", "SHIPPED"))
        deliverer = here.deliverer()
        await attempted(here, deliverer, 1)
        here.now += LIFETIME
        await attempted(here, deliverer, 3)
    dead, done = await here.deliveries(number)
    assert (dead.state, dead.attempts, dead.last_error, dead.next_attempt_at) == (
        *("DEAD", 2, FAILURE, None),
    )
    # It does not hold up the next one.
    assert done.state == "DELIVERED"


async def off(here: World, number: int) -> str | None:
    """Why an endpoint is off; None: it is on."""
    one = (await here.store.webhook_endpoints.get_many([number]))[number]
    assert one.enabled is (one.disabled_reason is None)
    return one.disabled_reason


async def audited(here: World) -> list[tuple[str, str, str]]:
    found = await here.store.audit_events.page(AuditQuery(), limit=9)
    return [(one.entry.actor, one.entry.action, one.entry.outcome) for one in found]


async def test_an_endpoint_that_is_gone_is_turned_off(here: World) -> None:
    async with platform(lambda _: GONE) as played:
        number = await recorded(here, played, ("1", "PAID"), ("1", "SHIPPED"))
        deliverer = here.deliverer()
        with capture_logs() as lines:
            await attempted(here, deliverer, 1)
            await deliverer.stop()
    assert await off(here, number) == "The receiver answered 410 Gone."
    assert await states(here, number) == ["DEAD", "PENDING"]
    assert here.observed.turned_off == ["gone"]
    assert await audited(here) == [("(gateway)", "webhookEndpointTurnedOff", "GONE")]
    (line,) = [one for one in lines if one["event"] == "webhooks.endpoint.turned_off"]
    assert (line["key"], line["reason"]) == ("front", "The receiver answered 410 Gone.")


async def test_five_days_without_a_success_turn_an_endpoint_off(here: World) -> None:
    answers = [FAILS, OK, FAILS, FAILS]
    async with platform(lambda _: answers.pop(0)) as played:
        number = await recorded(here, played, ("1", "PAID"))
        deliverer = here.deliverer()
        await attempted(here, deliverer, 1)
        here.now += DAY
        await attempted(here, deliverer, 2)
        begun = here.now = here.now + DAY
        await here.orders(("1", "SHIPPED"))
        await here.recorder().once()
        await attempted(here, deliverer, 3)
        here.now = begun + LONGEST_FAILURE
        await attempted(here, deliverer, 4)
        await deliverer.stop()
    assert await off(here, number) == "Five days without a success."
    assert here.observed.turned_off == ["failing"]
    assert await audited(here) == [("(gateway)", "webhookEndpointTurnedOff", "FAILING")]


async def test_a_revoked_key_turns_its_endpoints_off(here: World) -> None:
    async with platform(lambda _: OK) as played:
        number = await recorded(here, played, ("1", "PAID"))
        here.keys.clear()
        deliverer = here.deliverer()
        await deliverer.once()
        await eventually(lambda: here.observed.turned_off)
        await deliverer.stop()
        assert played.received == []
    assert await off(here, number) == "The API key that made it was revoked, or has expired."
    assert here.observed.turned_off == ["key"]
    assert await states(here, number) == ["PENDING"]


async def test_a_key_that_replaces_another_keeps_its_endpoints(here: World) -> None:
    async with platform(lambda _: OK) as played:
        number = await recorded(here, played, ("1", "PAID"))
        here.keys[:] = [changed(sha256="6b" * 32, replaces=RECORD.id)]
        await attempted(here, here.deliverer(), 1)
    assert await states(here, number) == ["DELIVERED"]


@pytest.mark.parametrize(
    ("rights", "error"),
    [
        ({"shops": frozenset({"swan"})}, "the API key no longer has the shop"),
        (
            {"scopes": frozenset({Scope.CATALOG_READ})},
            "the API key no longer has the scope of the topic",
        ),
    ],
)
async def test_what_the_key_may_not_see_any_more_is_not_sent(
    rights: Mapping[str, object], error: str, here: World
) -> None:
    async with platform(lambda _: OK) as played:
        number = await recorded(here, played, ("1", "PAID"))
        here.keys[:] = [changed(**rights)]
        await attempted(here, here.deliverer(), 1)
        assert played.received == []
    (dead,) = await here.deliveries(number)
    assert (dead.state, dead.last_status, dead.last_error) == ("DEAD", None, error)
    assert await off(here, number) is None


async def test_a_secret_that_cannot_be_decrypted_sends_nothing(here: World) -> None:
    async with platform(lambda _: OK) as played:
        number = await recorded(here, played, ("1", "PAID"))
        async with here.store.transaction() as transaction:
            await transaction.connection.execute(update(webhook_endpoints).values(secret=b"?"))
        with capture_logs() as lines:
            await attempted(here, here.deliverer(), 1)
        assert played.received == []
    (waits,) = await here.deliveries(number)
    assert (waits.state, waits.last_error) == (
        *("PENDING", "the endpoint's secret cannot be decrypted"),
    )
    assert [one["event"] for one in lines] == ["webhooks.secret.unreadable"]


async def test_an_error_in_the_gateway_is_logged_and_tried_again(here: World) -> None:
    class Broken:
        async def send(self, url: str, _headers: Mapping[str, str], _body: bytes) -> SendResult:
            raise ZeroDivisionError(url)

    number = await here.endpoint()
    await here.orders(("1", "PAID"))
    await here.recorder().once()
    with capture_logs() as lines:
        await attempted(here, here.deliverer(Broken()), 1)
    (waits,) = await here.deliveries(number)
    assert (waits.state, waits.last_error) == ("PENDING", "an error in the gateway; see its log")
    assert [one["event"] for one in lines] == ["webhooks.delivery.crashed"]


async def test_a_result_is_kept_until_the_store_takes_it(here: World, tmp_path: Path) -> None:
    """The store cannot be written when the answer comes."""
    with closing(sqlite3.connect(tmp_path / "gateway.db", isolation_level=None)) as other:

        def hold(_: Received) -> Raw:
            other.execute("ALTER TABLE webhook_endpoints RENAME TO hidden")
            return OK

        async with platform(hold) as played:
            number = await recorded(here, played, ("1", "PAID"))
            paused: list[float] = []

            async def release(seconds: float) -> None:
                paused.append(seconds)
                other.execute("ALTER TABLE hidden RENAME TO webhook_endpoints")

            await attempted(here, here.deliverer(sleep=release), 1)
    assert paused == [1.0]
    assert len(played.received) == 1
    assert await states(here, number) == ["DELIVERED"]


async def test_what_a_killed_process_held_is_sent_by_another(here: World) -> None:
    async with platform(lambda _: OK) as played:
        number = await recorded(here, played, ("1", "PAID"))
        async with here.store.transaction() as transaction:
            await here.store.webhook_deliveries.claim(
                transaction, "killed", number, lease=LEASE, limit=1
            )
        deliverer = here.deliverer()
        await deliverer.once()
        assert played.received == []
        here.now += LEASE
        await attempted(here, deliverer, 1)
    (done,) = await here.deliveries(number)
    assert (done.state, done.attempts) == ("DELIVERED", 2)


async def test_a_deleted_endpoint_ends_its_work(here: World) -> None:
    async def delete(number: int) -> None:
        async with here.store.transaction() as transaction:
            await here.store.webhook_endpoints.delete(transaction, number)

    async with platform(lambda _: answer("", 204, wait=0.2)) as played:
        number = await recorded(here, played, ("1", "PAID"), ("1", "SHIPPED"))
        deliverer = here.deliverer()
        await deliverer.once()
        await eventually(lambda: played.received)
        await delete(number)
        await deliverer.stop(grace=30)
    assert told(played) == ["PAID"]
    assert here.observed.attempts == []
