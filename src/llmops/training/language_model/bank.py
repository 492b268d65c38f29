"""The phrase bank as training reads it: situations by their parts, with a twentieth of the lines held out.

Knows no tokens and no model.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from llmops.assistants.companion.persona import Persona
from llmops.errors import DataError
from llmops.language.patterns import expand
from llmops.language.wording import Voice, render
from llmops.schemas import Line, Phrase

_HELD_ONE_IN = 20
_WORDINGS = 48
_LEARNT = ("says", "pattern", "reply", "ask", "yes", "no", "more")


@dataclass(slots=True)
class Situation:
    """What people say in a situation, and what is said back."""

    id: str
    says: list[str] = field(default_factory=list)
    wordings: list[str] = field(default_factory=list)
    replies: list[Line] = field(default_factory=list)
    asks: list[Line] = field(default_factory=list)
    yes: list[Line] = field(default_factory=list)
    no: list[Line] = field(default_factory=list)
    more: list[Line] = field(default_factory=list)

    def add(self, row: Phrase) -> None:
        """Take one line of the bank."""
        line = Line(text=row.text, persona=row.persona)
        match row.role:
            case "says":
                self.says.append(row.text)
            case "pattern":
                self.wordings += expand(row.text, _WORDINGS)
            case "reply":
                self.replies.append(line)
            case "ask":
                self.asks.append(line)
            case "yes" | "no" | "more":
                getattr(self, row.role).append(line)


@dataclass(frozen=True, slots=True)
class Bank:
    """What is learnt from, and what is held out of it.

    Args:
        stray: What may be said to anything.
        foreign: What people say that belongs to no situation.
        lines: How many rows are learnt from.
    """

    situations: tuple[Situation, ...]
    unseen_says: tuple[tuple[Situation, str], ...]
    unseen_replies: tuple[tuple[Situation, Line], ...]
    stray: tuple[Line, ...] = ()
    foreign: tuple[str, ...] = ()
    lines: int = 0


def read_phrases(path: Path) -> list[Phrase]:
    """Read the rows of `phrases.csv`.

    Raises:
        DataError: It is absent or not what `prepare-data companion` writes.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [Phrase.model_validate(row) for row in csv.DictReader(file)]
    except OSError as error:
        raise DataError(f"Фразы {path} не читаются.", hint="Выполните: llmops prepare-data companion") from error
    except (ValidationError, csv.Error, UnicodeDecodeError) as error:
        raise DataError(
            f"{path}: это не фразы собеседника.", hint="Выполните заново: llmops prepare-data companion"
        ) from error


def held_out(row: Phrase) -> bool:
    """Tell whether a line is kept for validation: the same lines every time, whatever else the bank holds."""
    digest = hashlib.sha256(f"{row.situation}\n{row.role}\n{row.text}".encode()).digest()
    return row.role in {"says", "reply"} and not row.persona and digest[0] % _HELD_ONE_IN == 0


def read_bank(rows: Iterable[Phrase]) -> Bank:
    """Sort rows into situations; crises are left out, a model has no say there.

    Raises:
        DataError: There is no situation with both what people say and what is said back.
    """
    situations: dict[str, Situation] = {}
    unseen: list[tuple[str, Phrase]] = []
    stray: list[Line] = []
    foreign: list[str] = []
    lines = 0
    for row in rows:
        lines += row.kind != "crisis" and row.role in _LEARNT and not held_out(row)
        if row.role == "phrase":
            stray.append(Line(text=row.text, persona=row.persona))
        elif row.role == "foreign":
            foreign.append(row.text)
        elif row.kind != "crisis" and row.role in _LEARNT:
            situation = situations.setdefault(row.situation, Situation(row.situation))
            if held_out(row):
                unseen.append((row.situation, row))
            else:
                situation.add(row)
    usable = {key: item for key, item in situations.items() if item.says + item.wordings and item.replies}
    if not usable:
        raise DataError("В фразах собеседника нет ни одной ситуации.", hint="Выполните: llmops prepare-data companion")
    kept = [(usable[key], row) for key, row in unseen if key in usable]
    return Bank(
        situations=tuple(usable.values()),
        unseen_says=tuple((item, row.text) for item, row in kept if row.role == "says"),
        unseen_replies=tuple((item, Line(text=row.text)) for item, row in kept if row.role == "reply"),
        stray=tuple(stray),
        foreign=tuple(foreign),
        lines=lines,
    )


def spoken(lines: Sequence[Line], persona: Persona, voice: Voice) -> list[str]:
    """Return what this persona can say of some lines; its own lines come up three times as often."""
    said = []
    for line in lines:
        if line.persona in {"", persona.id} and (text := render(line.text, voice)):
            said += [text] * (3 if line.persona else 1)
    return said
