"""What the consultant says besides the entries: refusals, greetings, the note under an answer.

Knows Russian sentences only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

NOTE = "Это справочная информация, а не индивидуальная рекомендация: перед важным решением сверьтесь с источником."
NO_WORDS = "Не вижу вопроса. Напишите его словами, например: «До какого числа платить налог на квартиру?»"
TOO_LONG = "Сообщение слишком длинное, вопрос в нём не найти. Задайте его одним-двумя предложениями."
BOTH = "Если вы спрашивали о другом - «{title}»:"
SECOND_PART = "О второй части вопроса - «{title}»:"
CHOOSE = "Не уверен, о чём именно вопрос. Вы о том, что здесь: {first} - или здесь: {second}?"
_AREAS = (
    "вкладах, кредитах и ипотеке, картах и переводах, налогах и вычетах, пенсиях и пособиях, страховках, зарплате, "
    "мошенниках и правах потребителя"
)
_OUT_OF_SCOPE = f"Это не про личные финансы, тут я не помощник. Спросите меня о {_AREAS}."
_LOW_CONFIDENCE = "Точного ответа на этот вопрос в моей базе нет, а гадать о деньгах не буду."
_NEAR = "Ближе всего темы: {titles}. Можно переформулировать вопрос или спросить об одной из них."
_FAR = "Попробуйте спросить иначе, короче и с главным словом темы."

_GREETING = r"(?:привет\w*|здравствуй\w*|добр\w+ (?:день|утро|вечер)|хай|салют|ку|здорово)(?: бот| друг)?"
_THANKS = (
    r"(?:большое )?(?:спасибо|спс|благодарю|пасиб\w*)(?: большое| огромное| за помощь| за ответ)?"
    r"|понял\w*(?: спасибо)?|ясно|ок|окей"
)
_HELP = (
    r"(?:что|чего) ты (?:умеешь|можешь|знаешь)|помощь|помоги(?: мне)?|чем (?:ты )?(?:можешь )?помо\w+"
    r"|о чем (?:тебя )?можно спрос\w+|справка|help"
)
_SMALL_TALK: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(_GREETING),
        "Здравствуйте. Спрашивайте о вкладах, кредитах, налогах, пособиях, страховках и других личных финансах - "
        "отвечу с источником.",
    ),
    (re.compile(_THANKS), "Пожалуйста. Если появится ещё вопрос о деньгах - пишите."),
    (re.compile(r"(?:пока|до свидания|всего доброго|бай|прощай)"), "До свидания."),
    (
        re.compile(_HELP),
        f"Отвечаю на вопросы о {_AREAS}; у каждого ответа есть источник. Ещё считаю: платёж по кредиту, "
        "доход по вкладу, НДФЛ, накопления. Например: «Кредит 500 тысяч на 3 года под 18 %, какой платёж?»",
    ),
)


def small_talk(folded: str) -> str | None:
    """Return the answer to a greeting, thanks or «что ты умеешь»; None for anything else.

    Args:
        folded: The message's folded words, separated by single spaces.
    """
    return next((answer for pattern, answer in _SMALL_TALK if pattern.fullmatch(folded)), None)


def refusal(*, foreign: bool, nearest: Sequence[str]) -> str:
    """Return a kind refusal: what is out of scope, or which topics are near."""
    if foreign:
        return _OUT_OF_SCOPE
    titles = ", ".join(f"«{title}»" for title in nearest[:3])
    return f"{_LOW_CONFIDENCE} {_NEAR.format(titles=titles) if titles else _FAR}"
