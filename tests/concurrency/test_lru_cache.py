"""The LRU cache: what is evicted when, and what expires."""

from gateway.concurrency.lru_cache import LruCache


def test_the_least_recently_used_is_evicted() -> None:
    kept: LruCache[str, int] = LruCache(max_entries=2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1

    kept.put("c", 3)

    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)
    assert len(kept) == 2


def test_weights_are_counted_together() -> None:
    kept: LruCache[bytes, int] = LruCache(max_entries=9, max_weight=10)
    kept.put(b"a", 1, weight=6)
    kept.put(b"a", 1, weight=6)
    assert kept.get(b"a") == 1

    kept.put(b"b", 2, weight=5)

    assert (kept.get(b"a"), kept.get(b"b")) == (None, 2)
    kept.put(b"c", 3, weight=5)
    assert (kept.get(b"b"), kept.get(b"c")) == (2, 3)
    assert kept.weight == 10


def test_a_lighter_value_makes_room() -> None:
    kept: LruCache[str, bytes] = LruCache(max_entries=9, max_weight=3_000)
    for name in "abcd":
        kept.put(name, b"x", weight=1_000)
    assert [kept.get(name) is not None for name in "abcd"] == [False, True, True, True]
    assert kept.weight == 3_000

    kept.put("c", b"", weight=512)

    assert kept.weight == 2_512
    assert kept.discard("c")
    assert not kept.discard("c")
    assert kept.weight == 2_000


def test_what_is_too_heavy_evicts_nothing_but_its_own_older_value() -> None:
    kept: LruCache[str, int] = LruCache(max_entries=9, max_weight=10)
    kept.put("a", 1, weight=5)
    kept.put("b", 2, weight=5)

    kept.put("c", 3, weight=11)
    kept.put("b", 3, weight=11)

    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, None)


def test_a_value_expires_without_a_timer() -> None:
    now = 100.0
    kept: LruCache[str, int] = LruCache(max_entries=9, monotonic=lambda: now)
    kept.put("a", 1, weight=7, ttl=10)
    kept.put("b", 2)

    now = 109.9
    assert kept.get("a") == 1
    now = 110.0
    assert kept.get("a") is None
    assert (kept.get("b"), kept.weight, len(kept)) == (2, 0, 1)


def test_a_newer_value_has_its_own_expiry() -> None:
    now = 100.0
    kept: LruCache[str, int] = LruCache(max_entries=9, monotonic=lambda: now)
    kept.put("a", 1, ttl=10)
    kept.put("a", 2)

    now = 1_000.0
    assert kept.get("a") == 2


def test_clearing_removes_everything() -> None:
    kept: LruCache[str, int] = LruCache(max_entries=9, max_weight=9)
    kept.put("a", 1, weight=9)

    kept.clear()

    assert (kept.get("a"), len(kept), kept.weight) == (None, 0, 0)
