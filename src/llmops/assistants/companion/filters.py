"""What a generated reply must not be: another speaker's line, a loop, a foreign script, an oath, half a sentence.

Knows texts; knows no backend.
"""

from __future__ import annotations

import re
from itertools import pairwise

from llmops.language.expressions import any_of
from llmops.language.obscenity import is_obscene
from llmops.language.text import russian_share, sentences, words

_LABEL = re.compile(
    r"(?:^|\n)\s*[«\"*_]*(?:пользователь|юзер|собеседник|человек|ассистент|бот|user|human|assistant|система|system)"
    r"[»\"*_]*\s*:",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"</?s>|<\|[^|]*\|>|\[/?inst\]|###", re.IGNORECASE)
_HUMAN = any_of(
    r"""
    я (?:[-—–] )?(?:тоже )?(?:живой |обычный |настоящий |такой же )?человек(?![а-яё])
    я (?:тоже |вчера |сегодня |недавно )*(?:ел|съел|пил|ездил|летал|спал|болел|гулял|ходил|купил)а?(?![а-яё])
    """
)
_SHORTEST, _LONGEST = 4, 320
_RUSSIAN = 0.9
_DISTINCT = 0.55


def tidy(text: str) -> str:
    """Return the first line of a reply without a dash before it, cut after its last finished sentence."""
    line = text.strip().lstrip("-–— ").split("\n")[0].strip().strip('«»"') if text.strip() else ""
    whole = [part for part in sentences(line) if part.rstrip('»")')[-1:] in ".!?…"]
    return " ".join(whole) if whole else line


def complaint(text: str, earlier: list[str]) -> str:
    """Return why a reply may not be shown; empty when it may."""
    checks = (
        ("length", not _SHORTEST <= len(text) <= _LONGEST),
        ("role", bool(_LABEL.search(text) or _MARKUP.search(text))),
        ("script", russian_share(text) < _RUSSIAN),
        ("unfinished", text.rstrip('»")')[-1:] not in ".!?…"),
        ("repetition", _loops(text) or text in earlier),
        ("human", bool(_HUMAN.search(text))),
        ("obscenity", is_obscene(text)),
    )
    return next((name for name, failed in checks if failed), "")


def _loops(text: str) -> bool:
    """Tell whether too few of the pairs of words are different."""
    said = words(text)
    pairs = list(pairwise(said))
    return len(pairs) > 3 and len(set(pairs)) < _DISTINCT * len(pairs)
