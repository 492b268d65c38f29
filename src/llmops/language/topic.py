"""What a message is about: its text without the numbers of people, which only lead a search astray.

Knows no entries.
"""

from __future__ import annotations

import re

from llmops.language.personal_data import find_personal

# «мой телефон», «наш новый ИНН» right before a number say whose it is, not what is asked.
_OWNED = re.compile(r"(?<![а-яё])(?:мо[йеия]|наш[аи]?)\s+(?:[а-яё-]+\s+)?[а-яё-]+[\s:№-]*\Z", re.IGNORECASE)
_OWNED_CHARS = 40
_LONG_NUMBER = re.compile(r"(?<![\d.,])\d(?:[ \u00a0-]?\d){12,}(?![\d.,])")  # a card with a slip, an order: no sum


def topic_text(text: str) -> str:
    """Return what to search for; a text without such numbers stays as it is."""
    found = find_personal(text)
    if not found and not _LONG_NUMBER.search(text):
        return text
    pieces, end = [], 0
    for item in found:
        before = text[end : item.start]
        owned = _OWNED.search(before, max(0, len(before) - _OWNED_CHARS))
        pieces.append(before[: owned.start()] if owned else before)
        end = item.end
    return " ".join(_LONG_NUMBER.sub(" ", " ".join([*pieces, text[end:]])).split())
