"""The steps of cleaning where they may do harm: names, numbers, words of two kinds, and the cheap look at words."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmops.data.companion.cleaning import Keep, clean
from llmops.data.companion.reasons import is_personal
from llmops.data.companion.steps import STEPS
from llmops.data.companion.vocabulary import DIGITS, Words, marks
from llmops.language.obscenity import is_obscene
from llmops.language.personal_data import find_personal

NOTHING = Keep()


@pytest.mark.parametrize(
    ("messy", "tidy"),
    [
        ("Классссс, беру", "Класс, беру"),
        ("Даааа, конечно", "Да, конечно"),
        ("ООО и Людовик XVIII", "ООО и Людовик XVIII"),
        ("Ааааа, понятно", "А, понятно"),
        ("Бот: Привет, я тут", "Привет, я тут"),
        ("Маша: приходи скорее", "приходи скорее"),
        ("Совет: пейте воду", "Совет: пейте воду"),
        ("[id12345|Вася], как ты", "Вася, как ты"),
        ("Смотри [сюда](https://a.ru/x) скорее", "Смотри сюда скорее"),
        ("Пpивeт, кaк дела", "Привет, как дела"),
        ("весело #смешно и всё", "весело и всё"),
        ("Да (наверное))))", "Да (наверное)"),
        ("Ну вот ((", "Ну вот"),
        ("Иду домой )", "Иду домой"),
        ("с 10–12 часов", "с 10-12 часов"),
        ("кто-то по-русски", "кто-то по-русски"),
        ("п\u0440\u0438вет\u0301", "привет"),
        ("1️⃣ пункт, ✅ готово", "1 пункт, готово"),
    ],
)
def test_a_step_does_its_work_and_no_more(messy: str, tidy: str):
    assert clean(messy, NOTHING).text == tidy


@pytest.mark.parametrize(
    "text", ["Какво правиш днес, добре ли си", "шта радиш, ја сам добро", "няма нищо, какво да правя"]
)
def test_neighbouring_languages_are_told_from_russian(text: str):
    assert clean(text, NOTHING).dropped == "другой язык"


@pytest.mark.parametrize(
    "text",
    [
        "Я сам много сделал благодаря тебе",
        "Хвала богу, сам справился",
        "Съезд подъехал к объекту",
        "Але, ты мене слышишь?",
    ],
)
def test_russian_is_not_taken_for_a_neighbouring_language(text: str):
    assert clean(text, NOTHING).text == text


@pytest.mark.parametrize(
    "word",
    [
        "сухую",
        "оскорблять",
        "хлебать",
        "потребление",
        "страховка",
        "мандарин",
        "ребят",
        "дебетовый",
        "подебоширить",
        "уподоблять",
        "вебинар",
        "сучковатый",
        "похудеть",
        "страхуем",
        "психует",
        "художник",
        "мудрый",
        "херувим",
        "команда",
        "небоскрёб",
        "скипидар",
        "сравнить",
        "средство",
        "рассказ",
    ],
)
def test_an_innocent_word_is_not_obscene(word: str):
    assert not is_obscene(word)


@pytest.mark.parametrize(
    "word",
    [
        "отъебись",
        "съебался",
        "проебал",
        "разъебал",
        "ахуеть",
        "обосрался",
        "заебись",
        "долбоёб",
        "хуёво",
        "распиздяй",
        "сука",
        "Мудак",
    ],
)
def test_an_obscene_word_is_found_with_any_prefix(word: str):
    assert is_obscene(word)


def test_a_label_in_place_of_personal_data_is_not_answered_with():
    assert clean("позвони мне на [телефон] вечером", NOTHING).dropped == "личные данные"


def test_words_that_are_remembered_take_a_bounded_place(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("llmops.data.companion.vocabulary._LARGEST", 100)
    words = Words()
    made = ["".join(pair) for pair in product("абвгдежзик", repeat=3)]
    assert {words[f"слово{word}"] for word in made if len(set(word)) > 1} == {0}
    assert words["слово1"] == DIGITS
    assert len(words) <= 100


_WORDS = st.sampled_from(
    ["я", "ты", "пароль", "пассворд", "собака", "код", "12", "5", "123", "7", "916", "45", "67", "телефон", "карта",
     "паспорт", "серия", "mail", "at", "ru", "@", ".", ",", "-", "(", ")", "№", "qwerty1", "пароль:", "парольь!!"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(_WORDS, max_size=12).map(" ".join))
def test_the_cheap_look_misses_no_personal_data(text: str):
    assert is_personal(text) == bool(find_personal(text))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="абвё АБ,.!?-«»%12…", max_size=30))
def test_what_looks_plain_is_not_changed_by_the_chain(text: str):
    if not marks(text.lower()) and text[:1] != "-" and text[-1:] not in {"-", ","}:
        assert [name for name, step in STEPS if step(text) != text] == []


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="аеор eпH<b>&;:)(*_~|[]{}$-—\"'«».,!?\n\u200b😀#@/1", max_size=40), st.booleans())
def test_cleaning_clean_text_changes_nothing_whatever_is_kept(text: str, keeps: bool):
    keep = Keep(emoji=keeps, links=keeps, foreign=True)
    once = clean(text, keep)
    if not once.dropped:
        assert clean(once.text, keep) == (once.text, (), "")
