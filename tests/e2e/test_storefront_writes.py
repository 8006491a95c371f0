"""Each write of chapters 3 to 6: as the manual prints it, refused, and with its answer lost."""

from typing import Any, Final, NamedTuple

import pytest

from schema.key import Key
from tests.e2e.storefront_samples import (
    CHANGE_GROUP,
    CLOSE,
    CREATE_GROUP,
    CREATE_SHELF,
    CREATE_TEMPLATE,
    DELETE_GROUP,
    DELETE_SHELF,
    DELETE_TEMPLATE,
    RENAME_GROUP,
    SHIP,
    UPDATE_SHELF,
    UPDATE_TEMPLATE,
    id_of,
    new_group,
    new_shelf,
    sample,
    template,
)
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve

#: The order of the sample of 6.4; in 6.2 the manual prints it with a status that no list has.
PRINTED_ORDER: Final = "7197417460812533543"


class Write(NamedTuple):
    """A mutation that sends the manual's sample; `sample` is named otherwise where two fit."""

    endpoint: str
    mutation: str
    variables: dict[str, Any]
    sample: str = ""

    @property
    def path(self) -> str:
        return f"/merchant/{self.endpoint.replace('.', '/')}"


def _changed_shelf() -> dict[str, Any]:
    given = new_shelf("shelf.mod")
    del given["shop"]
    return {"id": id_of("Shelf", 12345), **given}


WRITES: Final = [
    Write("express.add", CREATE_TEMPLATE, {"shop": "flagship", "input": template()}),
    Write("express.del", DELETE_TEMPLATE, {"id": id_of("DeliveryTemplate", 123456)}),
    Write(
        "express.update",
        UPDATE_TEMPLATE,
        {"id": id_of("DeliveryTemplate", 123456), "input": template("express.update")},
    ),
    Write("group.add", CREATE_GROUP, {"input": new_group()}),
    Write("group.del", DELETE_GROUP, {"id": id_of("ProductGroup", 19)}),
    Write("group.propertymod", RENAME_GROUP, {"id": id_of("ProductGroup", 28), "name": "特惠专场"}),
    Write(
        "group.productmod",
        CHANGE_GROUP,
        {
            "id": id_of("ProductGroup", 28),
            "add": [id_of("Product", "pDF3iY-CgqlAL3k8Ilz-6sj0UYpk")],
            "remove": [id_of("Product", "pDF3iY-RewlAL3k8Ilz-6sjsepp9")],
        },
    ),
    Write("shelf.add", CREATE_SHELF, {"input": new_shelf()}),
    Write("shelf.add", CREATE_SHELF, {"input": new_shelf("shelf.add.cover")}, "shelf.add.cover"),
    Write("shelf.del", DELETE_SHELF, {"id": id_of("Shelf", 19)}),
    Write("shelf.mod", UPDATE_SHELF, {"input": _changed_shelf()}),
    Write(
        "order.setdelivery",
        SHIP,
        {
            "input": {
                "id": id_of("Order", PRINTED_ORDER),
                "carrier": "059Yunda",
                "trackingNumber": "1900659372473",
            }
        },
    ),
    Write("order.close", CLOSE, {"id": id_of("Order", "7197417460812584720")}),
]
EACH: Final = pytest.mark.parametrize(
    "write", WRITES, ids=[write.sample or write.endpoint for write in WRITES]
)


@pytest.fixture(autouse=True)
def printed_order_to_be_shipped(sandbox: Sandbox, serve: Serve) -> None:
    """Let the order of the samples wait for its shipment, in the shop that is served."""
    assert callable(serve)
    sandbox.set_order_status(PRINTED_ORDER, 2)
    sandbox.clear_log()


async def _done(gateway: Client, write: Write) -> dict[str, Any]:
    payload: dict[str, Any] = (await gateway.ask(write.mutation, write.variables)).data["done"]
    return payload


@EACH
async def test_what_is_sent_is_the_manual_s_sample(
    gateway: Client, sandbox: Sandbox, write: Write
) -> None:
    payload = await _done(gateway, write)

    assert payload["userErrors"] == []
    assert next(iter(payload.values())) is not None
    (sent,) = sandbox.requests(write.path)
    assert sent["method"] == "POST"
    assert sent["body"] == sample(write.sample or write.endpoint)


@EACH
async def test_a_refusal_is_told_with_the_platform_s_words(
    gateway: Client, sandbox: Sandbox, write: Write
) -> None:
    sandbox.fault("errcode", 79999, path=write.path)
    payload = await _done(gateway, write)

    assert next(iter(payload.values())) is None
    (error,) = payload["userErrors"]
    assert error["code"] == "REJECTED_BY_PLATFORM"
    assert error["platformError"] == {"endpoint": write.endpoint, "code": "79999"}
    assert len(sandbox.requests(write.path)) == 1


@pytest.mark.parametrize("kind", ["reset", "http_status"])
@EACH
async def test_a_lost_answer_is_told_and_nothing_is_sent_again(
    gateway: Client, sandbox: Sandbox, write: Write, kind: str
) -> None:
    sandbox.fault(kind, 502 if kind == "http_status" else None, path=write.path, after=True)
    payload = await _done(gateway, write)

    assert next(iter(payload.values())) is None
    (error,) = payload["userErrors"]
    assert error["code"] == "OUTCOME_UNKNOWN"
    assert "before you repeat it" in error["message"]
    assert len(sandbox.requests(write.path)) == 1


@EACH
async def test_a_platform_that_is_busy_did_nothing(
    gateway: Client, sandbox: Sandbox, write: Write
) -> None:
    sandbox.fault("errcode", -1, path=write.path)
    payload = await _done(gateway, write)

    (error,) = payload["userErrors"]
    assert error["code"] == "PLATFORM_UNAVAILABLE"
    assert len(sandbox.requests(write.path)) == 1


@pytest.mark.parametrize(
    ("mutation", "variables"),
    [
        pytest.param(DELETE_TEMPLATE, {"id": id_of("DeliveryTemplate", 77)}, id="template-del"),
        pytest.param(
            UPDATE_TEMPLATE,
            {"id": id_of("DeliveryTemplate", 77), "input": template()},
            id="template-update",
        ),
        pytest.param(DELETE_GROUP, {"id": id_of("ProductGroup", 77)}, id="group-del"),
        pytest.param(RENAME_GROUP, {"id": id_of("ProductGroup", 77), "name": "x"}, id="rename"),
        pytest.param(
            CHANGE_GROUP,
            {"id": id_of("ProductGroup", 77), "remove": [id_of("Product", "p")]},
            id="group-products",
        ),
        pytest.param(DELETE_SHELF, {"id": id_of("Shelf", 77)}, id="shelf-del"),
        pytest.param(
            UPDATE_SHELF, {"input": {"id": id_of("Shelf", 77), "name": "x"}}, id="shelf-update"
        ),
        pytest.param(
            SHIP,
            {"input": {"id": id_of("Order", 77), "needsDelivery": False}},
            id="ship",
        ),
        pytest.param(CLOSE, {"id": id_of("Order", 77)}, id="close"),
    ],
)
@pytest.mark.parametrize("platform_id", ["77", "no-number"])
async def test_what_is_not_there_is_not_found(
    gateway: Client, mutation: str, variables: dict[str, Any], platform_id: str
) -> None:
    asked = _moved(variables, platform_id=platform_id)
    payload = (await gateway.ask(mutation, asked)).data["done"]

    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [("NOT_FOUND", ["id"])]


@EACH
async def test_another_platform_cannot(gateway: Client, sandbox: Sandbox, write: Write) -> None:
    asked = _moved(write.variables, shop="swan")
    payload = (await gateway.ask(write.mutation, asked)).data["done"]

    # Orders are shipped and closed everywhere: the code is no carrier's there, the id no order's.
    on_each = {"order.setdelivery": "INVALID", "order.close": "NOT_FOUND"}
    expected = on_each.get(write.endpoint, "UNSUPPORTED_BY_PLATFORM")
    assert [one["code"] for one in payload["userErrors"]] == [expected]
    assert sandbox.counts() == {}


def _moved(given: dict[str, Any], **parts: str) -> dict[str, Any]:
    """The same, with other parts in the id of what is changed, or with another shop."""
    moved: dict[str, Any] = {
        name: _moved(value, **parts) if isinstance(value, dict) else value
        for name, value in given.items()
    }
    if "id" in moved:
        moved["id"] = Key.decode(moved["id"])._replace(**parts).encode()
    if "shop" in moved:
        moved["shop"] = parts.get("shop", moved["shop"])
    return moved
