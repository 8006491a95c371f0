"""Pages of a platform's app as callers give them."""

from schema.declare import described, public_input
from schema.page_link import PageLinkState


@public_input
class PageLinkInput:
    """A page that a platform's app opens."""

    state: PageLinkState | None = described("Whether its entry is shown and opens.", default=None)
    name: str | None = described("What its entry is called.", default=None)
    h5: str | None = described("The address for browsers.", default=None)
    swan: str | None = described("The address for Baidu's smart mini programs.", default=None)
    ios: str | None = described("The address for iOS.", default=None)
    android: str | None = described("The address for Android.", default=None)
    mini_program_path: str | None = described("The path in the Mini Program.", default=None)
