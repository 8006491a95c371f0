"""Words that the index finds orders and products by.

Letters and digits make words; capitals and widths of characters do not count. A run of Chinese
characters has no spaces between its words: it is kept as its single characters and its overlapping
pairs, so that 连衣裙 is found by 连衣裙, 连衣, 衣裙 and 裙.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

#: Stands before what is no word that somebody can type: a letter for each database's tokenizer.
PRIVATE: Final = "\ue000"
#: Characters of a word that count; words are compared by these.
_LONGEST: Final = 64
#: Words of one order or product.
_MOST: Final = 1_000
#: Chinese characters: all of Unicode's blocks of them, kana before them, and those that every
#: database knows.
_UNSPACED: Final = (
    range(0x4E00, 0xA000),
    range(0x3400, 0x4DC0),
    range(0x3040, 0x3100),
    range(0x20000, 0x40000),
)
_COMMON: Final = range(0x4E00, 0x9FA6)
_ASCII: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")
_ASCII_RUN: Final = re.compile("[0-9a-z]+")


def words_of(texts: Iterable[str]) -> str:
    """The different words of the texts, each between two spaces; empty if there is none."""
    found: dict[str, None] = {}
    for text in texts:
        found.update(dict.fromkeys(_words_in(text)))
    some = list(found)[:_MOST]
    return f" {' '.join(some)} " if some else ""


@lru_cache(maxsize=4_096)
def _words_in(text: str) -> tuple[str, ...]:
    """The words of one text: the titles of goods recur."""
    if text.isascii():
        # Ids and codes are, and recur seldom.
        return tuple(word[:_LONGEST] for word in _ASCII_RUN.findall(text.lower()))
    found: list[str] = []
    for run in _runs(text):
        if _is_unspaced(run[0]):
            found += map(_coded, run)
            found += map(_coded, _pairs(run))
        else:
            found.append(_coded(run))
    return tuple(found)


def search_words(text: str) -> tuple[str, ...]:
    """The words that something must have, each of them, to be found by a text; may be empty.

    A run of two Chinese characters and more has its pairs only.
    """
    found: dict[str, None] = {}
    for run in _runs(text):
        pairs = _pairs(run) if _is_unspaced(run[0]) else ()
        found.update(dict.fromkeys(map(_coded, pairs or (run,))))
    return tuple(found)


def _runs(text: str) -> Iterator[str]:
    """Runs of letters and digits, cut where Chinese characters begin or end."""
    run: list[str] = []
    for one in unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()):
        ends = not one.isalnum() or (run and _is_unspaced(run[-1]) != _is_unspaced(one))
        if ends and run:
            yield "".join(run)
            run = []
        if one.isalnum():
            run.append(one)
    if run:
        yield "".join(run)


def _pairs(run: str) -> tuple[str, ...]:
    return tuple(run[place : place + 2] for place in range(len(run) - 1))


def _is_unspaced(one: str) -> bool:
    """Whether it is a Chinese character, or Japanese kana."""
    return any(ord(one) in points for points in _UNSPACED)


def _coded(word: str) -> str:
    """A word in characters that every database takes for letters.

    The others are written as their bytes: which they are depends on the database's version.
    """
    word = word[:_LONGEST]
    if all(one in _ASCII or ord(one) in _COMMON for one in word):
        return word
    return f"{PRIVATE}x{word.encode().hex()}"
