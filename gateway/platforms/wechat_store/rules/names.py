"""Rules for texts: a name is not blank and survives a round trip; no broken characters are sent."""

from typing import Final

from gateway.ports.writing.problems import Problems
from gateway.wechat.scalars import shown

#: U+FFFD, which marks broken characters, as encoded in JSON.
NOT_WHOLE: Final = "\N{REPLACEMENT CHARACTER}".encode()
CANNOT_BE_WRITTEN_BACK: Final = (
    "The platform sent this with broken characters, and it cannot be written back so: give it too."
)


def check_name(name: str, problems: Problems, *path: str | int) -> None:
    """Notes problems with a name.

    The platform escapes HTML in some of its answers, so names are unescaped on reading: a name that
    itself contains an escape would be ambiguous.
    """
    if not name.strip():
        problems.add("A name is needed.", *path)
    elif shown(name) != name:
        problems.add("Write the characters themselves, such as &, instead of &amp;.", *path)
