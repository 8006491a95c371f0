"""Templates of `[[mirrors]]`: what the target needs and the source does not report."""

from dataclasses import dataclass

from gateway.settings.shops import MirrorSettings
from gateway.store.documents import PageLink
from schema.platform import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Pages and categories for the copies in one shop; {platform_id} is filled in."""

    platform: Platform
    order_page: str | None = None
    product_page: str | None = None
    parcel_page: str | None = None
    category: tuple[str, ...] = ()

    def page(self, template: str | None, platform_id: str) -> PageLink | None:
        """The page as the target's app opens it; None where there is no template."""
        if template is None:
            return None
        path = template.replace("{platform_id}", platform_id)
        if self.platform is Platform.MINI_PROGRAM:
            return PageLink(mini_program_path=path)
        return PageLink(state="SHOWN_AND_OPENS", swan=path)


def templates_of(platform: Platform, settings: MirrorSettings | None) -> Templates:
    """The templates of a section of the configuration; empty without one."""
    if settings is None:
        return Templates(platform=platform)
    return Templates(
        platform=platform,
        order_page=settings.order_page,
        product_page=settings.product_page,
        parcel_page=settings.parcel_page,
        category=settings.category,
    )
