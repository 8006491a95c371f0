"""The rule that pictures must lie where the platform's upload puts them (manual 1.1, 5.1)."""

from typing import Final
from urllib.parse import urlsplit

from gateway.ports.writing.problems import Problems

#: What the addresses of the manual's samples, and of every upload, end in.
_HOSTS: Final = ("qpic.cn", "qlogo.cn")


def check_uploaded(url: str, problems: Problems, *path: str | int) -> str:
    """The address; with a problem where it cannot be one that the upload gave.

    Which pictures were uploaded is known to the platform alone: others may use its upload too.
    What lies on its host and is not the shop's, the platform itself refuses.
    """
    if not _is_uploaded(url):
        problems.add(
            "Pictures must be uploaded first: give the address that `imageUpload` answered"
            " (http://mmbiz.qpic.cn/…).",
            *path,
        )
    return url


def _is_uploaded(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and any(host == known or host.endswith(f".{known}") for known in _HOSTS)
        and parts.path.strip("/") != ""
        and not any(character.isspace() for character in url)
    )
