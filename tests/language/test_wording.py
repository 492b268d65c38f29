from __future__ import annotations

import pytest

from llmops.language.wording import Voice, is_whole, render


def test_a_fork_follows_the_address():
    line = "{Расскажи|Расскажите}, что {тебя|вас} тревожит."
    assert render(line, Voice("female", polite=False)) == "Расскажи, что тебя тревожит."
    assert render(line, Voice("female", polite=True)) == "Расскажите, что вас тревожит."


def test_a_fork_follows_the_gender_of_who_speaks():
    assert render("Я [рад|рада].", Voice("male", polite=False)) == "Я рад."
    assert render("Я [рад|рада].", Voice("female", polite=False)) == "Я рада."


def test_a_line_about_the_listener_needs_a_known_gender_or_the_polite_form():
    line = "<Ты справился|Ты справилась|Вы справились>."
    assert render(line, Voice("male", polite=False)) is None
    assert render(line, Voice("male", polite=False, listener="female")) == "Ты справилась."
    assert render(line, Voice("male", polite=True)) == "Вы справились."


def test_a_line_with_a_name_needs_a_known_name():
    assert render("$имя, привет.", Voice("male", polite=False)) is None
    assert render("$имя, привет.", Voice("male", polite=False, name="Оля")) == "Оля, привет."


@pytest.mark.parametrize("text", ["{ты|вы", "[рад]", "<он|она>", "рад|рада", "{а|{б|в}}"])
def test_a_broken_fork_is_seen(text):
    assert not is_whole(text)


def test_whole_forks_are_whole():
    assert is_whole("{ты|вы} [рад|рада] <сам|сама|сами> $имя")
