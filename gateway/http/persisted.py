"""Persisted documents: Apollo's automatic persisted queries, and trusted ones from a file."""

from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from sys import getsizeof
from typing import Any, Final

import orjson

from gateway.concurrency.lru_cache import LruCache
from gateway.errors import BadUserInput, ConfigurationError, PersistedQueryNotFound
from gateway.http.refusal import HttpRefusal

_HASH_CHARACTERS: Final = 64
#: Bytes that a cached document takes besides its text.
_ENTRY_BYTES: Final = 500


class PersistedDocuments:
    """Finds a document by its SHA-256, in hexadecimal.

    A client sends only the hash; if that is unknown (PERSISTED_QUERY_NOT_FOUND) it sends hash
    and document once. These are cached in this process, within `max_bytes`. A text that comes with
    a hash must be the document of that hash, also of a known one.

    Args:
        trusted: documents by their hash that are known from the start and never evicted.
        only_trusted: run only trusted documents, by hash or by text.
        max_bytes: memory for the documents of clients.
    """

    def __init__(
        self,
        trusted: Mapping[str, str] | None = None,
        *,
        only_trusted: bool = False,
        max_bytes: int = 4_000_000,
    ) -> None:
        self._trusted = dict(trusted or {})
        self._texts = frozenset(self._trusted.values())
        self._only_trusted = only_trusted
        self._known: LruCache[str, str] = LruCache(max_weight=max_bytes)

    def text_of(self, query: str | None, extensions: Mapping[str, Any]) -> str:
        """The document that a request asks for, by text, by hash, or by both.

        Raises:
            HttpRefusal: 400, neither is given, or the hash is malformed.
            BadUserInput: the hash is another document's.
            PersistedQueryNotFound: the hash is not known, or the document not trusted.
        """
        digest = _digest(extensions.get("persistedQuery"))
        if query is None and digest is None:
            raise HttpRefusal(400, "`query` is missing: send the GraphQL document as a string")
        if query is None and digest is not None:
            return self._find(digest)
        assert query is not None  # noqa: S101 - one of the two is there
        if self._only_trusted and query not in self._texts:
            raise PersistedQueryNotFound("Only trusted documents are accepted")
        if digest is not None:
            self._keep(digest, query)
        return query

    def _find(self, digest: str) -> str:
        found = self._trusted.get(digest)
        if found is not None:
            return found
        found = self._known.get(digest)
        if found is None:
            # Apollo's clients recognise the failure by this message.
            raise PersistedQueryNotFound("PersistedQueryNotFound")
        return found

    def _keep(self, digest: str, query: str) -> None:
        known = self._trusted.get(digest) or self._known.get(digest)
        if known == query:
            return
        if known is not None or not compare_digest(digest, sha256(query.encode()).hexdigest()):
            raise BadUserInput("`persistedQuery.sha256Hash` is not the SHA-256 of `query`")
        self._known.put(digest, query, weight=_ENTRY_BYTES + getsizeof(query))


def _digest(persisted: Any) -> str | None:
    if persisted is None:
        return None
    match persisted:
        case {"version": 1, "sha256Hash": str(digest)} if len(digest) == _HASH_CHARACTERS:
            return digest.lower()
        case _:
            raise HttpRefusal(
                400,
                "`extensions.persistedQuery` must be {version: 1, sha256Hash: 64 hex digits}",
            )


def read_trusted(path: Path) -> dict[str, str]:
    """Trusted documents from a JSON file: an object of documents by any key, or by their hash.

    Raises:
        ConfigurationError: the file cannot be read, or has another format.
    """
    try:
        found = orjson.loads(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except orjson.JSONDecodeError:
        raise ConfigurationError(f"{path}: expected JSON") from None
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise ConfigurationError(f"{path}: expected an object of GraphQL documents by their hash")
    return {sha256(text.encode()).hexdigest(): text for text in found.values()}
