"""Reads parts that several inputs have: attributes of SKUs, and links to pages."""

from collections.abc import Sequence

from gateway.store.documents import Attribute, PageLink
from schema.page_link import PageLinkInput
from schema.sku import SkuAttributeInput


def attributes(given: Sequence[SkuAttributeInput] | None) -> tuple[Attribute, ...]:
    """Names and values."""
    return tuple(Attribute(name=pair.name, value=pair.value) for pair in given or ())


def page(given: PageLinkInput | None) -> PageLink | None:
    """A page that a platform's app opens."""
    if given is None:
        return None
    return PageLink(
        state=given.state.name if given.state else None,
        name=given.name,
        h5=given.h5,
        swan=given.swan,
        ios=given.ios,
        android=given.android,
        mini_program_path=given.mini_program_path,
    )
