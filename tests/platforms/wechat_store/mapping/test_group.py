"""Groups of products."""

from gateway.platforms.wechat_store.mapping.group import group_from_wire, whole_group_from_wire
from gateway.platforms.wechat_store.wire.group import Group as WireGroup
from gateway.platforms.wechat_store.wire.group import GroupResponse, GroupsResponse
from gateway.ports import Group
from tests.platforms.wechat_store.samples import answer


def test_the_list_tells_no_products() -> None:
    raw = answer("group.getall", GroupsResponse).groups_detail or []

    assert list(map(group_from_wire, raw)) == [
        Group("200077549", "最新上架", None),
        Group("200079772", "全球热卖", None),
    ]


def test_one_group_tells_its_products() -> None:
    raw = answer("group.getbyid", GroupResponse).group_detail

    assert whole_group_from_wire(raw) == Group(
        "200077549",
        "最新上架",
        (
            "pDF3iYzZoY-Budrzt8O6IxrwIJAA",
            "pDF3iY3pnWSGJcO2MpS2Nxy3HWx8",
            "pDF3iY33jNt0Dj3M3UqiGlUxGrio",
        ),
    )


def test_one_group_without_a_list_has_no_products() -> None:
    assert whole_group_from_wire(WireGroup(group_id=7, group_name="空")) == Group("7", "空", ())
