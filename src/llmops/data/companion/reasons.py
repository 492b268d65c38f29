"""Why a clean message is left out.

Messages with personal data are dropped, not masked: nobody is to be answered with a label, and where a number was a
name often is. Knows one clean text at a time.
"""

from __future__ import annotations

import re

from llmops.data.companion.steps import LINK
from llmops.data.companion.vocabulary import (
    DIGITS,
    FOREIGN,
    FOREIGN_WORDS,
    OATH,
    SECRET,
    SPAM,
    SURELY_FOREIGN,
    UNTIDY,
    marks,
)
from llmops.language.obscenity import is_obscene
from llmops.language.personal_data import LABEL, find_personal

SHORTEST, LONGEST = 2, 400
_SUBSTANCE = re.compile(r"[а-яёa-z]", re.IGNORECASE)
_ANY_LETTER = re.compile(r"[^\W\d_]")
_OTHER_LETTER = re.compile(r"[^\W\d_а-яёА-ЯЁ]")
_RUSSIAN = re.compile(r"[а-яё]", re.IGNORECASE)
_RUSSIAN_WORD = re.compile(r"[а-яёіїєґўјљњћђ]+")
_NEIGHBOURS = re.compile(r"[іїєґўјљњћђџќѓѕәғқңөұүһ]|ъ[бвгджзклмнпрстфхцчшщ]|[а-я]ъ(?![а-яё])", re.IGNORECASE)
_COMMAND = re.compile(r"/[a-zа-яё_]+(?:@\w+)?(?:\s|$)", re.IGNORECASE)
_SPAM = re.compile(
    r"подпис(?:ывайся|ывайтесь|аться) на (?:канал|наш)|переходи(?:те)? по ссылке|розыгрыш|промокод|казино"
    r"|ставки на спорт|заработок (?:без|от)|пассивный доход|скидк\w+ \d+ ?%|пиши(?:те)? в (?:лс|личку)"
    r"|(?:перешли|разошли|отправь) (?:это|сообщение|всем|друзьям|\d+)"
)
_LATIN = re.compile(r"[A-Za-z@０-９＠]")
_MANY_DIGITS = re.compile(r"\d{3}|(?:\d\D*){6}")


def is_command(text: str) -> bool:
    """Tell whether a message is an order to a bot."""
    return text.startswith("/") and _COMMAND.match(text) is not None


def reason(text: str, *, foreign: bool, obscene: bool) -> str:
    """Return the name of the reason to drop a clean text; empty when it stays.

    Args:
        foreign: Other languages stay.
        obscene: Obscenity stays.
    """
    if not _SUBSTANCE.search(text):
        return "пусто"
    if len(text) < SHORTEST or len(text) > LONGEST:
        return "коротко" if len(text) < SHORTEST else "длинно"
    if is_command(text):
        return "команда боту"
    low = text.lower()
    found = marks(low)
    closer = found & UNTIDY
    if (closer or found & (DIGITS | SECRET)) and is_personal(text):
        return "личные данные"
    if (closer or found & FOREIGN) and not foreign and _is_foreign(text, low):
        return "другой язык"
    if (closer or found & OATH) and not obscene and is_obscene(low):
        return "брань"
    return "реклама" if (closer or found & SPAM) and _SPAM.search(low) else ""


def is_personal(text: str) -> bool:
    """Tell whether personal data, or a label in its place, is in a text."""
    if "[" in text and LABEL.search(text):
        return True
    return _may_be_personal(text) and bool(find_personal(text))


def _may_be_personal(text: str) -> bool:
    """Tell whether a close look is worth its time: what is personal has Latin letters, many digits or a word before."""
    if _LATIN.search(text) or _MANY_DIGITS.search(text):
        return True
    return bool(marks(text.lower()) & SECRET)


def _is_foreign(text: str, low: str) -> bool:
    words = FOREIGN_WORDS.intersection(_RUSSIAN_WORD.findall(low))
    if len(words) > 1 and not SURELY_FOREIGN.isdisjoint(words):
        return True
    if "ъ" not in low and not _OTHER_LETTER.search(text):
        return False
    text = LINK.sub("", text)
    letters = len(_ANY_LETTER.findall(text))
    return len(_RUSSIAN.findall(text)) * 2 < letters or _NEIGHBOURS.search(text) is not None
