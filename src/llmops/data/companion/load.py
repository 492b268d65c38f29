"""`phrases.csv` → the corpus that `build-index companion` learns from.

Knows the rows; knows no sources.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

from llmops.data.companion.prepare import FIELDS, IMPORTED
from llmops.data.publication import sha256
from llmops.errors import DataError
from llmops.language.text import words
from llmops.schemas import Area, Corpus, Entry, HeldOut, Line, Reaction

LIMIT = 30_000
_HINT = "Выполните: llmops prepare-data companion"
Row = dict[str, str]


def load(path: Path, *, limit: int = LIMIT) -> Corpus:
    """Read a processed file.

    Args:
        limit: The largest number of imported situations; the newest stay, the bank stays whole.

    Raises:
        DataError: The file is absent, damaged or of another form.
    """
    book = _Book(limit)
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            if tuple(reader.fieldnames or ()) != FIELDS:
                raise DataError(f"{path}:1: столбцы не те, что пишет prepare-data.", hint=_HINT)
            for row in reader:
                book.add(row)
        return book.corpus(sha256(path))
    except FileNotFoundError as error:
        raise DataError(f"Обработанных фраз нет: {path}.", hint=_HINT) from error
    except (OSError, ValueError, csv.Error, LookupError, TypeError) as error:
        raise DataError(f"Файл {path} не читается или испорчен.", hint=_HINT) from error


class _Book:
    """Rows by their situations: the bank's, which all stay, and the imported ones."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bank: dict[str, list[Row]] = {}
        self._imported: dict[str, list[Row]] = {}
        self._held: dict[str, list[str]] = defaultdict(list)
        self._foreign: list[str] = []
        self._areas: dict[str, str] = {IMPORTED: "Из файлов"}

    def add(self, row: Row) -> None:
        """Take a row."""
        if row["role"] == "held_out":
            self._held[row["situation"]].append(row["text"])
        elif row["role"] == "foreign":
            self._foreign.append(row["text"])
        elif row["role"] == "area":
            self._areas[row["area"]] = row["text"]
        elif row["situation"] and row["area"] == IMPORTED:
            self._imported.setdefault(row["situation"], []).append(row)
            if len(self._imported) > self._limit:
                del self._imported[next(iter(self._imported))]
        elif row["situation"]:
            self._bank.setdefault(row["situation"], []).append(row)

    def corpus(self, digest: str) -> Corpus:
        """Return everything that can be both asked and answered."""
        situations = {name: rows for name, rows in {**self._bank, **self._joined()}.items() if _is_whole(rows)}
        entries = tuple(_entry(name, rows) for name, rows in situations.items())
        held = {name: texts for name, texts in self._held.items() if name in situations}
        used = dict.fromkeys(entry.area for entry in entries)
        return Corpus(
            entries=entries,
            out_of_scope=tuple(self._foreign),
            held_out=tuple(HeldOut(entry=name, questions=tuple(texts)) for name, texts in held.items()),
            areas=tuple(Area(id=area, title=self._areas.get(area, area)) for area in used),
            sha256=digest,
        )

    def _joined(self) -> dict[str, list[Row]]:
        """Return the imported situations: one for a message that was answered often, none for a message of the bank."""
        taken = {_key(row) for rows in self._bank.values() for row in rows if row["role"] in {"says", "held_out"}}
        taken.update(" ".join(words(text)) for texts in self._held.values() for text in texts)
        owners: dict[str, str] = {}
        joined: dict[str, list[Row]] = {}
        for name, rows in self._imported.items():
            asked = next((_key(row) for row in rows if row["role"] == "says"), "")
            if asked in taken:
                continue
            owner = owners.setdefault(asked, name)
            joined.setdefault(owner, []).extend(rows if owner == name else _answers(rows))
        return joined


def _key(row: Row) -> str:
    return " ".join(words(row["text"])) or row["text"]


def _answers(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["role"] != "says"]


def _is_whole(rows: list[Row]) -> bool:
    return {"reply"} <= {row["role"] for row in rows} and not {"says", "pattern"}.isdisjoint(
        row["role"] for row in rows
    )


def _entry(name: str, rows: list[Row]) -> Entry:
    head = next(row for row in rows if row["role"] == "reply")

    def texts(role: str) -> tuple[str, ...]:
        return tuple(row["text"] for row in rows if row["role"] == role)

    def lines(role: str) -> tuple[Line, ...]:
        return tuple(Line(text=row["text"], persona=row["persona"]) for row in rows if row["role"] == role)

    replies = lines("reply")
    return Entry.model_validate(
        {
            "id": name,
            "area": head["area"],
            "title": head["title"],
            "questions": texts("says"),
            "patterns": texts("pattern"),
            "answer": replies[0].text,
            "reaction": Reaction.model_validate(
                {
                    "kind": head["kind"],
                    "mood": head["mood"],
                    "replies": replies,
                    **{
                        role: lines(field)
                        for role, field in (("asks", "ask"), ("yes", "yes"), ("no", "no"), ("more", "more"))
                    },
                }
            ),
        }
    )
