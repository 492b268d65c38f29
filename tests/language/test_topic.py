"""Numbers of people are left out of what is searched for; everything else stays."""

from __future__ import annotations

import pytest

from llmops.language.topic import topic_text


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("какой сейчас мрот, мой телефон 8 916 123-45-67", "какой сейчас мрот,"),
        ("Мой СНИЛС 112-233-445 95, когда проиндексируют пенсию", ", когда проиндексируют пенсию"),
        ("потерял карту 4276 1600 1234 5671 что делать", "потерял карту что делать"),
        ("мой новый номер: +7 916 123-45-67. как вернуть налог?", ". как вернуть налог?"),
        ("вклад 1 400 000 ₽  на 367 дней", "вклад 1 400 000 ₽  на 367 дней"),
        ("мой вклад 1 400 000 000 рублей", "мой вклад 1 400 000 000 рублей"),
        ("8 916 123-45-67", ""),
    ],
)
def test_what_is_searched_for(text: str, about: str):
    assert topic_text(text) == about
