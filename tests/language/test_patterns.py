"""Sentences with alternatives, and the concept lexicon."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmops.language.lexicon import Lexicon
from llmops.language.patterns import PatternError, expand, split
from llmops.language.stems import stems

ALTERNATIVES = st.lists(st.text(alphabet="абвг", min_size=1, max_size=3), min_size=1, max_size=4, unique=True)


def test_all_combinations_come_when_they_fit():
    assert sorted(expand("{как|где} вернуть {налог|ндфл}", 10)) == [
        "где вернуть налог",
        "где вернуть ндфл",
        "как вернуть налог",
        "как вернуть ндфл",
    ]


def test_an_empty_alternative_leaves_no_double_blank():
    assert set(expand("как {|сейчас} вернуть", 10)) == {"как вернуть", "как сейчас вернуть"}


@given(st.lists(ALTERNATIVES, min_size=1, max_size=5), st.integers(1, 20))
def test_expansion_is_bounded_distinct_and_repeatable(groups: list[list[str]], limit: int):
    pattern = " ".join("{" + "|".join(group) + "}" for group in groups)
    wordings = expand(pattern, limit)
    assert 0 < len(wordings) <= limit
    assert len(set(wordings)) == len(wordings)
    assert wordings == expand(pattern, limit)


def test_a_large_pattern_uses_every_alternative_of_a_group():
    pattern = " ".join("{" + "|".join(f"{letter}{n}" for n in range(5)) + "}" for letter in "абвгде")
    first = {wording.split()[0] for wording in expand(pattern, 12)}
    assert len(first) == 5


@pytest.mark.parametrize("pattern", ["{как|где вернуть", "как} вернуть", "{как|{где}} вернуть"])
def test_a_broken_bracket_is_told(pattern: str):
    with pytest.raises(PatternError):
        split(pattern)


def test_a_concept_is_found_in_any_form_and_with_a_word_between():
    lexicon = Lexicon.of([("licence", ["отозвали лицензию"]), ("fall", ["банк лопнул"])])
    assert lexicon.find(stems("у моего банка недавно лопнул")) == ["fall"]
    assert lexicon.find(stems("отозвали у лицензию")) == ["licence"]
    assert lexicon.find(stems("лицензию отозвали")) == []
