"""Stage 1, source → processed: entries, phrases, findings, reports, the corpus."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from llmops.schemas.values import Identifier, Text, Value

Mood = Literal["joy", "calm", "upset", "sad", "anxious", "angry", "tired", "bored", "playful", "neutral"]
SituationKind = Literal["talk", "handover", "crisis"]
PhraseRole = Literal["says", "pattern", "reply", "ask", "yes", "no", "more", "phrase", "held_out", "foreign", "area"]


class Phrase(Value):
    """One row of `phrases.csv`: a line of a situation and its part in it.

    Args:
        situation: Empty for lines that belong to none (`phrase`, `foreign`).
        kind: `handover` passes the person on to another adviser, `crisis` is answered by its text alone.
        role: `says` and `pattern` are what people say, `held_out` what nothing learns from; `reply` answers, `ask` asks
            back; `yes`, `no` and `more` go on after the person's answer to that; `phrase` stands alone, `area` names
            an area.
        persona: Who alone says it; empty for everyone.
        text: May hold the forks of `language.wording`, in a `pattern` those of `language.patterns`.
    """

    situation: str = ""
    area: str = ""
    title: str = ""
    kind: SituationKind = "talk"
    mood: Mood = "neutral"
    role: PhraseRole
    persona: str = ""
    text: Text


class Line(Value):
    """Something the companion may say, and the persona who alone says it, if it is not everyone's."""

    text: Text
    persona: str = ""


class Reaction(Value):
    """What the companion says in a situation; see `Phrase`."""

    kind: SituationKind = "talk"
    mood: Mood = "neutral"
    replies: tuple[Line, ...] = Field(min_length=1)
    asks: tuple[Line, ...] = ()
    yes: tuple[Line, ...] = ()
    no: tuple[Line, ...] = ()
    more: tuple[Line, ...] = ()


class Fact(Value):
    """One number of an answer, so that it can be checked and renewed."""

    name: Text
    value: Text
    unit: str = ""
    since: date | None = None


class Entry(Value):
    """What people ask or say, and what is so: an entry of the knowledge base, or a situation of the phrase bank.

    Args:
        reaction: The lines of a situation; `answer` is then the first of its replies.
    """

    id: Identifier
    area: Identifier
    title: Text
    questions: tuple[Text, ...] = Field(min_length=1)
    patterns: tuple[Text, ...] = ()
    answer: Text
    facts: tuple[Fact, ...] = ()
    reference: str = ""
    as_of: date | None = None
    valid_until: date | None = None
    related: tuple[Identifier, ...] = ()
    reaction: Reaction | None = None


class PolicyRule(Value):
    """What the assistant declines, in people's words, and how it says so."""

    id: Identifier
    title: Text
    questions: tuple[Text, ...] = Field(min_length=1)
    patterns: tuple[Text, ...] = ()
    answer: Text


class Concept(Value):
    """One idea and the everyday expressions that name it."""

    id: Identifier
    expressions: tuple[Text, ...] = Field(min_length=1)


class HeldOut(Value):
    """Questions that no leg learns from: fusion and refusal are fitted on some, quality is told by the others."""

    entry: Identifier
    questions: tuple[Text, ...] = Field(min_length=1)


class Area(Value):
    """A group of entries with the name people see."""

    id: Identifier
    title: Text


class Problem(Value):
    """A finding of `prepare-data`: what is wrong, where, how serious; «info» is work for an author, not a fault."""

    level: Literal["error", "warning", "repaired", "info"]
    file: str
    line: int
    message: str


class ReportCount(Value):
    """One figure of a report.

    Args:
        name: What people see.
        key: What a tracker calls it.
    """

    name: str
    key: str
    value: float
    unit: str = ""


class Report(Value):
    """What a batch stage did: figures, findings, and hashes of what it read and wrote.

    Args:
        parameters: What the stage was asked for.
        artefacts: Paths of small files that describe the result; a recorder keeps their contents.
    """

    stage: str
    counts: tuple[ReportCount, ...]
    parameters: dict[str, str] = Field(default_factory=dict)
    artefacts: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    problems_left_out: int = 0
    inputs: dict[str, str] = Field(default_factory=dict)
    outputs: dict[str, str] = Field(default_factory=dict)
    seconds: float


class Corpus(Value):
    """Everything `build-index` learns from."""

    entries: tuple[Entry, ...]
    policy: tuple[PolicyRule, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    concepts: tuple[Concept, ...] = ()
    held_out: tuple[HeldOut, ...] = ()
    areas: tuple[Area, ...] = ()
    sha256: str = ""

    @property
    def classes(self) -> tuple[Entry | PolicyRule, ...]:
        """What a question can be about, in the order that the index numbers it."""
        return (*self.entries, *self.policy)
