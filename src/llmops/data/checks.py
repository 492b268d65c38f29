"""Checks of raw records: the schema, the texts, and questions that lead to different answers.

Knows what a good entry is; knows no files.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ValidationError

from llmops.data.sources import RawRecord
from llmops.language.patterns import PatternError, split
from llmops.language.stems import content_stems
from llmops.language.text import clean, has_control, russian_share, words
from llmops.schemas import Area, Concept, Entry, HeldOut, PolicyRule, Problem, Text, Value

_SIGNS = {"+": 1, "+1": 1, "1": 1, "1.0": 1, "-": -1, "−": -1, "-1": -1, "−1": -1, "-1.0": -1}


class RatedRow(Value):
    """A rated answer, as `feedback export` writes it or a person fills it in.

    Args:
        entry: The id of the entry that answered.
        also: The id of a second entry that was shown.
    """

    question: Text
    answer: str = ""
    rating: Annotated[Literal[-1, 1], BeforeValidator(lambda value: _SIGNS.get(str(value).strip(), value))]
    comment: str = ""
    entry: str = ""
    also: str = ""
    assistant: str = "finance"
    rated_at: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What became of a wording that asks for an entry.

    Args:
        state: `learnt` · `known` · `absent` (no such entry) · `reserved` · `taken` (another answer has it), or why it
            was not even asked for.
        place: Who has it.
    """

    state: str
    place: str = ""


_MODELS: dict[str, type[BaseModel]] = {
    "area": Area,
    "entry": Entry,
    "policy": PolicyRule,
    "concept": Concept,
    "held_out": HeldOut,
    "rated": RatedRow,
}
_RUSSIAN_ENOUGH = 0.5
_WHAT = {
    "missing": "нет поля",
    "extra_forbidden": "неизвестное поле",
    "string_too_short": "пустой текст в поле",
    "too_short": "пусто в поле",
    "string_type": "не текст в поле",
    "string_pattern_mismatch": "недопустимые знаки в поле",
    "string_too_long": "слишком длинный текст в поле",
    "tuple_type": "не список в поле",
    "literal_error": "не +1 и не -1 в поле",
}


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def validate(record: RawRecord, today: date) -> tuple[BaseModel | str | None, list[Problem]]:
    """Return the record as a value, cleaned, or None when it cannot be used; and what was found.

    An out-of-scope record is a plain text.
    """
    problems: list[Problem] = []

    def say(level: Any, message: str) -> None:
        problems.append(Problem(level=level, file=record.file, line=record.line, message=message))

    if any(has_control(text) for text in _texts(record.fields)):
        say("repaired", "убраны управляющие или невидимые знаки")
    fields = _cleaned(record.fields)
    if record.kind == "out_of_scope":
        return _out_of_scope(fields, say), problems
    try:
        value = _MODELS[record.kind].model_validate(fields)
    except ValidationError as error:
        name = f"«{fields.get('id')}»: " if isinstance(fields, dict) and fields.get("id") else ""
        for detail in error.errors():
            place = ".".join(str(part) for part in detail["loc"]) or "записи"
            say("error", f"{name}{_WHAT.get(detail['type'], 'не годится поле')} {place}")
        return None, problems
    _look_at(value, today, say)
    return (None if any(problem.level == "error" for problem in problems) else value), problems


def _out_of_scope(text: Any, say: Any) -> str | None:
    if isinstance(text, str) and text.strip():
        return text
    say("error", "сообщение вне темы должно быть непустым текстом")
    return None


def _look_at(value: BaseModel, today: date, say: Any) -> None:
    for pattern in getattr(value, "patterns", ()):
        try:
            split(pattern)
        except PatternError as error:
            say("error", f"шаблон «{pattern}»: {error}")
    if isinstance(value, Entry):
        if value.valid_until and value.valid_until < today:
            say("warning", f"«{value.id}»: срок действия истёк {value.valid_until:%d.%m.%Y}")
        for name, text in (
            ("answer", value.answer),
            *(("questions", question) for question in value.questions),
        ):
            if russian_share(text) < _RUSSIAN_ENOUGH and words(text) != ["".join(words(text))]:
                say("warning", f"«{value.id}»: текст не по-русски в поле {name}: «{text[:60]}»")


class QuestionLedger:
    """Remembers ids and questions on disk, so that memory does not grow with the data.

    Two questions are near duplicates when they have the same content stems in any order and form.

    Args:
        path: A file that may be overwritten; removed on exit.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.unlink(missing_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(
            "pragma journal_mode=off; pragma synchronous=off; pragma cache_size=-8192;"
            "create table ids(id text primary key, file text, line int, answer blob) without rowid;"
            "create table reserved(key blob primary key, place text) without rowid;"
            "create table questions(key blob, exact blob, answer blob, file text, line int,"
            " primary key(key, answer, exact)) without rowid;"
            "begin;"
        )

    def __enter__(self) -> QuestionLedger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self._path.unlink(missing_ok=True)

    def add(self, record: RawRecord, identifier: str, questions: tuple[str, ...], answer: str) -> Iterator[Problem]:
        """Remember a record; yield what repeats an earlier one."""
        mark = _digest(answer)
        row = (identifier, record.file, record.line, mark if record.kind == "entry" else None)
        if not self._database.execute("insert or ignore into ids values(?,?,?,?)", row).rowcount:
            known = self._database.execute("select file, line from ids where id=?", (identifier,)).fetchone()
            yield self._problem("error", record, f"id «{identifier}» уже есть: {known[0]}:{known[1]}")
            return
        for question in questions:
            yield from self._question(record, question, mark)

    def has(self, identifier: str) -> bool:
        """Tell whether a record with this id was added."""
        return self._database.execute("select 1 from ids where id=?", (identifier,)).fetchone() is not None

    def reserve(self, record: RawRecord, questions: tuple[str, ...], what: str) -> None:
        """Keep questions, in any order and form of their words, from being claimed."""
        place = f"{what}, {record.file}:{record.line}"
        rows = [(_key(question), place) for question in questions]
        self._database.executemany("insert or ignore into reserved values(?,?)", rows)

    def claim(self, record: RawRecord, entry: str, question: str) -> Claim:
        """Make a question a wording of an entry, unless it is one already or belongs to something else."""
        owner = self._database.execute("select answer from ids where id=?", (entry,)).fetchone()
        if owner is None or owner[0] is None:
            return Claim("absent")
        answer, key, exact = owner[0], _key(question), _exact(question)
        if held := self._database.execute("select place from reserved where key=?", (key,)).fetchone():
            return Claim("reserved", held[0])
        asked = "select file, line from questions where key=? and "
        if other := self._database.execute(asked + "answer<>? limit 1", (key, answer)).fetchone():
            return Claim("taken", f"{other[0]}:{other[1]}")
        if self._database.execute(asked + "answer=? and exact=?", (key, answer, exact)).fetchone():
            return Claim("known")
        row = (key, exact, answer, record.file, record.line)
        self._database.execute("insert into questions values(?,?,?,?,?)", row)
        return Claim("learnt")

    def _question(self, record: RawRecord, question: str, answer: bytes) -> Iterator[Problem]:
        exact, key = _exact(question), _key(question)
        other = self._database.execute(
            "select exact, file, line from questions where key=? and answer<>? order by exact<>? limit 1",
            (key, answer, exact),
        ).fetchone()
        if other:
            level, kind = ("error", "") if other[0] == exact else ("warning", "почти ")
            yield self._problem(
                level,
                record,
                f"вопрос «{question}» {kind}повторяется с другим ответом: {other[1]}:{other[2]}",
            )
        self._database.execute(
            "insert or ignore into questions values(?,?,?,?,?)",
            (key, exact, answer, record.file, record.line),
        )

    @staticmethod
    def _problem(level: Any, record: RawRecord, message: str) -> Problem:
        return Problem(level=level, file=record.file, line=record.line, message=message)


def _exact(question: str) -> bytes:
    return _digest(" ".join(words(question)))


def _key(question: str) -> bytes:
    return _digest(" ".join(sorted(set(content_stems(question)))))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=12).digest()
