"""Rules for texts: a name is some text that comes back as itself; what is sent back is whole."""

from typing import Final

from gateway.platforms.wechat_store.mapping.scalars import shown
from gateway.ports.writing.problems import Problems

#: How U+FFFD, which marks characters that are not whole, stands in JSON.
NOT_WHOLE: Final = "\N{REPLACEMENT CHARACTER}".encode()
CANNOT_BE_WRITTEN_BACK: Final = (
    "The platform sent this with broken characters, and it cannot be written back so: give it too."
)


def check_name(name: str, problems: Problems, *path: str | int) -> None:
    """Notes what is wrong with a name.

    The platform escapes HTML in some of its answers, so names are unescaped when they are read:
    one that holds an escape itself could not be told from those.
    """
    if not name.strip():
        problems.add("A name is needed.", *path)
    elif shown(name) != name:
        problems.add("Write the characters themselves, such as &, instead of &amp;.", *path)
