"""One key a carrier over all platforms' tables."""

import pytest

from gateway.ports.carriers import CARRIER_NAMES, chosen, named
from gateway.registry import PLATFORMS
from schema.shipment import Carrier

TABLE = [Carrier(code="2011", name="顺丰速运", key="sf"), Carrier(code="2013", name="无名")]


def test_a_name_belongs_to_one_carrier() -> None:
    names = [name for of_one in CARRIER_NAMES.values() for name in of_one]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_each_carrier_of_a_platform_has_a_key_of_its_own(platform: object) -> None:
    carriers = getattr(platform, "carriers", None) or ()

    keys = [carrier.key for carrier in carriers]
    assert None not in keys
    assert len(keys) == len(set(keys))


def test_carriers_that_both_wechat_platforms_list_have_one_key() -> None:
    by_platform = {one.name: {item.key for item in one.carriers or ()} for one in PLATFORMS}

    shared = by_platform["wechat_store"] & by_platform["mini_program"]
    assert shared == {"ems", "sto", "zto", "yto", "sf", "yunda", "best"}


@pytest.mark.parametrize(
    ("text", "carrier"),
    [
        pytest.param("2011", TABLE[0], id="a-code"),
        pytest.param("sf", TABLE[0], id="a-key"),
        pytest.param("2013", TABLE[1], id="a-code-without-a-key"),
        pytest.param("jd", Carrier(name="京东物流", key="jd"), id="a-key-the-table-lacks"),
        pytest.param("顺丰速运", None, id="a-name"),
        pytest.param("9", None, id="neither"),
    ],
)
def test_what_an_input_names(text: str, carrier: Carrier | None) -> None:
    assert chosen(text, TABLE) == carrier


def test_a_carrier_known_by_name_has_its_key() -> None:
    assert named("韵达快运") == Carrier(name="韵达快运", key="yunda")
    assert named("同城跑腿") == Carrier(name="同城跑腿")
