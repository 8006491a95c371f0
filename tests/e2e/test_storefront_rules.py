"""Each rule of groups, shelves, templates and shipments is told before anything is sent."""

from copy import deepcopy
from typing import Any, Final

import pytest

from schema.key import Key
from tests.e2e.storefront_samples import (
    CHANGE_GROUP,
    CREATE_GROUP,
    CREATE_SHELF,
    CREATE_TEMPLATE,
    RENAME_GROUP,
    SHIP,
    UPDATE_SHELF,
    UPDATE_TEMPLATE,
    id_of,
    new_group,
    new_shelf,
    template,
)
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client

GROUP: Final = id_of("ProductGroup", 50)
PICTURE: Final = new_shelf("shelf.add")["banner"]
ELSEWHERE: Final = "http://example.com/picture.png"
ABROAD: Final = Key("ProductGroup", "mini", "50").encode()

Found = list[tuple[str, list[str] | None]]


async def _problems(
    gateway: Client, sandbox: Sandbox, mutation: str, variables: dict[str, Any]
) -> Found:
    """The codes and paths of what is wrong, once it is sure that the platform was not called."""
    payload = (await gateway.ask(mutation, variables)).data["done"]

    assert next(iter(payload.values())) is None
    assert sandbox.counts() == {}
    return [(one["code"], one["field"]) for one in payload["userErrors"]]


def _tabs(*groups: str) -> dict[str, Any]:
    return {"groupTabs": {"groupIds": list(groups)}}


def _cover(**changes: Any) -> dict[str, Any]:
    return {"cover": {"groupIds": [GROUP], "background": PICTURE, **changes}}


def _gallery(*images: str) -> dict[str, Any]:
    return {"groupGallery": {"entries": [{"groupId": GROUP, "image": image} for image in images]}}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({"name": "  "}, [("INVALID", ["name"])], id="no-name"),
        pytest.param({"name": "A&amp;B"}, [("INVALID", ["name"])], id="an-escaped-name"),
        pytest.param(
            {"productIds": [GROUP, "x"]},
            [("INVALID", ["productIds", "0"]), ("INVALID", ["productIds", "1"])],
            id="no-products",
        ),
        pytest.param(
            {"productIds": [Key("Product", "mini", "p").encode()]},
            [("NOT_FOUND", ["productIds", "0"])],
            id="of-another-shop",
        ),
        pytest.param({"shop": "nowhere"}, [("NOT_FOUND", ["shop"])], id="no-shop"),
    ],
)
async def test_a_group(
    gateway: Client, sandbox: Sandbox, changes: dict[str, Any], found: Found
) -> None:
    variables = {"input": {**new_group(), **changes}}

    assert await _problems(gateway, sandbox, CREATE_GROUP, variables) == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({}, [("INVALID", None)], id="nothing-to-do"),
        pytest.param({"add": [], "remove": []}, [("INVALID", None)], id="nothing-in-lists"),
        pytest.param(
            {"add": [id_of("Product", "p")], "remove": [id_of("Product", "p")]},
            [("INVALID", ["remove", "0"])],
            id="both",
        ),
        pytest.param({"add": [GROUP]}, [("INVALID", ["add", "0"])], id="no-product"),
        pytest.param({"id": "x"}, [("INVALID", ["id"])], id="no-id"),
        pytest.param({"id": id_of("Shelf", 1)}, [("INVALID", ["id"])], id="no-group"),
        pytest.param(
            {"id": Key("ProductGroup", "nowhere", "1").encode()},
            [("NOT_FOUND", ["id"])],
            id="of-no-shop",
        ),
    ],
)
async def test_the_products_of_a_group(
    gateway: Client, sandbox: Sandbox, changes: dict[str, Any], found: Found
) -> None:
    variables = {"id": GROUP, **changes}

    assert await _problems(gateway, sandbox, CHANGE_GROUP, variables) == found


async def test_another_name_of_a_group(gateway: Client, sandbox: Sandbox) -> None:
    found = await _problems(gateway, sandbox, RENAME_GROUP, {"id": GROUP, "name": ""})

    assert found == [("INVALID", ["name"])]


SHELVES: Final = [
    pytest.param({"name": ""}, [("INVALID", ["name"])], id="no-name"),
    pytest.param({"banner": ELSEWHERE}, [("INVALID", ["banner"])], id="banner-from-elsewhere"),
    pytest.param({"modules": []}, [("INVALID", ["modules"])], id="no-widget"),
    pytest.param(
        {"modules": [{"productList": {"groupId": GROUP, "count": 0}}]},
        [("INVALID", ["modules", "0", "productList", "count"])],
        id="widget-1-without-products",
    ),
    pytest.param(
        {"modules": [_tabs(*[GROUP] * 5)]},
        [("INVALID", ["modules", "0", "groupTabs", "groupIds"])],
        id="widget-2-with-five-groups",
    ),
    pytest.param(
        {"modules": [_tabs()]},
        [("INVALID", ["modules", "0", "groupTabs", "groupIds"])],
        id="widget-2-without-groups",
    ),
    pytest.param(
        {"modules": [_tabs(GROUP), _tabs(GROUP, "x", ABROAD, id_of("Product", 1))]},
        [
            ("INVALID", ["modules", "1", "groupTabs", "groupIds", "1"]),
            ("NOT_FOUND", ["modules", "1", "groupTabs", "groupIds", "2"]),
            ("INVALID", ["modules", "1", "groupTabs", "groupIds", "3"]),
        ],
        id="widget-2-with-other-ids",
    ),
    pytest.param(
        {"modules": [_tabs(id_of("ProductGroup", "no-number"))]},
        [("NOT_FOUND", ["modules", "0", "groupTabs", "groupIds", "0"])],
        id="widget-2-with-an-impossible-group",
    ),
    pytest.param(
        {"modules": [{"groupBanner": {"groupId": "x", "image": ELSEWHERE}}]},
        [
            ("INVALID", ["modules", "0", "groupBanner", "image"]),
            ("INVALID", ["modules", "0", "groupBanner", "groupId"]),
        ],
        id="widget-3-with-a-picture-from-elsewhere",
    ),
    pytest.param(
        {"modules": [_gallery(*[PICTURE] * 4)]},
        [("INVALID", ["modules", "0", "groupGallery", "entries"])],
        id="widget-4-with-four-groups",
    ),
    pytest.param(
        {"modules": [_gallery(PICTURE, ELSEWHERE)]},
        [("INVALID", ["modules", "0", "groupGallery", "entries", "1", "image"])],
        id="widget-4-with-a-picture-from-elsewhere",
    ),
    pytest.param(
        {"modules": [_tabs(GROUP), _cover()], "banner": None},
        [("INVALID", ["modules", "1", "cover"])],
        id="widget-5-beside-another",
    ),
    pytest.param(
        {"modules": [_cover()], "banner": PICTURE},
        [("INVALID", ["banner"])],
        id="widget-5-with-a-banner",
    ),
    pytest.param(
        {"modules": [_cover(groupIds=[], background=ELSEWHERE)], "banner": None},
        [
            ("INVALID", ["modules", "0", "cover", "groupIds"]),
            ("INVALID", ["modules", "0", "cover", "background"]),
        ],
        id="widget-5-without-groups",
    ),
]


@pytest.mark.parametrize(("changes", "found"), SHELVES)
async def test_a_new_shelf(
    gateway: Client, sandbox: Sandbox, changes: dict[str, Any], found: Found
) -> None:
    variables = {"input": {**new_shelf(), **changes}}

    assert await _problems(gateway, sandbox, CREATE_SHELF, variables) == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        *(one for one in SHELVES if one.id != "widget-5-with-a-banner"),
        pytest.param({"name": None}, [("INVALID", ["name"])], id="a-name-taken-away"),
        pytest.param({"modules": None}, [("INVALID", ["modules"])], id="widgets-taken-away"),
    ],
)
async def test_a_changed_shelf(
    gateway: Client, sandbox: Sandbox, changes: dict[str, Any], found: Found
) -> None:
    variables = {"input": {"id": id_of("Shelf", 23), **changes}}

    assert await _problems(gateway, sandbox, UPDATE_SHELF, variables) == found


def _fee(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(template()["fees"][1]), **changes}


def _rule(**changes: Any) -> dict[str, Any]:
    return {**template()["fees"][1]["standard"], **changes}


def _regional(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(template()["fees"][1]["regional"][0]), **changes}


TEMPLATES: Final = [
    pytest.param({"name": ""}, [("INVALID", ["name"])], id="no-name"),
    pytest.param({"payer": "UNKNOWN"}, [("INVALID", ["payer"])], id="nobody-pays"),
    pytest.param(
        {"valuation": "BY_WEIGHT"}, [("UNSUPPORTED_BY_PLATFORM", ["valuation"])], id="by-weight"
    ),
    pytest.param(
        {"valuation": "BY_VOLUME"}, [("UNSUPPORTED_BY_PLATFORM", ["valuation"])], id="by-volume"
    ),
    pytest.param({"valuation": "UNKNOWN"}, [("INVALID", ["valuation"])], id="by-nothing"),
    pytest.param({"fees": []}, [("INVALID", ["fees"])], id="no-fees"),
    pytest.param(
        {"fees": [_fee(service="UNKNOWN")]},
        [("INVALID", ["fees", "0", "service"])],
        id="no-service",
    ),
    pytest.param(
        {"fees": [_fee(), _fee()]}, [("INVALID", ["fees", "1", "service"])], id="a-service-twice"
    ),
    pytest.param(
        {"fees": [_fee(standard=_rule(startUnits=-1, additionalUnits=-1))]},
        [
            ("INVALID", ["fees", "0", "standard", "startUnits"]),
            ("INVALID", ["fees", "0", "standard", "additionalUnits"]),
        ],
        id="fewer-than-no-units",
    ),
    pytest.param(
        {"fees": [_fee(standard=_rule(startFee={"fen": -1}, additionalFee={"amount": "0.005"}))]},
        [
            ("INVALID", ["fees", "0", "standard", "startFee", "fen"]),
            ("INVALID", ["fees", "0", "standard", "additionalFee", "amount"]),
        ],
        id="no-whole-fen",
    ),
    pytest.param(
        {"fees": [_fee(regional=[_regional(country="日本")])]},
        [("INVALID", ["fees", "0", "regional", "0", "country"])],
        id="another-country",
    ),
    pytest.param(
        {"fees": [_fee(regional=[_regional(), _regional(province="广东")])]},
        [("INVALID", ["fees", "0", "regional", "1", "province"])],
        id="no-province",
    ),
    pytest.param(
        {"fees": [_fee(regional=[_regional(city="杭州市")])]},
        [("INVALID", ["fees", "0", "regional", "0", "city"])],
        id="a-city-of-another-province",
    ),
    pytest.param(
        {"fees": [_fee(regional=[_regional(), _regional()])]},
        [("INVALID", ["fees", "0", "regional", "1", "city"])],
        id="a-city-twice",
    ),
    pytest.param(
        {"fees": [_fee(regional=[_regional(rule=_rule(startFee={"amount": "1.001"}))])]},
        [("INVALID", ["fees", "0", "regional", "0", "rule", "startFee", "amount"])],
        id="no-whole-fen-in-a-city",
    ),
]


@pytest.mark.parametrize(("changes", "found"), TEMPLATES)
async def test_a_new_template(
    gateway: Client, sandbox: Sandbox, changes: dict[str, Any], found: Found
) -> None:
    variables = {"shop": "flagship", "input": {**template(), **changes}}

    assert await _problems(gateway, sandbox, CREATE_TEMPLATE, variables) == found


@pytest.mark.parametrize(("changes", "found"), TEMPLATES)
async def test_a_replaced_template(
    gateway: Client, sandbox: Sandbox, changes: dict[str, Any], found: Found
) -> None:
    variables = {"id": id_of("DeliveryTemplate", 123456), "input": {**template(), **changes}}

    assert await _problems(gateway, sandbox, UPDATE_TEMPLATE, variables) == found


@pytest.mark.parametrize(
    ("given", "found"),
    [
        pytest.param({}, [("INVALID", ["carrier"]), ("INVALID", ["trackingNumber"])], id="nothing"),
        pytest.param(
            {"needsDelivery": True},
            [("INVALID", ["carrier"]), ("INVALID", ["trackingNumber"])],
            id="nothing-though-something-is-sent",
        ),
        pytest.param(
            {"carrier": "059Yunda"}, [("INVALID", ["trackingNumber"])], id="no-waybill-number"
        ),
        pytest.param(
            {"carrier": "059Yunda", "trackingNumber": " "},
            [("INVALID", ["trackingNumber"])],
            id="an-empty-waybill-number",
        ),
        pytest.param(
            {"carrier": "nobody", "trackingNumber": "1"},
            [("INVALID", ["carrier"])],
            id="no-carrier",
        ),
        pytest.param(
            {"carrier": "059Yunda", "otherCarrier": "京东", "trackingNumber": "1"},
            [("INVALID", ["otherCarrier"])],
            id="two-carriers",
        ),
        pytest.param(
            {"otherCarrier": "059Yunda", "trackingNumber": "1"},
            [("INVALID", ["otherCarrier"])],
            id="a-known-carrier-as-another",
        ),
        pytest.param(
            {"needsDelivery": False, "carrier": "059Yunda", "otherCarrier": "京东"}
            | {"trackingNumber": "1"},
            [
                ("INVALID", ["carrier"]),
                ("INVALID", ["otherCarrier"]),
                ("INVALID", ["trackingNumber"]),
            ],
            id="a-parcel-where-nothing-is-sent",
        ),
        pytest.param(
            {"kind": "SAME_CITY", "needsDelivery": False},
            [("UNSUPPORTED_BY_PLATFORM", ["kind"])],
            id="a-kind-that-it-does-not-know",
        ),
        pytest.param(
            {
                "trackingNumber": "1",
                "parcels": [
                    {"carrier": "sf", "trackingNumber": "1"},
                    {"carrier": "nobody", "trackingNumber": ""},
                ],
            },
            [
                ("INVALID", ["trackingNumber"]),
                ("INVALID", ["parcels", "1", "carrier"]),
                ("INVALID", ["parcels", "1", "trackingNumber"]),
                ("UNSUPPORTED_BY_PLATFORM", ["parcels"]),
            ],
            id="more-parcels-than-it-takes",
        ),
        pytest.param({"parcels": []}, [("INVALID", ["parcels"])], id="no-parcel"),
        pytest.param(
            {
                "parcels": [
                    {
                        "carrier": "sf",
                        "trackingNumber": "1",
                        "items": [{"itemId": "x", "quantity": 1}],
                    }
                ]
            },
            [("UNSUPPORTED_BY_PLATFORM", ["parcels", "0", "items"])],
            id="what-a-parcel-holds",
        ),
    ],
)
async def test_a_shipment(
    gateway: Client, sandbox: Sandbox, given: dict[str, Any], found: Found
) -> None:
    variables = {"input": {"id": id_of("Order", "7197417460812533543"), **given}}

    assert await _problems(gateway, sandbox, SHIP, variables) == found
