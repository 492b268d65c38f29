"""The wrong keyboard layout."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmops.language.layout import repair_layout, to_latin, to_russian
from llmops.language.text import fold

KNOWN = {"как", "вернуть", "налог", "можно", "вклад", "ли", "претензию", "я", "б"}
LATIN = frozenset({"etf", "usd", "ok"})


def known(word: str) -> bool:
    return fold(word) in KNOWN


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("rfr dthyenm yfkju", "как вернуть налог"),
        ("vj;yj kb dthyenm", "можно ли вернуть"),
        ("ghtntypb. dthyenm", "претензию вернуть"),
        ("как dthyenm налог", "как вернуть налог"),
        ("что такое etf", "что такое etf"),
        ("usd", "usd"),
        ("hello world", "hello world"),
        ("как вернуть", "как вернуть"),
        ("RFR DTHYENM", "КАК ВЕРНУТЬ"),
    ],
)
def test_only_what_becomes_known_is_switched(typed: str, meant: str):
    assert repair_layout(typed, known, LATIN) == meant


@given(st.text(alphabet="абвгдежзийклмнопрстуфхцчшщъыьэюя ", max_size=40))
def test_switching_there_and_back_changes_nothing(text: str):
    assert to_russian(to_latin(text)) == text


@given(st.lists(st.sampled_from(sorted(KNOWN - {"я", "б"})), min_size=1, max_size=6))
def test_known_words_typed_on_the_other_layout_come_back(chosen: list[str]):
    assert repair_layout(to_latin(" ".join(chosen)), known, LATIN) == " ".join(chosen)


@given(st.text(max_size=60))
def test_no_text_breaks_the_repair(text: str):
    assert isinstance(repair_layout(text, known, LATIN), str)
