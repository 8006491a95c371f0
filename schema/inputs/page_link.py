"""Pages of a platform's app as callers give them."""

from schema.declare import described, public_input
from schema.page_link import PageLinkState


@public_input
class PageLinkInput:
    """PageLinkInput."""

    state: PageLinkState | None = described("", default=None)
    name: str | None = described("", default=None)
    h5: str | None = described("", default=None)
    swan: str | None = described("", default=None)
    ios: str | None = described("", default=None)
    android: str | None = described("", default=None)
    mini_program_path: str | None = described("", default=None)
