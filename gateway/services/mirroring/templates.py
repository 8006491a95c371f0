"""Templates of `[[mirrors]]`: what the target needs and the source does not report."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.services.writing.input_reader import page as page_of
from gateway.settings.shops import MirrorSettings
from gateway.store.documents import PageLink
from schema.page_link import PageLinkInput

#: The link to a page of the target's app by the page's path; None where it takes no links.
PageLinks = Callable[[str], PageLinkInput] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Pages and categories for the copies in one shop; {platform_id} is filled in."""

    page_link: PageLinks
    order_page: str | None = None
    product_page: str | None = None
    parcel_page: str | None = None
    category: tuple[str, ...] = ()

    def page(self, template: str | None, platform_id: str) -> PageLink | None:
        """The page as the target's app opens it; None without a template, or without links."""
        if template is None or self.page_link is None:
            return None
        return page_of(self.page_link(template.replace("{platform_id}", platform_id)))


def templates_of(page_link: PageLinks, settings: MirrorSettings | None) -> Templates:
    """The templates of a section of the configuration; empty without one."""
    if settings is None:
        return Templates(page_link=page_link)
    return Templates(
        page_link=page_link,
        order_page=settings.order_page,
        product_page=settings.product_page,
        parcel_page=settings.parcel_page,
        category=settings.category,
    )
