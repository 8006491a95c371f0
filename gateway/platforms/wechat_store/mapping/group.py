"""Maps product groups to the ports' Group (manual 4.5, 4.6)."""

from gateway.platforms.wechat_store.wire.group import Group as WireGroup
from gateway.ports import Group
from gateway.wechat.scalars import shown


def group_from_wire(raw: WireGroup) -> Group:
    """A group; its product ids are None if this response does not report them."""
    return Group(
        platform_id=str(raw.group_id),
        name=shown(raw.group_name) or "",
        product_ids=None if raw.product_list is None else tuple(raw.product_list),
    )


def whole_group_from_wire(raw: WireGroup) -> Group:
    """A group of manual 4.6: if no products are reported, it has none."""
    return group_from_wire(raw)._replace(product_ids=tuple(raw.product_list or ()))
