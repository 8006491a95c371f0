"""A change that reads first never builds on an older answer than the platform's own of now."""

from typing import Any

import pytest

from tests.e2e.storefront_samples import CLOSE, SHIP, UPDATE_SHELF, id_of
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

ORDER = id_of("Order", "7197417460812533543")


@pytest.mark.parametrize(
    ("id_", "read", "written", "mutation", "variables"),
    [
        pytest.param(
            ORDER,
            "order",
            "order/setdelivery",
            SHIP,
            {"input": {"id": ORDER, "needsDelivery": False}},
            id="ship",
        ),
        pytest.param(ORDER, "order", "order/close", CLOSE, {"id": ORDER}, id="close"),
        pytest.param(
            id_of("Shelf", 22),
            "shelf",
            "shelf/mod",
            UPDATE_SHELF,
            {"input": {"id": id_of("Shelf", 22), "name": "another"}},
            id="shelf",
        ),
    ],
)
async def test_a_platform_that_is_down_is_not_written_to(  # noqa: PLR0913, PLR0917 - a case
    gateway: Client,
    sandbox: Sandbox,
    id_: str,
    read: str,
    written: str,
    mutation: str,
    variables: dict[str, Any],
) -> None:
    before = await gateway.ask(f"query ($id: ID!) {{ {read}(id: $id) {{ id }} }}", {"id": id_})
    assert before.data[read] == {"id": id_}
    sandbox.fault("http_status", 502, path=f"/merchant/{read}/get", times=None)

    payload = (await gateway.ask(mutation, variables)).data["done"]

    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [
        ("PLATFORM_UNAVAILABLE", None)
    ]
    assert sandbox.requests(f"/merchant/{written}") == []
