"""The sample shop's delivery templates, with regional fees (wire form of manual 3.4)."""

from gateway.sandbox.seed.model import Wire

SURFACE, EXPRESS, EMS = 10_000_027, 10_000_028, 10_000_029


def _rule(start_units: int, start_fee: int, more_units: int, more_fee: int) -> Wire:
    return {
        "StartStandards": start_units,
        "StartFees": start_fee,
        "AddStandards": more_units,
        "AddFees": more_fee,
    }


def _region(rule: Wire, province: str, city: str) -> Wire:
    return {**rule, "DestCountry": "中国", "DestProvince": province, "DestCity": city}


def _fee(service: int, normal: Wire, *regional: Wire) -> Wire:
    return {"Type": service, "Normal": normal, "Custom": list(regional)}


def _template(template_id: int, name: str, *fees: Wire) -> Wire:
    return {"Id": template_id, "Name": name, "Assumer": 0, "Valuation": 0, "TopFee": list(fees)}


def make_templates() -> tuple[Wire, ...]:
    """Make the templates: the manual's own first."""
    guangzhou = ("广东省", "广州市")
    free = _rule(1, 0, 1, 0)
    far = _rule(1, 2500, 1, 1500)
    return (
        _template(
            103312916,
            "testexpress",
            _fee(SURFACE, _rule(1, 2, 3, 1), _region(_rule(1, 1000, 1, 3), *guangzhou)),
            _fee(EXPRESS, _rule(1, 3, 3, 2), _region(_rule(1, 10, 1, 30), *guangzhou)),
            _fee(EMS, _rule(1, 4, 3, 3), _region(_rule(1, 8, 2, 11), *guangzhou)),
        ),
        _template(
            103312920,
            "江浙沪包邮",
            _fee(
                EXPRESS,
                _rule(1, 1000, 1, 500),
                _region(free, "上海市", "上海市"),
                _region(free, "浙江省", "杭州市"),
                _region(free, "江苏省", "南京市"),
            ),
            _fee(EMS, _rule(1, 1800, 1, 800)),
        ),
        _template(
            123456,
            "偏远地区加价",
            _fee(
                EXPRESS,
                _rule(2, 800, 1, 300),
                _region(far, "新疆维吾尔自治区", "乌鲁木齐市"),
                _region(far, "西藏自治区", "拉萨市"),
            ),
        ),
        _template(103312921, "生鲜冷链", _fee(EXPRESS, _rule(1, 1500, 1, 1000))),
    )
