from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmops.data.companion.cleaning import Keep, clean

NOTHING = Keep()


@pytest.mark.parametrize(
    ("messy", "tidy"),
    [
        ("Приветттт!!!!! как дела????", "Привет! как дела?"),
        ("Смотри https://ya.ru/x тут 😂😂", "Смотри тут"),
        ("&lt;b&gt;жирно&lt;/b&gt; &amp; всё", "жирно & всё"),
        ("<p>Привет</p>", "Привет"),
        ("@vasya глянь сюда", "глянь сюда"),
        ("пишите на a.b@mail.ru вечером", "пишите на вечером"),
        ("РџСЂРёРІРµС‚", "Привет"),
        ('Это "да" -- и нет...', "Это «да» - и нет…"),
        ("**жирный** текст", "жирный текст"),
        ("норм :)", "норм"),
        ("слово , слово !", "слово, слово!"),
        ("неви\u200bдимое", "невидимое"),
        ("А я говорю — нет", "А я говорю - нет"),
        ("Куда ты?!?!", "Куда ты?!"),
    ],
)
def test_a_messy_message_becomes_tidy(messy, tidy):
    assert clean(messy, NOTHING).text == tidy


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("мой телефон +7 912 345-67-89", "личные данные"),
        ("карта 4276 3800 1234 5674, паспорт 45 08 123456", "личные данные"),
        ("ИНН 500100732259", "личные данные"),
        ("Hello my dear friend", "другой язык"),
        ("Це дуже гарно, але що тепер", "другой язык"),
        ("Привіт, як справи", "другой язык"),
        ("/start", "команда боту"),
        ("ну ты и мудак", "брань"),
        ("))))", "пусто"),
        ("я", "коротко"),
        ("Подпишись на канал, промокод в описании", "реклама"),
        ("слово " * 100, "длинно"),
    ],
)
def test_what_nobody_should_be_answered_with_is_dropped(message, reason):
    cleaned = clean(message, NOTHING)
    assert (cleaned.text, cleaned.dropped) == ("", reason)


@pytest.mark.parametrize(
    ("message", "keep", "text"),
    [
        ("весело 😂", Keep(emoji=True), "весело 😂"),
        ("тут https://ya.ru/x есть", Keep(links=True), "тут https://ya.ru/x есть"),
        ("ну ты и мудак", Keep(obscene=True), "ну ты и мудак"),
        ("Hello my dear friend", Keep(foreign=True), "Hello my dear friend"),
    ],
)
def test_a_switch_keeps_what_is_dropped_otherwise(message, keep, text):
    assert clean(message, keep).text == text


@pytest.mark.parametrize("word", ["оскорблять", "мандарин", "страховка", "потребление", "художник", "барсук", "рубля"])
def test_an_innocent_word_is_no_oath(word):
    assert clean(f"вот {word} тут", NOTHING).text


_PIECES = st.sampled_from(
    ["привет", "да", "...", "!!!", "<b>", "&amp;", "&lt;", "https://a.ru/x", "@vasya", "😂", ":)", "))", "--", " - ", '"',
     "«", "»", "ооо", "  ", "\u200b", "a@b.ru", "**", "`", "(", ")", "тест", "x.com", "…", "—", "\n", ",", ";", "РџСЂ", "8 912"]
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.lists(_PIECES, max_size=12).map("".join), st.text(max_size=60)))
def test_cleaning_clean_text_changes_nothing(messy):
    once = clean(messy, NOTHING)
    if once.text:
        again = clean(once.text, NOTHING)
        assert (again.text, again.changes, again.dropped) == (once.text, (), "")
