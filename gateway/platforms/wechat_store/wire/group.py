"""Product groups (manual 4)."""

from gateway.wechat.wire import Id, Read, Written


class GroupRequest(Written, frozen=True, kw_only=True):
    """Requests one group, or its deletion (manual 4.2, 4.6)."""

    group_id: int


class Group(Read, frozen=True, kw_only=True):
    """A group; `product_list` is only in the response of manual 4.6."""

    group_id: Id
    group_name: str | None = None
    product_list: list[str] | None = None


class GroupsResponse(Read, frozen=True, kw_only=True):
    """The response of manual 4.5."""

    groups_detail: list[Group] | None = None


class GroupResponse(Read, frozen=True, kw_only=True):
    """The response of manual 4.6; its table says groups_detail, its sample group_detail."""

    group_detail: Group


class NewGroup(Written, frozen=True, kw_only=True):
    """A group as sent."""

    group_name: str
    product_list: list[str]


class AddRequest(Written, frozen=True, kw_only=True):
    """A new group (manual 4.1)."""

    group_detail: NewGroup


class AddResponse(Read, frozen=True, kw_only=True):
    """The response of manual 4.1."""

    group_id: Id


class RenameRequest(Written, frozen=True, kw_only=True):
    """A new name for a group (manual 4.3)."""

    group_id: int
    group_name: str


class ProductChange(Written, frozen=True, kw_only=True):
    """`mod_action`: 0 removes the product from the group, 1 adds it."""

    product_id: str
    mod_action: int


class ChangeProductsRequest(Written, frozen=True, kw_only=True):
    """Products to add to and remove from a group (manual 4.4)."""

    group_id: int
    product: list[ProductChange]
