"""Makes, changes, rotates and deletes webhook endpoints; sends their dead letters again."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import msgspec
from strawberry import UNSET

from gateway.auth.keys import RandomBytes
from gateway.mutation_progress import begin_step
from gateway.ports.writing.problems import InputRefused, Problems
from gateway.services.directory import Directory
from gateway.services.viewer import Viewer
from gateway.services.webhooks import WebhookService
from gateway.services.writing.targets import target_key
from gateway.store.engine import Transaction
from gateway.store.mutation_receipts import left_before, write_receipt
from gateway.store.store import Store
from gateway.store.webhook_deliveries import NewWebhookDelivery
from gateway.store.webhook_endpoints import NewWebhookEndpoint, StoredWebhookEndpoint
from gateway.webhooks.addresses import AddressPolicy, AddressRefused, HostUnknown
from gateway.webhooks.bodies import Topic, sample
from gateway.webhooks.rights import SCOPES, EndpointRights
from gateway.webhooks.signature import new_secret
from schema.errors import ErrorCode, UserError
from schema.key import Key
from schema.webhook import WebhookEndpoint, WebhookEndpointInput

#: Endpoints of one API key.
MAX_ENDPOINTS: Final = 20
#: Seconds that the secret before the present one signs too.
SECRET_OVERLAP: Final = 86_400.0
#: Seconds for the resolution of an endpoint's name.
_RESOLUTION_TIMEOUT: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookResult:
    """The endpoint as it is now; None where nothing was changed.

    `secret` is None where there is no new one.
    """

    endpoint: WebhookEndpoint | None = None
    secret: str | None = None
    errors: list[UserError] = field(default_factory=list)


class _Receipt(msgspec.Struct, frozen=True):
    """The endpoint that a mutation changed, and whether it has a new secret."""

    id: int
    new_secret: bool = False


@dataclass(frozen=True, slots=True)
class EndpointRules:
    """What endpoints may be: their addresses, and what their API keys may see."""

    addresses: AddressPolicy
    rights: EndpointRights


class WebhookEndpointWriting:
    """Changes the endpoints that a viewer sees; `random_bytes` is `secrets.token_bytes`."""

    def __init__(
        self,
        directory: Directory,
        store: Store,
        webhooks: WebhookService,
        rules: EndpointRules,
        random_bytes: RandomBytes,
    ) -> None:
        self._directory = directory
        self._store = store
        self._webhooks = webhooks
        self._addresses = rules.addresses
        self._rights = rules.rights
        self._random_bytes = random_bytes

    async def create(self, given: WebhookEndpointInput, viewer: Viewer) -> WebhookResult:
        """Makes an endpoint; the result has its secret.

        Raises:
            StoreUnavailable: nothing was done.
        """
        try:
            if (left := left_before(_Receipt)) is None:
                left = await self._create(given, viewer)
        except InputRefused as refused:
            return WebhookResult(errors=list(refused.errors))
        return await self._result(left, viewer)

    async def update(self, id_: str, given: WebhookEndpointInput, viewer: Viewer) -> WebhookResult:
        """Changes what is given.

        Raises:
            StoreUnavailable: nothing was done.
        """
        try:
            if (left := left_before(_Receipt)) is None:
                left = await self._update(id_, given, viewer)
        except InputRefused as refused:
            return WebhookResult(errors=list(refused.errors))
        return await self._result(left, viewer)

    async def rotate_secret(self, id_: str, viewer: Viewer) -> WebhookResult:
        """Replaces the secret; the result has the new one.

        Raises:
            StoreUnavailable: nothing was done.
            LedgerUnreadable: the present secret was sealed with another key.
        """
        try:
            if (left := left_before(_Receipt)) is None:
                key, number = await self._found(id_, viewer)
                secret = new_secret(self._random_bytes).get_secret_value()
                endpoints, left = self._store.webhook_endpoints, _Receipt(number, new_secret=True)
                async with self._store.transaction() as transaction:
                    if not await endpoints.rotate_secret(
                        transaction, number, secret, overlap=SECRET_OVERLAP
                    ):
                        raise _absent()
                    await write_receipt(transaction, left, [key])
                begin_step()
        except InputRefused as refused:
            return WebhookResult(errors=list(refused.errors))
        return await self._result(left, viewer)

    async def delete(self, id_: str, viewer: Viewer) -> WebhookResult:
        """Deletes an endpoint; the result has it as it was.

        Raises:
            StoreUnavailable: nothing was done.
        """
        try:
            if left_before(_Receipt) is not None:
                return WebhookResult()
            key, number = await self._found(id_, viewer)
            async with self._store.transaction() as transaction:
                if not await self._store.webhook_endpoints.delete(transaction, number):
                    raise _absent()
                await write_receipt(transaction, _Receipt(number), [key])
        except InputRefused as refused:
            return WebhookResult(errors=list(refused.errors))
        begin_step()
        return WebhookResult()

    async def test(self, id_: str, viewer: Viewer) -> WebhookResult:
        """Queues a message of each topic of an endpoint, with invented contents.

        Raises:
            StoreUnavailable: nothing was done.
        """
        try:
            if (left := left_before(_Receipt)) is None:
                left = await self._test(id_, viewer)
        except InputRefused as refused:
            return WebhookResult(errors=list(refused.errors))
        return await self._result(left, viewer)

    async def retry(self, id_: str, viewer: Viewer) -> WebhookResult:
        """Queues a dead letter again; the result has its endpoint.

        Raises:
            StoreUnavailable: nothing was done.
        """
        try:
            if (left := left_before(_Receipt)) is None:
                left = await self._retry(id_, viewer)
        except InputRefused as refused:
            return WebhookResult(errors=list(refused.errors))
        return await self._result(left, viewer)

    async def _create(self, given: WebhookEndpointInput, viewer: Viewer) -> _Receipt:
        owner = self._rights.viewer(viewer.key_id)
        if owner is None:
            # At each delivery the key is asked what it may see: a token is gone by then.
            message = "Only an API key can make an endpoint, which has the rights of its key."
            raise InputRefused.of(ErrorCode.FORBIDDEN, message)
        problems = Problems()
        if given.url is None:
            problems.add("An endpoint needs a URL.", "url")
        if given.topics is None:
            problems.add("An endpoint needs a topic.", "topics")
        await self._check(given, viewer, owner, problems)
        problems.stop()
        assert given.url is not None  # noqa: S101 - without it there is a problem
        new = NewWebhookEndpoint(
            url=given.url,
            topics=frozenset(topic.name for topic in given.topics or ()),
            shops=_shops(given.shops),
            key_name=viewer.name,
            key_id=viewer.key_id,
            secret=new_secret(self._random_bytes).get_secret_value(),
        )
        async with self._store.transaction() as transaction:
            number = await self._store.webhook_endpoints.add(transaction, new, most=MAX_ENDPOINTS)
            if number is None:
                message = (
                    f"The API key has {MAX_ENDPOINTS} endpoints, the most that are possible:"
                    " delete one first."
                )
                raise InputRefused.of(ErrorCode.CONFLICT, message)
            if given.enabled is False:
                await self._store.webhook_endpoints.turn_off(transaction, number, None)
            left = _Receipt(number, new_secret=True)
            await write_receipt(transaction, left, [self._webhooks.endpoint_key(number)])
        begin_step()
        return left

    async def _update(self, id_: str, given: WebhookEndpointInput, viewer: Viewer) -> _Receipt:
        key, number = await self._found(id_, viewer)
        found = (await self._store.webhook_endpoints.get_many([number])).get(number)
        owner = None if found is None else self._rights.viewer(found.key_id)
        problems = Problems()
        await self._check(given, viewer, owner, problems)
        problems.stop()
        async with self._store.transaction() as transaction:
            stored = await self._store.webhook_endpoints.lock(transaction, number)
            if stored is None:
                raise _absent()
            await self._change(transaction, stored, given)
            await write_receipt(transaction, left := _Receipt(number), [key])
        begin_step()
        return left

    async def _change(
        self,
        transaction: Transaction,
        stored: StoredWebhookEndpoint,
        given: WebhookEndpointInput,
    ) -> None:
        endpoints, topics = self._store.webhook_endpoints, given.topics
        await endpoints.update(
            transaction,
            stored.id,
            url=stored.url if given.url is None else given.url,
            topics=stored.topics if topics is None else frozenset(one.name for one in topics),
            shops=stored.shops if given.shops is UNSET else _shops(given.shops),
        )
        if given.enabled is True:
            await endpoints.turn_on(transaction, stored.id)
        elif given.enabled is False:
            await endpoints.turn_off(transaction, stored.id, None)

    async def _test(self, id_: str, viewer: Viewer) -> _Receipt:
        key, number = await self._found(id_, viewer)
        async with self._store.transaction() as transaction:
            stored = await self._store.webhook_endpoints.lock(transaction, number)
            if stored is None:
                raise _absent()
            if not stored.enabled:
                raise _turned_off()
            samples = [sample(one, transaction.now) for one in Topic if one in stored.topics]
            await self._store.webhook_deliveries.record(
                transaction,
                [
                    NewWebhookDelivery(
                        endpoint=number,
                        topic=one.topic,
                        shop=one.shop,
                        subject=one.subject,
                        body=one.body,
                    )
                    for one in samples
                ],
            )
            await write_receipt(transaction, left := _Receipt(number), [key])
        begin_step()
        return left

    async def _retry(self, id_: str, viewer: Viewer) -> _Receipt:
        key = target_key(id_, "WebhookDelivery", "id")
        number = self._webhooks.delivery_number(key)
        deliveries = self._store.webhook_deliveries
        found = None if number is None else (await deliveries.get_many([number])).get(number)
        if found is None or await self._webhooks.deliveries([key], viewer) == [None]:
            raise _no_delivery()
        async with self._store.transaction() as transaction:
            endpoint = await self._store.webhook_endpoints.lock(transaction, found.endpoint)
            if endpoint is None:
                raise _no_delivery()
            if not endpoint.enabled:
                raise _turned_off()
            if not await deliveries.retry(transaction, found):
                message = "Only a delivery that is DEAD can be sent again."
                raise InputRefused.of(ErrorCode.CONFLICT, message, "id")
            await write_receipt(transaction, left := _Receipt(endpoint.id), [key])
        begin_step()
        return left

    async def _check(
        self,
        given: WebhookEndpointInput,
        viewer: Viewer,
        owner: Viewer | None,
        problems: Problems,
    ) -> None:
        """Adds what is wrong; `owner` is the endpoint's API key, None if it is not valid."""
        if given.topics is not None and not given.topics:
            problems.add("An endpoint needs a topic.", "topics")
        for place, topic in enumerate(given.topics or ()):
            needed = SCOPES[topic.name]
            if owner is not None and not owner.scopes & needed:
                scopes = " or ".join(sorted(needed))
                message = f"{topic.name} needs the scope {scopes}, which the API key lacks."
                problems.add(message, "topics", place, code=ErrorCode.FORBIDDEN)
        if given.shops is not UNSET and given.shops is not None:
            if not given.shops:
                problems.add("Name a shop, or give null for all of the API key's.", "shops")
            for place, shop in enumerate(given.shops):
                if self._directory.find(shop, viewer) is None:
                    message = f'There is no shop "{shop}" for this API key.'
                    problems.add(message, "shops", place, code=ErrorCode.NOT_FOUND)
        if given.url is not None:
            await self._check_url(given.url, problems)

    async def _check_url(self, url: str, problems: Problems) -> None:
        try:
            async with asyncio.timeout(_RESOLUTION_TIMEOUT):
                await self._addresses.check(url)
        except AddressRefused as refusal:
            problems.add(f"The URL cannot be called: {refusal}.", "url")
        except (HostUnknown, TimeoutError):
            problems.add("The URL cannot be called: its host's name cannot be resolved.", "url")

    async def _found(self, id_: str, viewer: Viewer) -> tuple[Key, int]:
        """The key and the number of an endpoint that the viewer sees."""
        key = target_key(id_, "WebhookEndpoint", "id")
        number = self._webhooks.endpoint_number(key)
        if number is None or await self._webhooks.endpoints([key], viewer) == [None]:
            raise _absent()
        return key, number

    async def _result(self, left: _Receipt, viewer: Viewer) -> WebhookResult:
        key = self._webhooks.endpoint_key(left.id)
        (endpoint,) = await self._webhooks.endpoints([key], viewer)
        secret = None
        if left.new_secret:
            # As it is in the ledger: a mutation that is done again has made no other.
            secret = next(iter(await self._store.webhook_endpoints.secrets(left.id)), None)
        return WebhookResult(endpoint=endpoint, secret=secret)


def _shops(given: list[str] | None) -> frozenset[str] | None:
    return None if given is None or given is UNSET else frozenset(given)


def _absent() -> InputRefused:
    message = "There is no such webhook endpoint for this API key."
    return InputRefused.of(ErrorCode.NOT_FOUND, message, "id")


def _turned_off() -> InputRefused:
    message = "The endpoint is turned off: turn it on with `webhookEndpointUpdate`."
    return InputRefused.of(ErrorCode.CONFLICT, message, "id")


def _no_delivery() -> InputRefused:
    message = "There is no such delivery for this API key."
    return InputRefused.of(ErrorCode.NOT_FOUND, message, "id")
