"""Checks that pictures are on the host of the platform's upload (manual 1.1, 5.1)."""

from typing import Final
from urllib.parse import urlsplit

from gateway.ports.writing.problems import Problems

#: Domains of the URLs in the manual's samples and of every upload.
_HOSTS: Final = ("qpic.cn", "qlogo.cn")


def check_uploaded(url: str, problems: Problems, *path: str | int) -> str:
    """Returns the URL; notes a problem if the upload cannot have returned it.

    Only the platform knows which pictures were uploaded: other clients may upload too. It refuses
    pictures on its host that are not the shop's.
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
