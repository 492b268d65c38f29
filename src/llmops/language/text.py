"""Cleaning and splitting of text.

Knows only characters: no vocabulary, no stems.
"""

from __future__ import annotations

import re
import unicodedata

_CONTROL = re.compile(
    r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufff9-\ufffd]"
)
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\u0085]")
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_WORD = re.compile(r"[а-яa-z0-9]+")
_UNTIDY = re.compile(
    r"[^\S ]|  |^ | $|[^\u0020-\u04ff\u2010-\u203a\u20ac-\u20bd\u2116-\u2122\u2190-\u22ff]"
    r"|[\u007f-\u009f\u00ad\u0300-\u036f]"
)
_COMBINED = str.maketrans({"ё": "е", "–": "-", "—": "-", "−": "-", "‑": "-"})
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_OTHER_LETTER = re.compile(r"[^\W\d_а-яёА-ЯЁ]")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[«\"(]?[А-ЯЁA-Z0-9])")


def clean(text: str) -> str:
    """Compose characters, drop invisible ones, and fold blanks; cleaning clean text changes nothing."""
    if not _UNTIDY.search(text) and unicodedata.is_normalized("NFC", text):
        return text
    text = _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text))
    text = _CONTROL.sub("", text.encode("utf-8", "replace").decode("utf-8"))
    lines = (_BLANKS.sub(" ", line).strip() for line in unicodedata.normalize("NFC", text).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def has_control(text: str) -> bool:
    """Tell whether the text holds characters that `clean` would drop."""
    return _CONTROL.search(text) is not None


def fold(text: str) -> str:
    """Lower the case, compose compatibility forms (NFKC), and merge ё with е and dashes with a hyphen."""
    return unicodedata.normalize("NFKC", text).lower().translate(_COMBINED)


def words(text: str) -> list[str]:
    """Split text into folded words and numbers."""
    return _WORD.findall(fold(text))


def russian_share(text: str) -> float:
    """Return the share of Cyrillic among the letters, 0…1; 0 when there are no letters."""
    if not _OTHER_LETTER.search(text):
        return 1.0 if _CYRILLIC.search(text) else 0.0
    letters = len(_LETTER.findall(text))
    return len(_CYRILLIC.findall(text)) / letters if letters else 0.0


def sentences(text: str) -> list[str]:
    """Split text into sentences; joined with one space they give the text with folded blanks."""
    return [part for part in _SENTENCE.split(_BLANKS.sub(" ", text.replace("\n", " ")).strip()) if part]
