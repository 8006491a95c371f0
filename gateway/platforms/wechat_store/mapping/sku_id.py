"""Reads SKU ids such as "id1:vid1;id2:vid2", in which own attributes begin with "$"."""

from collections.abc import Sequence
from functools import lru_cache

from gateway.platforms.wechat_store.mapping.scalars import shown
from schema.key import Key
from schema.loader_keys import Naming
from schema.sku import SkuAttribute


def attributes_from_sku_id(
    sku_id: str, owner: Key | None, known: dict[str, SkuAttribute]
) -> list[SkuAttribute]:
    """The attributes of one SKU, in the id's order; none for the empty id of a single SKU.

    Args:
        sku_id: as the platform writes it.
        owner: the product or category whose SKU table has the names; None where there is none.
        known: attributes made before for the same owner, by their part of an id; filled here.
    """
    attributes = []
    for part in _parts(sku_id):
        attribute = known.get(part)
        if attribute is None:
            attribute = known[part] = _attribute(part, owner)
        attributes.append(attribute)
    return attributes


@lru_cache(maxsize=4_096)
def _parts(sku_id: str) -> Sequence[str]:
    """The pairs; what has no colon is the rest of an own value that holds a semicolon."""
    parts: list[str] = []
    for part in sku_id.split(";"):
        if parts and part and ":" not in part:
            parts[-1] = f"{parts[-1]};{part}"
        elif part:
            parts.append(part)
    return parts


def _attribute(part: str, owner: Key | None) -> SkuAttribute:
    name, _, value = part.partition(":")
    own_name, own_value = name.startswith("$"), value.startswith("$")
    own = own_name and own_value
    return SkuAttribute(
        known_name=shown(name[1:]) if own_name else None,
        known_value=shown(value[1:]) if own_value else None,
        naming=None if owner is None or own else Naming(owner, name, value),
        name_id=None if own_name else name,
        value_id=None if own_value or not value else value,
        custom=own_name or own_value,
    )
