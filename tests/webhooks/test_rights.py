"""Whose endpoints may be told of what."""

from datetime import UTC, datetime

import pytest

from gateway.auth.authenticator import EVERYONE
from gateway.auth.viewer import ALL_SHOPS, Viewer
from gateway.webhooks.bodies import Topic
from gateway.webhooks.rights import SCOPES, EndpointRights, refusal
from schema.scope import Scope
from tests.store.samples import NOW
from tests.webhooks.worlds import RECORD, changed


def test_each_topic_needs_a_scope() -> None:
    assert SCOPES.keys() == set(Topic)


@pytest.mark.parametrize("topic", Topic)
def test_a_key_without_scopes_is_told_nothing(topic: Topic) -> None:
    viewer = Viewer(name="a", scopes=frozenset(), shops=ALL_SHOPS, key_id="k")

    assert refusal(viewer, topic, "mini") == "the API key no longer has the scope of the topic"
    assert refusal(EVERYONE, topic, "mini") is None
    assert refusal(EVERYONE, topic, None) is None


def test_one_of_two_scopes_is_enough_for_bulk_operations() -> None:
    scopes = frozenset({Scope.CATALOG_READ})
    viewer = Viewer(name="a", scopes=scopes, shops=frozenset({"mini"}), key_id="k")

    assert refusal(viewer, Topic.BULK_OPERATION_FINISHED, None) is None
    assert refusal(viewer, Topic.PRODUCT_CHANGED, "swan") == "the API key no longer has the shop"


def test_a_key_that_has_expired_has_no_rights() -> None:
    expired = changed(expires_at=datetime(2023, 2, 1, tzinfo=UTC))
    rights = EndpointRights(lambda: [expired], lambda: NOW)

    assert rights.viewer(RECORD.id) is None
    assert EndpointRights(lambda: [RECORD], lambda: NOW).viewer(RECORD.id) == RECORD.viewer()


def test_a_gateway_that_asks_for_no_key_tells_everyone() -> None:
    assert EndpointRights(list, lambda: NOW, is_open=True).viewer("open") is EVERYONE
    assert EndpointRights(list, lambda: NOW).viewer("open") is None
    # A JSON Web Token's rights cannot be asked.
    assert EndpointRights(list, lambda: NOW).viewer("jwt:1") is None
