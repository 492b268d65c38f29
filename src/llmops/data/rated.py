"""Rated answers as a source: a question that was answered well becomes one more wording of the entry that answered.

A bad rating teaches nothing: it is told, with what the person wrote, as work for an author. Rows wait in a file until
all entries are read, so any file may hold them. Knows ratings and the ledger of questions; knows no formats.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Literal, TextIO

from llmops.data.checks import Claim, QuestionLedger, RatedRow
from llmops.data.sources import RawRecord
from llmops.language.personal_data import LABEL
from llmops.language.stems import STOP_WORDS
from llmops.language.text import russian_share, words
from llmops.schemas import Entry, Problem, Value

_BLANKS = re.compile(r"\s+")
_SPACED = re.compile(r"\s+([?!.,;:])")
_LONGEST = 250  # the longest wording that an author wrote has 122 characters: more is a story, not a question
_WORDS_LEFT = 2
_RUSSIAN_ENOUGH = 0.5
_SHOWN = 100

_WHY = {
    "absent": "записи «{entry}» в базе нет",
    "reserved": "вопрос занят: {place}",
    "taken": "так же спрашивают о другом: {place}",
    "short": "в вопросе осталось слишком мало слов",
    "long": f"вопрос длиннее {_LONGEST} знаков",
    "foreign": "вопрос не по-русски или в чужой раскладке",
    "disputed": "тот же ответ на тот же вопрос оценили и плохо",
    "two": "показаны две записи, «{entry}» и «{also}»: какая из них хороша, решит автор",
}


class Wording(Value):
    """A question learnt from a rating, and the entry it asks for."""

    entry: str
    question: str


class _Waiting(Value):
    """A row until all entries are known."""

    row: RatedRow
    file: str
    line: int


class RatedRows:
    """Rows in a file, judged when all entries are known.

    Args:
        path: A file that may be overwritten; the folder's owner removes it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: TextIO = path.open("w", encoding="utf-8")
        self._bad: set[tuple[str, str]] = set()
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> RatedRows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def add(self, record: RawRecord, row: RatedRow) -> None:
        """Let a row wait."""
        question = _without_labels(_BLANKS.sub(" ", row.question))
        bare = row.model_copy(update={"answer": "", "question": question})
        if row.rating < 0:
            self._bad.add(_pair(bare))
        waiting = _Waiting(row=bare, file=record.file, line=record.line)
        self._stream.write(waiting.model_dump_json(exclude_defaults=True) + "\n")

    def judge(self, ledger: QuestionLedger) -> Iterator[Wording | Problem]:
        """Yield what is learnt, and why the rest is not; count both."""
        self._stream.close()
        with self._path.open(encoding="utf-8") as lines:
            for line in lines:
                waiting = _Waiting.model_validate_json(line)
                found = self._judged(waiting, ledger)
                if found is not None:
                    yield found

    def _judged(self, waiting: _Waiting, ledger: QuestionLedger) -> Wording | Problem | None:
        row = waiting.row
        record = RawRecord("rated", None, waiting.file, waiting.line)
        if row.rating < 0:
            self.counts["rated_bad"] += 1
            return _problem(waiting, "info", _complaint(row))
        if not row.entry or row.assistant != "finance":  # a calculator answered, or nothing did: no wording to learn
            self.counts["rated_left"] += 1
            return None
        fault = self._fault(row)
        claim = Claim(fault) if fault else ledger.claim(record, row.entry, row.question)
        return self._told(waiting, claim)

    def _told(self, waiting: _Waiting, claim: Claim) -> Wording | Problem | None:
        row = waiting.row
        if claim.state == "learnt":
            self.counts["rated"] += 1
            return Wording(entry=row.entry, question=row.question)
        if claim.state == "known":
            self.counts["rated_known"] += 1
            return None
        self.counts["rated_left"] += 1
        level: Literal["info", "warning"] = "warning" if claim.state == "absent" else "info"
        why = _WHY[claim.state].format(place=claim.place, entry=row.entry, also=row.also)
        return _problem(waiting, level, f"«{_short(row.question)}» не выучен: {why}")

    def _fault(self, row: RatedRow) -> str:
        """Return why a well rated question cannot be a wording at all, or nothing."""
        faults = {
            "two": row.also not in ("", row.entry),
            "short": LABEL.search(row.question) is not None or not words(row.question),
            "long": len(row.question) > _LONGEST,
            "foreign": russian_share(row.question) < _RUSSIAN_ENOUGH,
            "disputed": _pair(row) in self._bad,
        }
        return next((name for name, fault in faults.items() if fault), "")


def merge(entries: Iterable[Entry], wordings: Iterable[Wording]) -> tuple[Entry, ...]:
    """Return the entries with the learnt wordings after their own."""
    more: dict[str, list[str]] = {}
    for wording in wordings:
        more.setdefault(wording.entry, []).append(wording.question)
    return tuple(
        entry.model_copy(update={"questions": (*entry.questions, *more[entry.id])}) if entry.id in more else entry
        for entry in entries
    )


def _without_labels(question: str) -> str:
    """Return a question without «[телефон]» and its like; as it was when too few words are left."""
    if not LABEL.search(question):
        return question
    bare = _SPACED.sub(r"\1", _BLANKS.sub(" ", LABEL.sub(" ", question))).strip(" ,;:-")
    left = [word for word in words(bare) if word not in STOP_WORDS]
    return bare if len(left) >= _WORDS_LEFT else question


def _pair(row: RatedRow) -> tuple[str, str]:
    return " ".join(words(row.question)), row.entry


def _complaint(row: RatedRow) -> str:
    about = f" (запись «{row.entry}»)" if row.entry else ""
    return f"плохая оценка: «{_short(row.question)}»{about}" + (f" - {_short(row.comment)}" if row.comment else "")


def _short(text: str) -> str:
    line = _BLANKS.sub(" ", text).strip()
    return line if len(line) <= _SHOWN else line[:_SHOWN].rstrip() + "…"


def _problem(waiting: _Waiting, level: Literal["info", "warning"], message: str) -> Problem:
    return Problem(level=level, file=waiting.file, line=waiting.line, message=message)
