"""Pages that a platform's app opens."""

from enum import Enum

from schema.declare import described, means, public_enum, public_input, public_type


@public_enum
class PageLinkState(Enum):
    """Whether a page's entry is shown, and whether it opens."""

    HIDDEN = means("HIDDEN", "The entry is not shown.")
    SHOWN = means("SHOWN", "The entry is shown, and opens nothing.")
    SHOWN_AND_OPENS = means("SHOWN_AND_OPENS", "The entry is shown, and opens the page.")


@public_type
class PageLink:
    """A page that a platform's app opens."""

    state: PageLinkState | None = described("Whether its entry is shown and opens.", default=None)
    name: str | None = described("What its entry is called.", default=None)
    h5: str | None = described("The address for browsers.", default=None)
    swan: str | None = described("The address for Baidu's smart mini programs.", default=None)
    ios: str | None = described("The address for iOS.", default=None)
    android: str | None = described("The address for Android.", default=None)
    mini_program_path: str | None = described("The path in the Mini Program.", default=None)


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
