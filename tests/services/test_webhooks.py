"""Webhook endpoints: who may make, see and change them, and what was delivered to them."""

import json
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from secrets import token_bytes

import pytest

from gateway.auth.keys_file import EVERY_SHOP, KeyRecord
from gateway.auth.viewer import ALL_SHOPS, Viewer
from gateway.concurrency.clock import Clock
from gateway.errors import BadUserInput
from gateway.registry import PLATFORMS
from gateway.runtime import open_resources
from gateway.services.webhooks import WebhookService
from gateway.services.writing.webhook_endpoints import (
    MAX_ENDPOINTS,
    EndpointRules,
    WebhookEndpointWriting,
    WebhookResult,
)
from gateway.settings import Settings
from gateway.store.store import Store
from gateway.store.webhook_deliveries import NewWebhookDelivery, WebhookSettlement
from gateway.webhooks.addresses import AddressPolicy
from gateway.webhooks.rights import EndpointRights
from schema.errors import ErrorCode
from schema.key import Key
from schema.scope import Scope
from schema.webhook import (
    WebhookDeliveryState,
    WebhookEndpoint,
    WebhookEndpointInput,
    WebhookTopic,
)
from tests.fixtures_ledger import KEY, NOW

URL = "https://hooks.example/7f3a"
ORDERS = [WebhookTopic.ORDER_CHANGED]
RECORD = KeyRecord(
    name="front",
    sha256="a1" * 32,
    scopes=frozenset(Scope),
    shops=frozenset({EVERY_SHOP}),
    created_at=datetime.fromtimestamp(NOW, UTC),
)
VIEWER = RECORD.viewer()
BOUND = replace(VIEWER, key_id="b" * 12, shops=frozenset({"mini"}))
OTHER = replace(VIEWER, key_id="0" * 12, scopes=frozenset({Scope.OPS_WRITE, Scope.ORDERS_READ}))


@dataclass
class Names:
    """A resolver whose answers a test changes."""

    addresses: list[str] = field(default_factory=lambda: ["93.184.216.34"])

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        del port
        if host.endswith(".invalid"):
            raise OSError
        return self.addresses


@dataclass
class Webhooks:
    """The services over an empty ledger with two shops; its clock stands still at NOW."""

    store: Store
    seen: WebhookService
    writing: WebhookEndpointWriting
    names: Names

    async def made(self, viewer: Viewer = VIEWER, url: str = URL) -> WebhookEndpoint:
        """A new endpoint that is told of orders."""
        done = await self.writing.create(WebhookEndpointInput(url=url, topics=ORDERS), viewer)
        assert done.endpoint is not None, done.errors
        return done.endpoint

    async def told(self, endpoint: WebhookEndpoint, *subjects: str, shop: str = "mini") -> None:
        """Records deliveries to an endpoint."""
        number = self.seen.endpoint_number(endpoint.key)
        assert number is not None
        async with self.store.transaction() as transaction:
            await self.store.webhook_deliveries.record(
                transaction,
                [
                    NewWebhookDelivery(
                        endpoint=number,
                        topic="ORDER_CHANGED",
                        shop=shop,
                        subject=subject,
                        body="{}",
                    )
                    for subject in subjects
                ],
            )

    async def die(self, endpoint: WebhookEndpoint) -> None:
        """Gives up what is due for an endpoint."""
        number = self.seen.endpoint_number(endpoint.key)
        assert number is not None
        deliveries = self.store.webhook_deliveries
        async with self.store.transaction() as transaction:
            await self.store.webhook_endpoints.lock(transaction, number)
            for claimed in await deliveries.claim(transaction, "test", number, lease=60, limit=9):
                dead = WebhookSettlement("DEAD", status=500, error="HTTP 500")
                assert await deliveries.settle(transaction, "test", claimed, dead)


@pytest.fixture
async def webhooks(tmp_path: Path, ledger_template: Path) -> AsyncIterator[Webhooks]:
    shutil.copy(ledger_template, tmp_path / "gateway.db")
    shop = {"app_id": "wx", "app_secret": "s", "base_url": "http://127.0.0.1:9"}
    settings = Settings.from_dict(
        PLATFORMS,
        {
            "store": {"url": f"sqlite:///{tmp_path}/gateway.db", "encryption_key": KEY},
            "shops": [
                {"key": "flagship", "platform": "wechat_store", **shop},
                {"key": "mini", "platform": "mini_program", **shop},
            ],
        },
    )
    async with open_resources(settings, Clock(wall=lambda: NOW)) as opened:
        names, seen = Names(), opened.services.webhooks
        writing = WebhookEndpointWriting(
            opened.services.directory,
            opened.store,
            seen,
            EndpointRules(
                AddressPolicy([ip_network("10.1.0.0/16")], names),
                EndpointRights(lambda: [RECORD, replaced(BOUND), replaced(OTHER)], lambda: NOW),
            ),
            token_bytes,
        )
        yield Webhooks(opened.store, seen, writing, names)


def replaced(viewer: Viewer) -> KeyRecord:
    """The record of a key that replaces one of this viewer's id."""
    return KeyRecord(
        name=viewer.name,
        sha256="b2" * 32,
        scopes=viewer.scopes,
        shops=frozenset({EVERY_SHOP}) if viewer.shops is ALL_SHOPS else viewer.shops,
        created_at=RECORD.created_at,
        replaces=viewer.key_id,
    )


def problems(done: WebhookResult) -> list[tuple[ErrorCode, list[str] | None]]:
    assert done.endpoint is None
    assert done.secret is None
    return [(error.code, error.field) for error in done.errors]


async def test_a_new_endpoint_is_on_and_its_secret_is_told(webhooks: Webhooks) -> None:
    done = await webhooks.writing.create(WebhookEndpointInput(url=URL, topics=ORDERS), VIEWER)
    assert done.errors == []
    assert done.endpoint == WebhookEndpoint(
        key=webhooks.seen.endpoint_key(1),
        url=URL,
        topics=ORDERS,
        shops=None,
        enabled=True,
        created_at=datetime.fromtimestamp(NOW, UTC),
        disabled_reason=None,
    )
    assert await webhooks.store.webhook_endpoints.secrets(1) == [done.secret]
    assert await webhooks.seen.all(VIEWER) == [done.endpoint]
    (stored,) = await webhooks.store.webhook_endpoints.all()
    assert (stored.key_id, stored.key_name) == (RECORD.id, "front")


async def test_a_new_endpoint_may_be_of_some_shops_and_off(webhooks: Webhooks) -> None:
    topics = [WebhookTopic.PUSH_FAILED, WebhookTopic.ORDER_CHANGED]
    given = WebhookEndpointInput(url=URL, topics=topics, shops=["mini", "flagship"], enabled=False)
    endpoint = (await webhooks.writing.create(given, VIEWER)).endpoint
    assert endpoint is not None
    assert endpoint.topics == [WebhookTopic.ORDER_CHANGED, WebhookTopic.PUSH_FAILED]
    assert endpoint.shops == ["flagship", "mini"]
    assert not endpoint.enabled
    assert endpoint.disabled_reason is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            WebhookEndpointInput(),
            [(ErrorCode.INVALID, ["url"]), (ErrorCode.INVALID, ["topics"])],
        ),
        (WebhookEndpointInput(url=URL, topics=[]), [(ErrorCode.INVALID, ["topics"])]),
        (
            WebhookEndpointInput(url=URL, topics=ORDERS, shops=[]),
            [(ErrorCode.INVALID, ["shops"])],
        ),
        (
            WebhookEndpointInput(url=URL, topics=ORDERS, shops=["mini", "swan", "x"]),
            [(ErrorCode.NOT_FOUND, ["shops", "1"]), (ErrorCode.NOT_FOUND, ["shops", "2"])],
        ),
        (
            WebhookEndpointInput(url="http://hooks.example/", topics=ORDERS),
            [(ErrorCode.INVALID, ["url"])],
        ),
        (
            WebhookEndpointInput(url="https://gone.invalid/", topics=ORDERS),
            [(ErrorCode.INVALID, ["url"])],
        ),
        (WebhookEndpointInput(url="nothing", topics=ORDERS), [(ErrorCode.INVALID, ["url"])]),
    ],
)
async def test_an_input_that_cannot_be_taken_is_refused_with_its_path(
    webhooks: Webhooks,
    given: WebhookEndpointInput,
    expected: list[tuple[ErrorCode, list[str] | None]],
) -> None:
    assert problems(await webhooks.writing.create(given, VIEWER)) == expected
    assert await webhooks.seen.all(VIEWER) == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "::1", "fd00::1"],
)
async def test_an_address_that_is_not_public_is_refused_when_it_is_set(
    webhooks: Webhooks, address: str
) -> None:
    endpoint = await webhooks.made()
    webhooks.names.addresses = ["93.184.216.34", address]
    literal = f"https://{f'[{address}]' if ':' in address else address}/7f3a"
    for url in ("https://inside.example/7f3a", literal):
        for done in (
            await webhooks.writing.create(WebhookEndpointInput(url=url, topics=ORDERS), VIEWER),
            await webhooks.writing.update(
                endpoint.key.encode(), WebhookEndpointInput(url=url), VIEWER
            ),
        ):
            assert problems(done) == [(ErrorCode.INVALID, ["url"])]
            assert done.errors[0].message == (
                "The URL cannot be called: the host is not on the public Internet: an address of"
                " it is private, loopback, link-local or reserved."
            )
    assert await webhooks.seen.all(VIEWER) == [endpoint]


async def test_an_address_that_is_allowed_can_be_set(webhooks: Webhooks) -> None:
    webhooks.names.addresses = ["10.1.2.3"]
    assert (await webhooks.made(url="http://inside.example/")).url == "http://inside.example/"


async def test_a_shop_that_the_key_cannot_see_does_not_exist(webhooks: Webhooks) -> None:
    given = WebhookEndpointInput(url=URL, topics=ORDERS, shops=["flagship"])
    refused = await webhooks.writing.create(given, BOUND)
    assert problems(refused) == [(ErrorCode.NOT_FOUND, ["shops", "0"])]


async def test_a_caller_without_a_key_makes_none(webhooks: Webhooks) -> None:
    token = replace(VIEWER, name="jwt:anna", key_id="jwt:anna")
    given = WebhookEndpointInput(url=URL, topics=ORDERS)
    refused = await webhooks.writing.create(given, token)
    assert problems(refused) == [(ErrorCode.FORBIDDEN, None)]


async def test_a_key_has_so_many_endpoints_and_no_more(webhooks: Webhooks) -> None:
    for _ in range(MAX_ENDPOINTS):
        endpoint = await webhooks.made()
    given = WebhookEndpointInput(url=URL, topics=ORDERS)
    refused = await webhooks.writing.create(given, VIEWER)
    assert problems(refused) == [(ErrorCode.CONFLICT, None)]
    assert "20 endpoints" in refused.errors[0].message
    await webhooks.made(OTHER)
    await webhooks.writing.delete(endpoint.key.encode(), VIEWER)
    await webhooks.made()


async def test_what_is_omitted_stays_as_it_is(webhooks: Webhooks) -> None:
    given = WebhookEndpointInput(url=URL, topics=ORDERS, shops=["mini"])
    made = (await webhooks.writing.create(given, VIEWER)).endpoint
    assert made is not None
    number, id_ = 1, made.key.encode()
    secrets = await webhooks.store.webhook_endpoints.secrets(number)

    async def changed(given: WebhookEndpointInput) -> WebhookEndpoint:
        done = await webhooks.writing.update(id_, given, VIEWER)
        assert done.errors == []
        assert done.secret is None
        assert done.endpoint is not None
        return done.endpoint

    assert await changed(WebhookEndpointInput()) == made
    other = "https://other.example/"
    assert await changed(WebhookEndpointInput(url=other)) == replace(made, url=other)
    topics = [WebhookTopic.PRODUCT_CHANGED]
    assert (await changed(WebhookEndpointInput(topics=topics))).topics == topics
    assert (await changed(WebhookEndpointInput())).shops == ["mini"]
    assert (await changed(WebhookEndpointInput(shops=None))).shops is None
    assert not (await changed(WebhookEndpointInput(enabled=False))).enabled
    assert (await changed(WebhookEndpointInput(enabled=True))).enabled
    assert await webhooks.store.webhook_endpoints.secrets(number) == secrets


async def test_turning_on_forgets_why_it_was_turned_off(webhooks: Webhooks) -> None:
    made = await webhooks.made()
    async with webhooks.store.transaction() as transaction:
        await webhooks.store.webhook_endpoints.turn_off(transaction, 1, "Five days.")
    (off,) = await webhooks.seen.all(VIEWER)
    assert (off.enabled, off.disabled_reason) == (False, "Five days.")
    given = WebhookEndpointInput(enabled=True)
    assert (await webhooks.writing.update(made.key.encode(), given, VIEWER)).endpoint == made


async def test_a_rotated_secret_signs_beside_the_one_before(webhooks: Webhooks) -> None:
    given = WebhookEndpointInput(url=URL, topics=ORDERS)
    made = await webhooks.writing.create(given, VIEWER)
    assert made.endpoint is not None
    done = await webhooks.writing.rotate_secret(made.endpoint.key.encode(), VIEWER)
    assert done.endpoint == made.endpoint
    assert done.secret != made.secret
    assert await webhooks.store.webhook_endpoints.secrets(1) == [done.secret, made.secret]


async def test_a_key_sees_what_it_made_and_a_key_of_all_shops_sees_all(webhooks: Webhooks) -> None:
    mine, bound, other = [await webhooks.made(viewer) for viewer in (VIEWER, BOUND, OTHER)]
    assert await webhooks.seen.all(VIEWER) == [mine, bound, other]
    assert await webhooks.seen.all(BOUND) == [bound]
    # It may write, but lacks ops:read.
    assert await webhooks.seen.all(OTHER) == [other]
    keys = [mine.key, other.key, bound.key]
    assert await webhooks.seen.endpoints(keys, BOUND) == [None, None, bound]
    assert await webhooks.seen.endpoints(keys, VIEWER) == [mine, other, bound]


async def test_what_a_key_cannot_see_does_not_exist_for_its_mutations(webhooks: Webhooks) -> None:
    mine = await webhooks.made()
    await webhooks.told(mine, "order 1")
    await webhooks.die(mine)
    page = await webhooks.seen.of_endpoint(mine, None, None, 9, VIEWER)
    delivery = page.nodes[0].key.encode()
    unknown = Key("WebhookEndpoint", "*", "AAAAAAAAAAA").encode()
    elsewhere = Key("WebhookEndpoint", "mini", mine.key.platform_id).encode()
    for id_ in (mine.key.encode(), unknown, elsewhere):
        for done in (
            await webhooks.writing.update(id_, WebhookEndpointInput(enabled=False), BOUND),
            await webhooks.writing.rotate_secret(id_, BOUND),
            await webhooks.writing.delete(id_, BOUND),
            await webhooks.writing.test(id_, BOUND),
        ):
            assert problems(done) == [(ErrorCode.NOT_FOUND, ["id"])]
    assert problems(await webhooks.writing.retry(delivery, BOUND)) == [
        (ErrorCode.NOT_FOUND, ["id"])
    ]
    assert await webhooks.seen.all(VIEWER) == [mine]


@pytest.mark.parametrize("id_", ["no id", Key("Order", "mini", "1").encode()])
async def test_an_id_of_something_else_is_refused(webhooks: Webhooks, id_: str) -> None:
    for done in (
        await webhooks.writing.update(id_, WebhookEndpointInput(), VIEWER),
        await webhooks.writing.rotate_secret(id_, VIEWER),
        await webhooks.writing.delete(id_, VIEWER),
        await webhooks.writing.retry(id_, VIEWER),
        await webhooks.writing.test(id_, VIEWER),
    ):
        assert problems(done) == [(ErrorCode.INVALID, ["id"])]


async def test_a_deleted_endpoint_is_gone_with_its_deliveries(webhooks: Webhooks) -> None:
    endpoint = await webhooks.made()
    await webhooks.told(endpoint, "order 1")
    page = await webhooks.seen.of_endpoint(endpoint, None, None, 9, VIEWER)
    keys = [node.key for node in page.nodes]
    assert (await webhooks.writing.delete(endpoint.key.encode(), VIEWER)).errors == []
    assert await webhooks.seen.all(VIEWER) == []
    assert await webhooks.seen.deliveries(keys, VIEWER) == [None]
    again = await webhooks.writing.delete(endpoint.key.encode(), VIEWER)
    assert problems(again) == [(ErrorCode.NOT_FOUND, ["id"])]


async def test_deliveries_are_listed_newest_first_by_pages(webhooks: Webhooks) -> None:
    one, two = await webhooks.made(), await webhooks.made(OTHER)
    order = Key("Order", "mini", "7")
    await webhooks.told(one, "order 1", order.encode(), "order 3")
    await webhooks.told(two, order.encode())

    first = await webhooks.seen.of_endpoint(one, None, None, 2, VIEWER)
    assert [node.subject for node in first.nodes] == ["order 3", order.encode()]
    assert (first.total_count, first.page_info().has_next_page) == (3, True)
    rest = await webhooks.seen.of_endpoint(one, None, first.page_info().end_cursor, 2, VIEWER)
    assert [node.subject for node in rest.nodes] == ["order 1"]
    assert (rest.page_info().has_next_page, rest.page_info().has_previous_page) == (False, True)
    node = rest.nodes[0]
    assert (node.endpoint, node.topic, node.state, node.attempts) == (
        one,
        WebhookTopic.ORDER_CHANGED,
        WebhookDeliveryState.PENDING,
        0,
    )
    assert node.queued_at == node.next_attempt_at == datetime.fromtimestamp(NOW, UTC)
    assert await webhooks.seen.deliveries([node.key], VIEWER) == [node]
    assert await webhooks.seen.deliveries([node.key], OTHER) == [None]

    about = await webhooks.seen.of_subject(order, None, 9, VIEWER)
    assert [delivery.endpoint for delivery in about.nodes] == [two, one]
    assert about.total_count == 2
    about = await webhooks.seen.of_subject(order, None, 9, OTHER)
    assert [delivery.endpoint for delivery in about.nodes] == [two]
    nobody = await webhooks.seen.of_subject(order, None, 9, replace(OTHER, key_id="n0body"))
    assert (nobody.nodes, nobody.total_count) == ([], 0)
    with pytest.raises(BadUserInput, match="cursor"):
        await webhooks.seen.of_endpoint(one, None, "no cursor", 2, VIEWER)


async def test_deliveries_are_filtered_by_their_states(webhooks: Webhooks) -> None:
    endpoint = await webhooks.made()
    await webhooks.told(endpoint, "order 1")
    await webhooks.die(endpoint)
    await webhooks.told(endpoint, "order 2")
    for state, subjects in (
        (WebhookDeliveryState.DEAD, ["order 1"]),
        (WebhookDeliveryState.PENDING, ["order 2"]),
        (WebhookDeliveryState.DELIVERED, []),
    ):
        page = await webhooks.seen.of_endpoint(endpoint, [state], None, 9, VIEWER)
        assert [node.subject for node in page.nodes] == subjects
        assert page.total_count == len(subjects)


async def test_what_changed_in_a_shop_that_was_lost_is_not_named(webhooks: Webhooks) -> None:
    endpoint = await webhooks.made(BOUND)
    await webhooks.told(endpoint, "order 1", shop="flagship")
    await webhooks.told(endpoint, "order 2", shop="mini")
    page = await webhooks.seen.of_endpoint(endpoint, None, None, 9, BOUND)
    assert [node.subject for node in page.nodes] == ["order 2", None]


async def test_a_dead_letter_is_sent_again(webhooks: Webhooks) -> None:
    endpoint = await webhooks.made()
    await webhooks.told(endpoint, "order 1")
    await webhooks.die(endpoint)
    (dead,) = (await webhooks.seen.of_endpoint(endpoint, None, None, 9, VIEWER)).nodes
    assert (dead.state, dead.last_status, dead.last_error, dead.attempts) == (
        WebhookDeliveryState.DEAD,
        500,
        "HTTP 500",
        1,
    )
    done = await webhooks.writing.retry(dead.key.encode(), VIEWER)
    assert (done.endpoint, done.errors) == (endpoint, [])
    (waiting,) = (await webhooks.seen.of_endpoint(endpoint, None, None, 9, VIEWER)).nodes
    assert waiting.state is WebhookDeliveryState.PENDING

    again = await webhooks.writing.retry(dead.key.encode(), VIEWER)
    assert problems(again) == [(ErrorCode.CONFLICT, ["id"])]


async def test_nothing_is_sent_again_to_an_endpoint_that_is_off(webhooks: Webhooks) -> None:
    endpoint = await webhooks.made()
    await webhooks.told(endpoint, "order 1")
    await webhooks.die(endpoint)
    (dead,) = (await webhooks.seen.of_endpoint(endpoint, None, None, 9, VIEWER)).nodes
    off = WebhookEndpointInput(enabled=False)
    await webhooks.writing.update(endpoint.key.encode(), off, VIEWER)
    refused = await webhooks.writing.retry(dead.key.encode(), VIEWER)
    assert problems(refused) == [(ErrorCode.CONFLICT, ["id"])]
    assert "turned off" in refused.errors[0].message
    refused = await webhooks.writing.test(endpoint.key.encode(), VIEWER)
    assert problems(refused) == [(ErrorCode.CONFLICT, ["id"])]


async def test_a_topic_needs_the_scope_that_reading_it_needs(webhooks: Webhooks) -> None:
    topics = [WebhookTopic.ORDER_CHANGED, WebhookTopic.PRODUCT_CHANGED, WebhookTopic.PUSH_FAILED]
    refused = await webhooks.writing.create(WebhookEndpointInput(url=URL, topics=topics), OTHER)
    assert problems(refused) == [
        (ErrorCode.FORBIDDEN, ["topics", "1"]),
        (ErrorCode.FORBIDDEN, ["topics", "2"]),
    ]
    assert refused.errors[0].message == (
        "PRODUCT_CHANGED needs the scope catalog:read, which the API key lacks."
    )
    made = await webhooks.made(OTHER)
    # The endpoint has the rights of its own key, no matter which key changes it.
    given = WebhookEndpointInput(topics=[WebhookTopic.PRODUCT_CHANGED])
    refused = await webhooks.writing.update(made.key.encode(), given, VIEWER)
    assert problems(refused) == [(ErrorCode.FORBIDDEN, ["topics", "0"])]


async def test_a_test_queues_a_message_of_each_topic_of_the_endpoint(webhooks: Webhooks) -> None:
    topics = [WebhookTopic.PUSH_FAILED, WebhookTopic.ORDER_CHANGED]
    given = WebhookEndpointInput(url=URL, topics=topics, shops=["mini"])
    endpoint = (await webhooks.writing.create(given, VIEWER)).endpoint
    assert endpoint is not None
    done = await webhooks.writing.test(endpoint.key.encode(), VIEWER)
    assert (done.endpoint, done.errors) == (endpoint, [])
    page = await webhooks.seen.of_endpoint(endpoint, None, None, 9, VIEWER)
    assert [(node.topic, node.subject, node.state) for node in page.nodes] == [
        (topic, None, WebhookDeliveryState.PENDING) for topic in topics
    ]
    async with webhooks.store.transaction() as transaction:
        claimed = await webhooks.store.webhook_deliveries.claim(
            transaction, "test", 1, lease=60, limit=9
        )
    bodies = [json.loads(one.body) for one in claimed]
    assert [body["type"] for body in bodies] == ["order.changed", "push.failed"]
    assert all(body["data"]["test"] is True for body in bodies)
