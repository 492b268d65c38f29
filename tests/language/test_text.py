"""Cleaning and splitting."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmops.language.text import clean, fold, has_control, russian_share, sentences, words


@given(st.text())
def test_cleaning_clean_text_changes_nothing(text: str):
    assert clean(clean(text)) == clean(text)


@given(st.text())
def test_clean_text_holds_no_control_characters(text: str):
    assert not has_control(clean(text))


@given(st.text(alphabet="абвГДЕ .!?\n«»", max_size=80))
def test_sentences_lose_nothing(text: str):
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_letters_are_folded():
    assert fold("ЁЖ — Ёлка") == "еж - елка"


def test_words_keep_numbers_and_drop_signs():
    assert words("НДФЛ: 13 % с 2,4 млн!") == ["ндфл", "13", "с", "2", "4", "млн"]


def test_a_surrogate_does_not_break_cleaning():
    assert clean("вклад \udcff под процент") == "вклад ? под процент"


def test_the_share_of_russian_letters():
    assert russian_share("как open вклад") > 0.6
    assert russian_share("12345") == 0.0
