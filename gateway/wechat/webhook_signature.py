"""Signs and checks messages like WeChat: SHA-1 of the sorted parts."""

import hashlib
import hmac


def signature(*parts: str) -> str:
    """The signature of these parts, token included, in any order (message push)."""
    with_envelope = "".join(sorted(parts)).encode()
    return hashlib.sha1(with_envelope, usedforsecurity=False).hexdigest()


def is_signed(given: str, *parts: str) -> bool:
    """Whether `given` is the parts' signature; constant-time."""
    return hmac.compare_digest(given.encode(), signature(*parts).encode())
