"""What is remembered of a word: whether a message that holds it has to be looked at more closely.

Words repeat, messages do not: a message of remembered plain words costs a look-up a word. Knows one word at a time.
"""

from __future__ import annotations

import re
from typing import Final

from llmops.language.obscenity import is_obscene

UNTIDY: Final = 1  # more than a Russian word and a sign after it
DIGITS: Final = 2
OATH: Final = 4
FOREIGN: Final = 8
SPAM: Final = 16
SECRET: Final = 32  # after it a number may be told in words, or a password without digits

_ALSO_RUSSIAN = """
благодаря хвала много сам добре добро мене тебе справи имам як але шта што ще
"""
_ONLY_FOREIGN = """
що це якщо дуже немає дякую потрібно какво защо това няма правиш искам съм имаш нећу радиш није како гэта вельмі
"""
SURELY_FOREIGN = frozenset(_ONLY_FOREIGN.split())
FOREIGN_WORDS = SURELY_FOREIGN | frozenset(_ALSO_RUSSIAN.split())

_LARGEST = 100_000
_PLAIN = re.compile(r"«?[а-яё0-9]+(?:-[а-яё0-9]+)*%?»?(?:[,.!?…]|\?!)?|-")
_THRICE = re.compile(r"([а-яё])\1\1")
_DIGIT = re.compile(r"[0-9]")
_SIGNS = "«»,.!?…%-"
_SPAM_ROOTS = re.compile("подпис|перех|розыг|промо|казин|ставк|зараб|пасси|скидк|пиши|переш|разош|отпра")
_SECRET_ROOTS = re.compile("соба|пар[оа]л|пороль|парль|пасс")
_HARD_SIGN = re.compile(r"ъ[бвгджзклмнпрстфхцчшщ]|ъ$")


class Words(dict[str, int]):
    """Marks by the word in lower case with the signs that touch it; what is untidy or has digits seldom comes again."""

    def __missing__(self, token: str) -> int:
        if not _PLAIN.fullmatch(token) or _THRICE.search(token):
            return UNTIDY | (SECRET if _SECRET_ROOTS.search(token) else 0)
        marks = _marks(token.strip(_SIGNS))
        if not marks & DIGITS:
            if len(self) >= _LARGEST:
                self.clear()
            self[token] = marks
        return marks


def _marks(word: str) -> int:
    kinds = (
        (DIGITS, _DIGIT.search(word)),
        (OATH, is_obscene(word)),
        (FOREIGN, word in FOREIGN_WORDS or _HARD_SIGN.search(word)),
        (SPAM, _SPAM_ROOTS.match(word)),
        (SECRET, _SECRET_ROOTS.match(word)),
    )
    return sum(mark for mark, found in kinds if found)


_words = Words()


def marks(low: str) -> int:
    """Return everything that is remembered of the words of a text in lower case."""
    found, known = 0, _words
    for token in low.split(" "):
        found |= known[token]
    return found
