"""The manual's tables of carriers and regions."""

from gateway.platforms.wechat_store.mapping.carriers import CARRIERS
from gateway.platforms.wechat_store.mapping.regions import PROVINCES
from schema.shipment import Carrier


def test_carriers() -> None:
    assert list(CARRIERS) == [
        Carrier(code="Fsearch_code", name="邮政EMS", key="ems"),
        Carrier(code="002shentong", name="申通快递", key="sto"),
        Carrier(code="066zhongtong", name="中通速递", key="zto"),
        Carrier(code="056yuantong", name="圆通速递", key="yto"),
        Carrier(code="042tiantian", name="天天快递", key="tiantian"),
        Carrier(code="003shunfeng", name="顺丰速运", key="sf"),
        Carrier(code="059Yunda", name="韵达快运", key="yunda"),
        Carrier(code="064zhaijisong", name="宅急送", key="zjs"),
        Carrier(code="020huitong", name="汇通快运", key="best"),
        Carrier(code="zj001yixun", name="易迅快递", key="yixun"),
    ]


def test_provinces() -> None:
    cities = {province.name: province.cities for province in PROVINCES}

    assert len(PROVINCES) == 31
    assert {province.country for province in PROVINCES} == {"中国"}
    assert next(iter(cities)) == "北京市"
    assert cities["北京市"] == ["北京市"]
    assert cities["吉林省"][:2] == ["长春市", "吉林市"]
    assert cities["海南省"] == ["海口市", "三亚市", "三沙市", "省直辖县级行政区划"]
    assert len(cities["广东省"]) == 21
    assert cities["新疆维吾尔自治区"][-1] == "自治区直辖县级行政区划"
    assert sum(map(len, cities.values())) == 339
