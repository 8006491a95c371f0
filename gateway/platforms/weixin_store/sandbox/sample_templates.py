"""The sample shop's freight templates in a Weixin Store."""

from gateway.sandbox.request import Wire

#: The default one, of all products.
TEMPLATE = "38000000001"
BY_WEIGHT = "38000000002"
#: Seconds that the templates are older than the sample shop.
AGE = 90 * 86_400


def sample_templates(now: int) -> dict[str, Wire]:
    """Return the freight templates: one by piece, the default, and one by weight."""
    methods = [
        _method(1, [], (1, 600, 1, 200)),
        _method(0, [{"province_name": "西藏自治区"}], (1, 1800, 1, 900)),
        _method(
            0,
            [
                {"province_name": "浙江省", "city_name": "杭州市", "county_name": "西湖区"},
                {"province_name": "浙江省", "city_name": "杭州市", "county_name": "滨江区"},
            ],
            (1, 0, 1, 0),
        ),
    ]
    by_weight = [_method(1, [], (1, 800, 1, 300))]
    return {
        TEMPLATE: _template(TEMPLATE, "标准快递", "PIECE", methods, now - AGE, is_default=1),
        BY_WEIGHT: _template(BY_WEIGHT, "按重量", "WEIGHT", by_weight, now - AGE, is_default=0),
    }


def _method(is_default: int, areas: list[Wire], numbers: tuple[int, int, int, int]) -> Wire:
    members = ("first_val_amount", "first_price", "second_val_amount", "second_price")
    return {
        "is_default": is_default,
        "address_infos": areas,
        **dict(zip(members, numbers, strict=True)),
    }


def _template(
    template_id: str, name: str, valuation: str, methods: list[Wire], at: int, *, is_default: int
) -> Wire:
    return {
        "template_id": template_id,
        "name": name,
        "valuation_type": valuation,
        "send_time": "SendTime_FOUTYEIGHT_HOUR",
        "delivery_type": "EXPRESS",
        "delivery_id": [],
        "shipping_method": "NO_FREE",
        "address_info": {
            "province_name": "浙江省",
            "city_name": "杭州市",
            "county_name": "西湖区",
        },
        "all_condition_free_detail": {"condition_free_detail_list": []},
        "all_freight_calc_method": {"freight_calc_method_list": methods},
        "not_send_area": {"address_infos": []},
        "is_default": is_default,
        "create_time": at,
        "update_time": at,
    }
