from __future__ import annotations

import pytest

from llmops.language.morphology import inflect, name_gender, nominative, own_gender, to_second_person


@pytest.mark.parametrize(
    ("text", "gender"),
    [
        ("Устала сегодня на работе.", "female"),
        ("я готовилась две недели", "female"),
        ("Я вчера ходил на рыбалку", "male"),
        ("сдал экзамен", "male"),
        ("я рада", "female"),
        ("я рад", "male"),
        ("я студентка", "female"),
        ("переехала в Питер", "female"),
        ("Скажи, что я никчёмная", "female"),
        ("Он опять скинул кружку", None),
        ("папа научил", None),
        ("Приехала мама", None),
        ("я врач", None),
        ("мы ходили в лес", None),
        ("сегодня премию дали", None),
        ("я большой фанат кино", None),
    ],
)
def test_the_gender_a_person_speaks_in(text, gender):
    assert own_gender(text) == gender


@pytest.mark.parametrize(("name", "gender"), [("Марина", "female"), ("Костя", "male"), ("Саша", None), ("Женя", None)])
def test_the_gender_of_a_name(name, gender):
    assert name_gender(name) == gender


@pytest.mark.parametrize(
    ("phrase", "case", "expected"),
    [
        ("Иркутск", "loct", "Иркутске"),
        ("Нижний Новгород", "loct", "Нижнем Новгороде"),
        ("Санкт-Петербург", "loct", "Санкт-Петербурге"),
        ("Ростов-на-Дону", "loct", "Ростове-на-Дону"),
        ("рыжий кот", "gent", "рыжего кота"),
        ("Костя", "datv", "Косте"),
        ("ветеринар", "ablt", "ветеринаром"),
        ("Сочи", "loct", "Сочи"),
    ],
)
def test_a_phrase_in_a_case(phrase, case, expected):
    assert inflect(phrase, case) == expected


def test_a_place_comes_back_to_the_nominative():
    assert nominative("Питере", "Geox") == "Питер"


def test_words_of_oneself_become_words_to_the_listener():
    assert to_second_person("вяжу шарфы для моей мамы", polite=False) == "вяжешь шарфы для твоей мамы"
    assert to_second_person("играю на гитаре", polite=True) == "играете на гитаре"
