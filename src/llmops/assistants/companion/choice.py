"""Choosing a line: of this persona, on the matter, and not said lately.

Knows lines and a voice; knows no retrieval.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from llmops.language.expressions import any_of
from llmops.language.stems import content_stems
from llmops.language.wording import Voice, render
from llmops.schemas import Line

_OF_PERSONA = 0.7
_PER_WORD = 0.35
_WORDS = 2
_NAMED = 0.3
_SYMPATHY = 1.5
_SYMPATHETIC = any_of(r"(?:мне )?(?:очень |так )?жаль|сочувств\w+|соболезн\w+|больно|тяжело|горе|слёз\w*")


@dataclass(frozen=True, slots=True)
class Chooser:
    """Chooses lines within one turn.

    Args:
        persona: The id of who speaks.
        said: The companion's earlier answers, the newest last.
        message: What the line answers.
        grave: The message is about grief or pain: a plain word of sympathy comes first.
        chance: Seeded by the conversation and the turn, so that a turn can be repeated.
    """

    persona: str
    voice: Voice
    said: Sequence[str]
    message: str
    chance: random.Random
    grave: bool = False
    _taken: list[str] = field(default_factory=list)

    def choose(self, lines: Iterable[Line]) -> str:
        """Return the best line that was not said lately; empty when there is none."""
        fresh = [(line, text) for line, text in self._sayable(lines) if not self._is_said(text)]
        if not fresh:
            return ""
        words = set(content_stems(self.message))
        best = max(fresh, key=lambda pair: self._weight(pair[0], pair[1], words))
        self._taken.append(best[1])
        return best[1]

    def choose_text(self, texts: Iterable[str]) -> str:
        """Return one of these texts that was not said lately; the one said longest ago when all were."""
        lines = [Line(text=text) for text in texts]
        return self.choose(lines) or self._oldest(lines)

    def _oldest(self, lines: list[Line]) -> str:
        together = "\n".join(self.said)
        return min((text for _, text in self._sayable(lines)), key=lambda text: together.rfind(text), default="")

    def _sayable(self, lines: Iterable[Line]) -> Iterable[tuple[Line, str]]:
        for line in lines:
            if line.persona in {"", self.persona} and (text := render(line.text, self.voice)):
                yield line, text

    def _is_said(self, text: str) -> bool:
        return any(text in answer for answer in (*self.said, *self._taken))

    def _weight(self, line: Line, text: str, words: set[str]) -> float:
        shared = min(_WORDS, len(words & set(content_stems(text))))
        named = _NAMED if self.voice.name and self.voice.name in text else 0.0
        sympathy = _SYMPATHY * (self.grave and bool(_SYMPATHETIC.search(text)))
        return sympathy + self.chance.random() + _OF_PERSONA * bool(line.persona) + _PER_WORD * shared + named
