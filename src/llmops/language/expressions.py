"""Lists of expressions, one a line, as one pattern.

A blank matches any blanks, «…» up to three words between. Whole expressions: none begins inside a word.
Knows no meaning.
"""

from __future__ import annotations

import re

_GAP = r"(?:\s+\S+){0,3}?\s+"
_BLANK = r"\s+"


def any_of(expressions: str) -> re.Pattern[str]:
    """Return a pattern that finds any of the lines, in any case; a line is a regular expression."""
    lines = [line.strip() for line in expressions.strip().splitlines() if line.strip()]
    patterns = (line.replace(" … ", _GAP).replace(" ", _BLANK) for line in lines)
    return re.compile("|".join(rf"(?<![а-яёa-z])(?:{pattern})" for pattern in patterns), re.IGNORECASE)
