"""Rights of webhook endpoints: those of the API key that made each, as they are now."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from gateway.auth.authenticator import EVERYONE
from gateway.auth.keys_file import KeyRecord, valid_record
from gateway.auth.viewer import Viewer
from gateway.store.webhook_endpoints import StoredWebhookEndpoint
from gateway.webhooks.bodies import Topic
from schema.scope import Scope

#: The scopes of which a key needs one to be told of a topic.
SCOPES: Final[Mapping[str, frozenset[Scope]]] = {
    Topic.ORDER_CHANGED: frozenset({Scope.ORDERS_READ}),
    Topic.AFTER_SALE_CHANGED: frozenset({Scope.ORDERS_READ}),
    Topic.PRODUCT_CHANGED: frozenset({Scope.CATALOG_READ}),
    Topic.PUSH_FAILED: frozenset({Scope.OPS_READ}),
    Topic.SHOP_HEALTH_CHANGED: frozenset({Scope.OPS_READ}),
    # Of the key's own operations.
    Topic.BULK_OPERATION_FINISHED: frozenset({Scope.ORDERS_READ, Scope.CATALOG_READ}),
}


class EndpointRights:
    """What the keys of endpoints may see now.

    Args:
        records: the API keys that are not revoked.
        now: gives unix seconds.
        is_open: whether the gateway asks nobody for a key, so that all endpoints are everyone's.
    """

    def __init__(
        self,
        records: Callable[[], Sequence[KeyRecord]],
        now: Callable[[], float],
        *,
        is_open: bool = False,
    ) -> None:
        self._records = records
        self._now = now
        self._is_open = is_open

    def viewer(self, key_id: str) -> Viewer | None:
        """The viewer of a key, or of the last key that replaces it; None: none of them is valid.

        So it is of callers that have no API key, such as those of a JSON Web Token: their rights
        cannot be asked once they have gone.
        """
        if key_id == EVERYONE.key_id:
            return EVERYONE if self._is_open else None
        now = datetime.fromtimestamp(self._now(), UTC)
        record = valid_record(self._records(), key_id, now)
        return None if record is None else record.viewer()

    def may_see(self, endpoint: StoredWebhookEndpoint, topic: str, shop: str | None) -> bool:
        """Whether the endpoint's key may be told of a topic of a shop; None: of several."""
        viewer = self.viewer(endpoint.key_id)
        return viewer is not None and refusal(viewer, topic, shop) is None


def refusal(viewer: Viewer, topic: str, shop: str | None) -> str | None:
    """Why a viewer must not be told of a topic of a shop; None: it may be."""
    if shop is not None and not viewer.sees(shop):
        return "the API key no longer has the shop"
    if not viewer.scopes & SCOPES[topic]:
        return "the API key no longer has the scope of the topic"
    return None
