"""Sentences with alternatives: «{как|где} {вернуть|получить} налог» stands for four wordings.

Knows no entries. Alternatives do not nest; an empty alternative is allowed.
"""

from __future__ import annotations

import random
import re
from itertools import product

_GROUP = re.compile(r"\{([^{}]*)\}")
_BLANKS = re.compile(r"\s+")


class PatternError(ValueError):
    """A pattern that cannot be read; the message says why, in Russian."""


def split(pattern: str) -> list[list[str]]:
    """Return the alternatives of each part in order; fixed text is a part with one alternative.

    Raises:
        PatternError: A bracket without its pair, or brackets inside brackets.
    """
    parts: list[list[str]] = []
    position = 0
    for group in _GROUP.finditer(pattern):
        parts.append([pattern[position : group.start()]])
        parts.append(group.group(1).split("|"))
        position = group.end()
    parts.append([pattern[position:]])
    if any("{" in text or "}" in text for part in parts for text in part):
        raise PatternError("скобка без пары или скобки внутри скобок")
    return parts


def expand(pattern: str, limit: int) -> list[str]:
    """Return up to `limit` different wordings, spread evenly over the alternatives; the same for the same pattern.

    Raises:
        PatternError: See `split`.
    """
    parts = split(pattern)
    total = 1
    for part in parts:
        total *= len(part)
    if total <= limit * 8:
        chosen = [list(combination) for combination in product(*parts)]
        random.Random(pattern).shuffle(chosen)
    else:
        chosen = _spread(parts, limit * 2, random.Random(pattern))
    wordings = dict.fromkeys(_BLANKS.sub(" ", "".join(pieces)).strip() for pieces in chosen)
    return [wording for wording in wordings if wording][:limit]


def _spread(parts: list[list[str]], count: int, chance: random.Random) -> list[list[str]]:
    """Draw combinations so that every alternative of a group comes up equally often."""
    columns = []
    for part in parts:
        column = (part * (count // len(part) + 1))[:count]
        chance.shuffle(column)
        columns.append(column)
    return [list(row) for row in zip(*columns, strict=True)]
