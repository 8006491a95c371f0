"""Rules for SKU tables and SKU ids (manual 1.1, sku_info and sku_list)."""

import re
from collections.abc import Sequence
from typing import Final

from gateway.platforms.wechat_store.wire.product_write import Sku, SkuInfo
from gateway.ports.writing.problems import Problems

#: An id from the platform's table, or "$" and the displayed text; ":" and ";" separate the ids.
_ID: Final = re.compile(r"[0-9]+|\$[^:;]+")
_FORM: Final = (
    "An id is a number of the category's table, or `$` and your own words, without `:` and `;`."
)


def check_table(table: Sequence[SkuInfo], problems: Problems) -> None:
    """Notes problems with the attributes alone; paths begin at the list."""
    names = [axis.id for axis in table]
    for index, axis in enumerate(table):
        if not _ID.fullmatch(axis.id):
            problems.add(_FORM, index, "nameId")
        elif axis.id in names[:index]:
            problems.add("This attribute is listed twice.", index, "nameId")
        if not axis.vid:
            problems.add("An attribute takes at least one value.", index, "valueIds")
        for place, value in enumerate(axis.vid):
            if not _ID.fullmatch(value):
                problems.add(_FORM, index, "valueIds", place)
            elif value in axis.vid[:place]:
                problems.add("This value is listed twice.", index, "valueIds", place)


def check_sku_ids(skus: Sequence[Sku], problems: Problems) -> None:
    """Notes malformed and duplicate ids; paths begin at the list."""
    seen: set[frozenset[str]] = set()
    for index, sku in enumerate(skus):
        pairs = _pairs(sku)
        if not all(map(_is_pair, pairs)):
            message = f"A SKU id reads `id1:vid1;id2:vid2`. {_FORM}"
            problems.add(message, index, "platformId")
        if frozenset(pairs) in seen:
            problems.add("Another SKU has this id.", index, "platformId")
        seen.add(frozenset(pairs))


def check_sku_fits(skus: Sequence[Sku], table: Sequence[SkuInfo], problems: Problems) -> None:
    """Notes ids that do not choose one value of each attribute; paths begin at the input.

    Malformed ids are left to `check_sku_ids`.
    """
    if not table and len(skus) != 1:
        problems.add("Without `skuAttributes` a product has one SKU.", "skus")
    known = {axis.id: frozenset(axis.vid) for axis in table}
    for index, sku in enumerate(skus):
        pairs = _pairs(sku)
        if not all(map(_is_pair, pairs)):
            continue
        chosen = dict(pair.split(":") for pair in pairs)
        if len(pairs) != len(known) or chosen.keys() != known.keys():
            message = "A SKU chooses one value of each of the product's `skuAttributes`"
            if not known:
                message = "Without `skuAttributes` the one SKU has no id: leave it out"
            problems.add(f"{message}.", "skus", index, "platformId")
        elif any(value not in known[name] for name, value in chosen.items()):
            message = "This chooses a value that `skuAttributes` does not have."
            problems.add(message, "skus", index, "platformId")


def _pairs(sku: Sku) -> list[str]:
    return sku.sku_id.split(";") if sku.sku_id else []


def _is_pair(text: str) -> bool:
    name, _, value = text.partition(":")
    return bool(_ID.fullmatch(name) and _ID.fullmatch(value))
