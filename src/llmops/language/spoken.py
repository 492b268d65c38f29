"""Spellings of chats and of fast speech: «скоко щас» is «сколько сейчас».

Only forms that are no other word; typos are mended elsewhere. Knows no entries.
"""

from __future__ import annotations

import re

_FORMS = {
    "сколько": "скоко скока сколька скольк сколко",
    "сейчас": "щас щаз ща счас сичас сечас",
    "сегодня": "седня севодня",
    "что": "чо че шо што",
    "чего": "чево",
    "вообще": "ваще вобще вапще",
    "пожалуйста": "пжлст пжста пжл пожалста пожалуста",
    "спасибо": "спс пасиб",
    "короче": "кароч короч кароче",
    "можно": "можна",
    "когда": "када кагда",
    "тогда": "тада тагда",
    "только": "токо",
    "если": "ежли есле",
    "нормально": "норм",
}
_STANDARD = {form: word for word, forms in _FORMS.items() for form in forms.split()}
_WORD = re.compile(r"[а-яё]+", re.IGNORECASE)


def standard(text: str) -> str:
    """Return a text with spoken spellings written out."""
    return _WORD.sub(lambda match: _STANDARD.get(match[0].lower().replace("ё", "е"), match[0]), text)
