"""The rule for names of things: some text, and none that comes back as another."""

from gateway.platforms.wechat_store.mapping.scalars import shown
from gateway.ports.writing.problems import Problems


def check_name(name: str, problems: Problems, *path: str | int) -> None:
    """Notes what is wrong with a name.

    The platform escapes HTML in some of its answers, so names are unescaped when they are read:
    one that holds an escape itself could not be told from those.
    """
    if not name.strip():
        problems.add("A name is needed.", *path)
    elif shown(name) != name:
        problems.add("Write the characters themselves, such as &, instead of &amp;.", *path)
