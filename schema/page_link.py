"""Pages that a platform's app opens."""

from enum import Enum

from schema.declare import described, means, public_enum, public_input, public_type


@public_enum
class PageLinkState(Enum):
    """Whether the link to a page is shown, and whether it opens the page."""

    HIDDEN = means("HIDDEN", "The link is not shown.")
    SHOWN = means("SHOWN", "The link is shown but does not open the page.")
    SHOWN_AND_OPENS = means("SHOWN_AND_OPENS", "The link is shown and opens the page.")


@public_type
class PageLink:
    """A page that a platform's app opens."""

    state: PageLinkState | None = described(
        "Whether the link is shown and opens the page.", default=None
    )
    name: str | None = described("The text of the link.", default=None)
    h5: str | None = described("The URL for browsers.", default=None)
    swan: str | None = described("The URL for Baidu's smart mini programs.", default=None)
    ios: str | None = described("The URL for iOS.", default=None)
    android: str | None = described("The URL for Android.", default=None)
    mini_program_path: str | None = described("The path in the Mini Program.", default=None)


@public_input
class PageLinkInput:
    """A page that a platform's app opens."""

    state: PageLinkState | None = described(
        "Whether the link is shown and opens the page.", default=None
    )
    name: str | None = described("The text of the link.", default=None)
    h5: str | None = described("The URL for browsers.", default=None)
    swan: str | None = described("The URL for Baidu's smart mini programs.", default=None)
    ios: str | None = described("The URL for iOS.", default=None)
    android: str | None = described("The URL for Android.", default=None)
    mini_program_path: str | None = described("The path in the Mini Program.", default=None)
