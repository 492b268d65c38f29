"""Typos against a vocabulary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmops.language.stems import stem
from llmops.language.text import words
from llmops.language.typos import Speller, Spelling, distance

VOCABULARY = dict.fromkeys(
    ["получаю", "пенсию", "пенсия", "проверить", "самозанятых", "самозанятый", "ипотеку", "можно", "квартира", "налог", "вклад", "банкротство", "который", "пособие", "штраф"], 5
)  # fmt: skip
SPELLER = Speller(Spelling.build(VOCABULARY), map(stem, VOCABULARY))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("палучаю пинсию", "получаю пенсию"),
        ("праверить", "проверить"),
        ("само занятых", "самозанятых"),
        ("можноли", "можно ли"),
        ("ипатеку", "ипотеку"),
        ("банкротсво", "банкротство"),
        ("квартирам", "квартирам"),
        ("вклад 2026", "вклад 2026"),
    ],
)
def test_slips_are_mended_and_known_forms_stay(typed: str, meant: str):
    assert SPELLER.repair(typed) == meant


def test_a_word_far_from_everything_stays():
    assert SPELLER.repair("синхрофазотрон") == "синхрофазотрон"


def test_a_common_slip_costs_less_than_a_strange_one():
    assert distance("пасобие", "пособие", 2) < distance("пхсобие", "пособие", 2)


@given(st.text(alphabet="абвгдеёжзиклмнопрст -,.", max_size=60))
def test_repairing_a_repaired_text_changes_nothing(text: str):
    once = SPELLER.repair(text)
    assert SPELLER.repair(once) == once


@given(st.text(max_size=80))
def test_no_text_breaks_the_repair(text: str):
    assert len(SPELLER.repair(text)) <= len(" ".join(words(text))) * 2 + 8
