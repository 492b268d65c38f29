"""A text as the search sees it: words, content stems, concepts; worked out once and shared by all legs.

Knows no entries and no index.
"""

from __future__ import annotations

from dataclasses import dataclass

from llmops.language.lexicon import Lexicon
from llmops.language.stems import STOP_WORDS, stem
from llmops.language.text import words


@dataclass(frozen=True, slots=True)
class Analysis:
    """Content words in order, their stems, and the ids of the concepts in the text.

    Stop words stand when there is nothing else.
    """

    content: tuple[str, ...]
    stems: tuple[str, ...]
    concepts: tuple[str, ...]

    @property
    def terms(self) -> list[str]:
        """The stems, and the concepts marked with «@»."""
        return [*self.stems, *("@" + name for name in self.concepts)]


def analyse(text: str, lexicon: Lexicon) -> Analysis:
    """Return the analysis of a text."""
    every = words(text)
    roots = [stem(word) for word in every]
    kept = [(word, root) for word, root in zip(every, roots, strict=True) if word not in STOP_WORDS]
    kept = kept or list(zip(every, roots, strict=True))
    return Analysis(tuple(word for word, _ in kept), tuple(root for _, root in kept), tuple(lexicon.find(roots)))
