"""Events that many follow: executed once for all who see the same, and told to each apart."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import connect

from gateway.errors import Forbidden, GatewayError, StoreUnavailable
from gateway.http.answer_audit import NOTHING
from gateway.http.application import Application
from gateway.http.event_stream import EventStream
from gateway.http.rate_limiter import RateLimiter
from gateway.http.request_pipeline import RequestLimits
from gateway.http.shared_events import SharedEvent, SharedEvents, Start, Withdrawn
from gateway.http.web_socket import WebSockets
from tests.feed.subscribers import Events, following
from tests.http.small_gateway import SmallGateway, served
from tests.http.test_limits import Clock
from tests.waiting import eventually

FOLLOW = "subscription ($of: String) { events { cursor executions(of: $of) } }"
RESUME = "subscription ($since: Int) { events(since: $since) { cursor executions } }"


def app_of(small: SmallGateway) -> Application:
    return Application(
        {"/graphql": small.endpoint, "/graphql/stream": EventStream(small.streaming, 9_999)},
        {"/graphql": WebSockets(small.streaming)},
        small.endpoint,
    )


@pytest.fixture
def small() -> SmallGateway:
    """Answer the parts of an edge in which nothing has happened."""
    return SmallGateway(limits=RequestLimits(body_bytes=9_999, cost=10_000, seconds=0.5))


@pytest.fixture
def url(small: SmallGateway) -> Iterator[str]:
    """Answer its address."""
    with served(app_of(small)) as address:
        yield address


class Socket:
    """One subscription over a WebSocket."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    async def take(self) -> tuple[str, Any]:
        """The kind and the payload of the next message."""
        message = json.loads(await asyncio.wait_for(self._socket.recv(), 60))
        return message["type"], message.get("payload")


@asynccontextmanager
async def by_socket(
    url: str, query: str, variables: Any = None, headers: Any = None
) -> AsyncIterator[Socket]:
    protocols: Any = ["graphql-transport-ws"]
    address = f"{url}/graphql".replace("http", "ws")
    async with connect(
        address, subprotocols=protocols, proxy=None, additional_headers=headers
    ) as socket:
        await socket.send('{"type": "connection_init"}')
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        payload = {"query": query, "variables": variables or {}}
        await socket.send(json.dumps({"type": "subscribe", "id": "a", "payload": payload}))
        yield Socket(socket)


@asynccontextmanager
async def by_stream(
    url: str, query: str, variables: Any = None, headers: Any = None
) -> AsyncIterator[Events]:
    limits = httpx.Limits(max_connections=None)
    async with (
        httpx.AsyncClient(base_url=url, trust_env=False, headers=headers, limits=limits) as http,
        following(http, query, variables) as events,
    ):
        yield events


async def test_an_event_is_executed_once_for_all_who_see_the_same(
    small: SmallGateway, url: str
) -> None:
    async with AsyncExitStack() as stack:
        told: dict[tuple[str, str], list[Any]] = {}
        for of in ("a", "b"):
            for scope in ("x", "y"):
                for follow in [by_stream, by_socket] * 5:
                    opened = follow(url, FOLLOW, {"of": of}, {"x-scopes": scope})
                    follower: Any = await stack.enter_async_context(opened)
                    told.setdefault((of, scope), []).append(follower)
        await eventually(lambda: small.journal.following == 40)
        for number in (1, 2):
            small.journal.events = number
            answers = {
                group: [await follower.take() for follower in followers]
                for group, followers in told.items()
            }
            for followers in answers.values():
                assert {kind for kind, _ in followers} == {"next"}
                assert len({json.dumps(payload["data"]) for _, payload in followers}) == 1
            assert sorted(small.journal.started) == [
                *[f"{number} a"] * 2,
                *[f"{number} b"] * 2,
            ]
            small.journal.started.clear()

    await eventually(lambda: small.journal.following == 0)


async def test_who_chooses_or_resumes_otherwise_shares_all_the_same(
    small: SmallGateway, url: str
) -> None:
    async with (
        by_stream(url, RESUME) as live,
        by_stream(url, RESUME, {"since": 0}) as resumed,
        by_socket(url, RESUME, {"since": 0}) as other,
    ):
        await eventually(lambda: small.journal.following == 3)
        small.journal.events = 1
        answers = [(await follower.take())[1] for follower in (live, resumed, other)]

    assert [answer["data"] for answer in answers] == [
        {"events": {"cursor": "1", "executions": 1}}
    ] * 3


async def test_a_result_that_is_older_than_a_subscription_is_not_given_to_it(
    small: SmallGateway, url: str
) -> None:
    small.journal.events = 1
    async with by_stream(url, RESUME, {"since": 0}) as first:
        assert (await first.next())["events"]["executions"] == 1
        async with by_stream(url, RESUME, {"since": 0}) as second:
            assert (await second.next())["events"]["executions"] == 2


async def test_an_error_of_a_field_has_the_id_of_each_follower_s_request(
    small: SmallGateway, url: str
) -> None:
    query = "subscription { events { cursor fails executions } }"
    ids = {"x-request-id": "mine"}, {"x-request-id": "yours"}
    async with (
        by_stream(url, query, None, ids[0]) as one,
        by_socket(url, query, None, ids[1]) as other,
    ):
        await eventually(lambda: small.journal.following == 2)
        small.journal.events = 1
        answers = [await one.take(), await other.take()]

    for (kind, answer), request_id in zip(answers, ("mine", "yours"), strict=True):
        assert kind == "next"
        assert answer["data"] == {"events": {"cursor": "1", "fails": None, "executions": 1}}
        [error] = answer["errors"]
        assert error["path"] == ["events", "fails"]
        assert error["extensions"] == {
            "code": "STORE_UNAVAILABLE",
            "retryAfter": 5,
            "requestId": request_id,
        }


async def test_who_cannot_be_told_learns_where_to_resume_and_the_others_go_on(
    small: SmallGateway, url: str
) -> None:
    query = "subscription ($s: Float!) { events { cursor slow(seconds: $s) } }"
    async with (
        by_stream(url, query, {"s": 30}) as stream,
        by_socket(url, query, {"s": 30}) as socket,
        by_stream(url, query, {"s": 0}) as quick,
    ):
        await eventually(lambda: small.journal.following == 3)
        small.journal.events = 1
        assert await quick.next() == {"events": {"cursor": "1", "slow": "1"}}
        streamed, sent = await stream.take(), await socket.take()
        assert (await stream.take())[0] == "complete"

    assert (streamed[0], sent[0]) == ("next", "error")
    assert "data" not in streamed[1]
    for errors in (streamed[1]["errors"], sent[1]):
        assert errors[0]["extensions"]["code"] == "TIMEOUT"
        assert errors[0]["extensions"]["since"] == "0"


async def test_a_key_that_is_revoked_ends_its_own_subscription_alone(
    small: SmallGateway, url: str
) -> None:
    small.key = "right"
    headers = {"authorization": "Bearer right"}
    async with (
        by_stream(url, RESUME, None, headers) as revoked,
        by_stream(url, RESUME, None, headers) as also,
    ):
        await eventually(lambda: small.journal.following == 2)
        small.journal.events = 1
        assert (await revoked.next(), await also.next()) == (
            {"events": {"cursor": "1", "executions": 1}},
        ) * 2
        small.key = "other"
        async with by_stream(url, RESUME, None, {"authorization": "Bearer other"}) as valid:
            await eventually(lambda: small.journal.following == 3)
            small.journal.events = 2
            assert (await valid.next())["events"] == {"cursor": "2", "executions": 2}
        for follower in (revoked, also):
            errors = (await follower.take())[1]["errors"]
            assert errors[0]["extensions"]["code"] == "UNAUTHENTICATED"
            assert errors[0]["extensions"]["since"] == "1"


async def test_each_follower_pays_for_what_one_execution_found() -> None:
    small = SmallGateway(rate_limiter=RateLimiter(100, Clock()))
    with served(app_of(small)) as url:
        async with by_stream(url, RESUME) as one, by_stream(url, RESUME) as other:
            await eventually(lambda: small.journal.following == 2)
            small.journal.events = 1
            costs = [(await each.take())[1]["extensions"]["cost"] for each in (one, other)]

    assert small.journal.started == ["1"]
    assert [cost["used"] for cost in costs] == [2, 2]
    # 3 for the document's tokens, and 2 for each follower.
    assert min(cost["remaining"] for cost in costs) == 93


# The executions themselves.


def result(data: str) -> SharedEvent:
    return SharedEvent(data.encode(), (), (), None, NOTHING, 0)


def giving(outcome: SharedEvent | Exception, release: asyncio.Event | None = None) -> Start:
    """An execution that ends so, once it may."""

    async def start() -> SharedEvent:
        if release is not None:
            await release.wait()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return start


async def test_an_execution_that_began_before_a_follower_came_is_waited_for_and_not_used() -> None:
    shared, release = SharedEvents(), asyncio.Event()
    first = asyncio.create_task(shared.get("e", shared.enter(), giving(result("1"), release)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    late = [
        asyncio.create_task(shared.get("e", shared.enter(), giving(result("2")))) for _ in range(3)
    ]
    await asyncio.sleep(0)
    release.set()

    assert (await first).data == b"1"
    assert [(await one).data for one in late] == [b"2"] * 3


async def test_a_failure_is_that_of_all_who_wait_and_is_not_kept() -> None:
    shared, release = SharedEvents(), asyncio.Event()
    failing = giving(StoreUnavailable("no"), release)
    entered = shared.enter()
    waiting = [asyncio.create_task(shared.get("e", entered, failing)) for _ in range(3)]
    await asyncio.sleep(0)
    release.set()

    for one in waiting:
        with pytest.raises(StoreUnavailable):
            await one
    assert (await shared.get("e", entered, giving(result("1")))).data == b"1"


async def test_a_failure_that_nobody_expects_is_reported_once_and_not_shown() -> None:
    shared, entered = SharedEvents(), 0
    with capture_logs() as lines:
        waiting = [
            asyncio.create_task(shared.get("e", entered, giving(ZeroDivisionError("secret"))))
            for _ in range(3)
        ]
        for one in waiting:
            with pytest.raises(GatewayError) as refused:
                await one
            assert (refused.value.code, refused.value.message) == ("INTERNAL", "Internal error")

    assert [line["event"] for line in lines] == ["http.operation.failed"]


async def test_who_withdraws_is_refused_alone() -> None:
    shared, release = SharedEvents(), asyncio.Event()
    withdrawing = giving(Withdrawn(Forbidden("gone")), release)
    entered = shared.enter()
    leader = asyncio.create_task(shared.get("e", entered, withdrawing))
    await asyncio.sleep(0)
    other = asyncio.create_task(shared.get("e", entered, giving(result("1"))))
    await asyncio.sleep(0)
    release.set()

    with pytest.raises(Forbidden):
        await leader
    assert (await other).data == b"1"
    with pytest.raises(Forbidden):
        await shared.get(None, entered, giving(Withdrawn(Forbidden("gone"))))


async def test_an_execution_ends_when_nobody_waits_for_it() -> None:
    shared, cancelled = SharedEvents(), asyncio.Event()

    async def hang() -> SharedEvent:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    waiting = [asyncio.create_task(shared.get("e", 0, hang)) for _ in range(2)]
    await asyncio.sleep(0.01)
    waiting[0].cancel()
    await asyncio.sleep(0.01)
    assert not cancelled.is_set()
    waiting[1].cancel()
    await asyncio.wait_for(cancelled.wait(), 60)

    assert (await shared.get("e", 0, giving(result("1")))).data == b"1"


async def test_no_more_executions_run_at_once_than_may() -> None:
    shared, running, most = SharedEvents(at_once=2), 0, 0

    async def count() -> SharedEvent:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return result("1")

    await asyncio.gather(*(shared.get(number, 0, count) for number in range(10)))

    assert most == 2
