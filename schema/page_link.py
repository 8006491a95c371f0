"""page_link."""

from enum import Enum

from schema.declare import described, public_enum, public_type


@public_enum
class PageLinkState(Enum):
    """PageLinkState."""

    HIDDEN = "HIDDEN"
    SHOWN = "SHOWN"
    SHOWN_AND_OPENS = "SHOWN_AND_OPENS"


@public_type
class PageLink:
    """A page that a platform's app opens."""

    state: PageLinkState | None = described("", default=None)
    name: str | None = described("", default=None)
    h5: str | None = described("", default=None)
    swan: str | None = described("", default=None)
    ios: str | None = described("", default=None)
    android: str | None = described("", default=None)
    mini_program_path: str | None = described("", default=None)
