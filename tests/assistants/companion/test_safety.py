from __future__ import annotations

import re

import pytest

from llmops.assistants.companion.safety import AFTERWARDS, REMINDER, TEXTS, crisis_in
from llmops.language.wording import Voice, is_whole, render

_NUMBER = re.compile(r"\d[\d -]{2,}")
_CHECKED = {"103", "112", "102", "051", "124", "8-800-2000-122"}


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Мне очень плохо. Я не хочу больше жить.", "self"),
        ("жизнь потеряла смысл", "self"),
        ("он меня бросил, жить не хочется", "self"),
        ("Мне 15 и я режу себя", "teen"),
        ("Капитан, это уже не игра. Я порезал себе вены.", "acute"),
        ("я выпила целую пачку снотворного", "acute"),
        ("Подруга пишет, что наглоталась таблеток и прощается. Что делать??", "other"),
        ("брат говорит что хочет умереть", "other"),
        ("муж бьёт меня", "violence"),
        ("убью его, я серьёзно, нож уже взял", "harm"),
    ],
)
def test_a_crisis_is_heard(message, kind):
    assert crisis_in(message) == kind


def test_words_of_a_child_said_before_count():
    assert crisis_in("думаю что всем станет легче если меня не будет", "мне 14, в школе травят") == "teen"


@pytest.mark.parametrize(
    "message",
    [
        "Умираю со смеху от этого мема с капибарой))",
        "кризис в экономике",
        "Этот дедлайн меня убьёт, ненавижу понедельники",
        "хочу умереть от стыда",
        "не хочу жить в этом городе",
        "посмотрел фильм про самоубийство",
        "Порезала палец, когда резала лук",
        "выпил таблетку от головы",
        "прыгну с парашютом",
        "задушу кота, опять цветок уронил",
        "бабушка умерла",
        "не могу жить без кофе",
    ],
)
def test_a_figure_of_speech_is_no_crisis(message):
    assert crisis_in(message) is None


@pytest.mark.parametrize("text", [*TEXTS.values(), REMINDER, *AFTERWARDS])
def test_only_checked_numbers_are_given_and_every_fork_is_whole(text):
    assert is_whole(text)
    for polite in (False, True):
        said = render(text, Voice("female", polite=polite)) or ""
        assert {number.strip(" -") for number in _NUMBER.findall(said)} <= _CHECKED
