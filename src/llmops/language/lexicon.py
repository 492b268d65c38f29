"""Everyday expressions to concepts: «банк лопнул» and «отозвали лицензию» are one idea.

An expression matches by stems, in order, with at most one foreign word between two of its own.
Knows no entries: the concepts are passed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from llmops.language.stems import stems

_GAP = 1


class Lexicon:
    """Finds concepts in texts.

    Args:
        concepts: Pairs of a concept's id and its expressions, each given as stems.
    """

    def __init__(self, concepts: Iterable[tuple[str, Sequence[Sequence[str]]]]) -> None:
        self.concepts = list(concepts)
        self._single: dict[str, list[str]] = {}
        self._by_pair: dict[tuple[str, str], list[tuple[tuple[str, ...], str]]] = {}
        for identifier, expressions in self.concepts:
            for parts in map(tuple, expressions):
                if len(parts) == 1:
                    self._single.setdefault(parts[0], []).append(identifier)
                elif parts:
                    self._by_pair.setdefault((parts[0], parts[1]), []).append((parts[1:], identifier))

    @classmethod
    def of(cls, concepts: Iterable[tuple[str, Sequence[str]]]) -> Lexicon:
        """Make a lexicon of pairs of a concept's id and its expressions as people write them."""
        return cls(
            (identifier, [stems(expression) for expression in expressions]) for identifier, expressions in concepts
        )

    def find(self, text_stems: Sequence[str]) -> list[str]:
        """Return the ids of the concepts in a text given as stems, in order, each once."""
        found: dict[str, None] = {}
        for position, first in enumerate(text_stems):
            found.update(dict.fromkeys(self._single.get(first, ())))
            for second in text_stems[position + 1 : position + _GAP + 2]:
                for rest, identifier in self._by_pair.get((first, second), ()):
                    if identifier not in found and _follows(text_stems, position + 1, rest):
                        found[identifier] = None
        return list(found)


def _follows(text_stems: Sequence[str], start: int, rest: tuple[str, ...]) -> bool:
    position = start
    for part in rest:
        window = text_stems[position : position + _GAP + 1]
        if part not in window:
            return False
        position += window.index(part) + 1
    return True
