"""Repair of words typed with the wrong keyboard layout: «rfr dthyenm» is «как вернуть».

Knows the two layouts; which words exist is asked of the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_LATIN_UPPER = '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
_TO_RUSSIAN = str.maketrans(_LATIN + _LATIN_UPPER, _RUSSIAN + _RUSSIAN.upper())
_TO_LATIN = str.maketrans(_RUSSIAN + _RUSSIAN.upper(), _LATIN + _LATIN_UPPER)
_TYPED_LATIN = re.compile(r"[A-Za-z`\[\];',.{}:\"<>~]*[A-Za-z][A-Za-z`\[\];',.{}:\"<>~]*")
_TAIL = re.compile(r"[,.;:'\"]+$")
_CYRILLIC_WORD = re.compile(r"[а-яё]{3,}", re.IGNORECASE)
_RUSSIAN_WORD = re.compile(r"[а-яё-]+", re.IGNORECASE)

Known = Callable[[str], bool]


def to_russian(text: str) -> str:
    """Return the text as the same keys give it on the Russian layout."""
    return text.translate(_TO_RUSSIAN)


def to_latin(text: str) -> str:
    """Return the text as the same keys give it on the English layout."""
    return text.translate(_TO_LATIN)


def _switch(token: str, known: Known) -> tuple[str, bool]:
    """Return a Latin token on the Russian layout, and whether the result is a known word."""
    whole = to_russian(token)
    if _RUSSIAN_WORD.fullmatch(whole) and known(whole):
        return whole, True
    tail = _TAIL.search(token)
    if tail:
        head = to_russian(token[: tail.start()])
        if known(head):
            return head + tail.group(), True
    return whole, False


def repair_layout(text: str, known: Known, latin_words: frozenset[str]) -> str:
    """Switch words that were typed on the wrong layout.

    A message without Cyrillic letters is switched whole once half of its words become known ones; in a mixed
    message only the words that become known are switched. Latin words of the trade stay.

    Args:
        known: Tells whether a Russian word, in any form, belongs to the vocabulary.
        latin_words: Lower-case Latin words that are meant as they are («etf», «usd»).
    """
    if not _CYRILLIC_WORD.search(text):
        tokens = [t for t in text.split() if _TYPED_LATIN.fullmatch(t) and t.lower().strip(",.;:") not in latin_words]
        hits = sum(_switch(token, known)[1] for token in tokens)
        whole = bool(tokens) and hits * 2 >= len(tokens)
        return " ".join(_repair_token(token, known, latin_words, always=whole) for token in text.split(" "))
    return " ".join(_repair_token(token, known, latin_words, always=False) for token in text.split(" "))


def _repair_token(token: str, known: Known, latin_words: frozenset[str], *, always: bool) -> str:
    if _TYPED_LATIN.fullmatch(token):
        if token.lower().strip(",.;:") in latin_words:
            return token
        switched, sure = _switch(token, known)
        return switched if sure or always else token
    if _CYRILLIC_WORD.fullmatch(token) and not known(token) and to_latin(token).lower() in latin_words:
        return to_latin(token)
    return token
