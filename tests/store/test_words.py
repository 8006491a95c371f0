"""Words of texts and of searches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.words import search_words, words_of


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ([], ""),
        (["", " -!。"], ""),
        (["Cotton  T-Shirt"], " cotton t shirt "),
        (["连衣裙"], " 连 衣 裙 连衣 衣裙 "),
        (["裙"], " 裙 "),
        (["纯棉T恤，2026新款"], " 纯 棉 纯棉 t 恤 2026 新 款 新款 "),
        (["TEE-RED", "tee blue"], " tee red blue "),
        # Wide letters, and a letter that is more than one in small.
        (["ＡＢＣ１", "Straße"], " abc1 strasse "),
        # A letter that the tokenizers may not know.
        (["é"], " \ue000xc3a9 "),
        (["𠮷"], " \ue000xf0a0aeb7 "),
        (["x" * 70], f" {'x' * 64} "),
    ],
)
def test_a_text_is_split_into_words(texts: list[str], words: str) -> None:
    assert words_of(texts) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("！", ()),
        ("Cotton cotton", ("cotton",)),
        ("连衣裙", ("连衣", "衣裙")),
        ("裙 红", ("裙", "红")),
        ("T恤", ("t", "恤")),
        ("4200 0000-17", ("4200", "0000", "17")),
    ],
)
def test_a_search_is_split_into_words(text: str, words: tuple[str, ...]) -> None:
    assert search_words(text) == words


def test_a_row_has_a_thousand_words_at_the_most() -> None:
    assert len(words_of([str(number) for number in range(2_000)]).split()) == 1_000


@given(st.lists(st.text(max_size=20), max_size=3))
def test_a_text_is_found_by_itself(texts: list[str]) -> None:
    words = words_of(texts)

    assert all(f" {word} " in words for text in texts for word in search_words(text))
