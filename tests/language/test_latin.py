from __future__ import annotations

import pytest

from llmops.language.latin import english_gist, from_translit, is_latin, russian_name
from llmops.language.morphology import parses


def known(word: str) -> bool:
    return bool(parses(word)[0].is_known)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("privet kak dela", "привет как дела"), ("menya zovut Kostya", "меня зовут костя"), ("skuchno mne", "скучно мне")],
)
def test_translit_becomes_russian(typed, meant):
    assert from_translit(typed, known) == meant


def test_english_is_not_translit():
    assert from_translit("What time is it in London", known) == ""


@pytest.mark.parametrize(
    ("said", "gist"),
    [("Hello! How are you?", "как дела?"), ("What is my name?", "как меня зовут?"), ("good night", "спокойной ночи")],
)
def test_the_gist_of_english(said, gist):
    assert english_gist(said) == gist


def test_a_name_in_russian_letters():
    assert (russian_name("Tom"), russian_name("Оля")) == ("Том", "Оля")


def test_a_mixed_text_is_not_latin():
    assert is_latin("hello")
    assert not is_latin("я в Google")
    assert not is_latin("123")
