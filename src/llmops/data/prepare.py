"""`prepare-data finance`: source files → `final_data.json` with its manifest.

Streams: records are read, checked and written one at a time. The output appears whole or not at all.
Knows no index.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TextIO

from pydantic import BaseModel

from llmops.data.checks import QuestionLedger, RatedRow, validate
from llmops.data.publication import manifest_path, publish, sha256
from llmops.data.rated import RatedRows, Wording, merge
from llmops.data.sources import Note, RawRecord, find, read
from llmops.errors import DataError, StorageError
from llmops.schemas import Corpus, Entry, HeldOut, PolicyRule, Problem, Report, ReportCount

SCHEMA_VERSION = 1
_SECTIONS = {
    "area": "areas",
    "entry": "entries",
    "policy": "policy",
    "out_of_scope": "out_of_scope",
    "concept": "concepts",
    "held_out": "held_out",
    "rated": "rated",
}
_LEARNT = "rated"  # of its own, since entries are written before ratings are judged; left out when it is empty
_TITLES = {
    "entry": "записей",
    "question": "вопросов",
    "pattern": "шаблонов",
    "policy": "правил отказа",
    "out_of_scope": "сообщений вне темы",
    "concept": "понятий",
    "held_out": "записей с отложенными вопросами",
    "area": "областей",
    "rated": "формулировок выучено из оценок",
    "rated_known": "оценённых вопросов уже были в базе",
    "rated_left": "оценённых вопросов не выучено",
    "rated_bad": "плохих оценок, работа для автора",
}
_KEEP_PROBLEMS = 1000

Progress = Callable[[int, int], None]


class _Sections:
    """One temporary file per section of the output, so that any source may hold any kind of record."""

    def __init__(self, folder: Path) -> None:
        self._paths = {kind: folder / name for kind, name in _SECTIONS.items()}
        self._streams: dict[str, TextIO] = {
            kind: path.open("w", encoding="utf-8") for kind, path in self._paths.items()
        }

    def write(self, kind: str, value: BaseModel | str) -> None:
        data = value if isinstance(value, str) else value.model_dump(mode="json", exclude_defaults=True)
        self._streams[kind].write(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")

    def close(self) -> None:
        """Close the files; what was written stays."""
        for stream in self._streams.values():
            stream.close()

    def join(self, out: Path) -> None:
        """Write all sections as one JSON document, a record a line."""
        with out.open("w", encoding="utf-8", newline="\n") as target:
            target.write(f'{{"schema_version":{SCHEMA_VERSION}')
            for kind, name in _SECTIONS.items():
                if kind == _LEARNT and not self._paths[kind].stat().st_size:
                    continue
                target.write(f',\n"{name}":[')
                with self._paths[kind].open(encoding="utf-8") as lines:
                    for number, line in enumerate(lines):
                        target.write((",\n" if number else "\n") + line.rstrip("\n"))
                target.write("\n]")
            target.write("}\n")
            target.flush()
            os.fsync(target.fileno())


class _Stage:
    """Reads files and sorts their records: good ones into sections, findings into the report."""

    def __init__(self, folder: Path, today: date) -> None:
        self._sections, self._today = _Sections(folder), today
        self._rated = RatedRows(folder / "rated.waiting")
        self._related: list[tuple[RawRecord, str]] = []
        self.levels: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.problems: list[Problem] = []

    def run(self, files: list[Path], ledger: QuestionLedger, progress: Progress) -> None:
        """Read every file, one record at a time."""
        with closing(self._sections), self._rated:
            self._read(files, ledger, progress)
            self._learn(ledger)

    def _read(self, files: list[Path], ledger: QuestionLedger, progress: Progress) -> None:
        total, done = sum(path.stat().st_size for path in files), 0
        for path in files:
            size = path.stat().st_size
            for number, item in enumerate(read(path), 1):
                if number % 2000 == 0:
                    progress(done + min(size, number * 200), total)
                self._take(item, ledger)
            done += size
            progress(done, total)
        for record, identifier in self._related:
            if not ledger.has(identifier):
                text = f"related: записи «{identifier}» нет"
                self._find(Problem(level="warning", file=record.file, line=record.line, message=text))

    def _learn(self, ledger: QuestionLedger) -> None:
        """Judge the ratings, now that all entries are known."""
        for found in self._rated.judge(ledger):
            if isinstance(found, Wording):
                self._sections.write(_LEARNT, found)
            else:
                self._find(found)
        self.counts.update(self._rated.counts)

    def join(self, out: Path) -> None:
        """Write all sections as one document."""
        self._sections.join(out)

    def _take(self, item: RawRecord | Note, ledger: QuestionLedger) -> None:
        if isinstance(item, Note):
            fields = {"level": item.level, "file": item.file, "line": item.line, "message": item.message}
            self._find(Problem.model_validate(fields))
            return
        value, problems = validate(item, self._today)
        for problem in problems:
            self._find(problem)
        if value is not None:
            self._keep(item, value, ledger)

    def _find(self, problem: Problem) -> None:
        self.levels[problem.level] += 1
        if len(self.problems) < _KEEP_PROBLEMS:
            self.problems.append(problem)

    def _keep(self, record: RawRecord, value: BaseModel | str, ledger: QuestionLedger) -> None:
        if isinstance(value, RatedRow):
            self._rated.add(record, value)
            return
        if isinstance(value, HeldOut):
            ledger.reserve(record, value.questions, "отложен для проверки")
        elif isinstance(value, str):
            ledger.reserve(record, (value,), "сообщение вне темы")
        if isinstance(value, (Entry, PolicyRule)):
            for problem in ledger.add(record, value.id, value.questions, value.answer):
                self._find(problem)
            self.counts["question"] += len(value.questions)
            self.counts["pattern"] += len(value.patterns)
        if isinstance(value, Entry) and value.related:
            bare = RawRecord(record.kind, None, record.file, record.line)
            self._related.extend((bare, identifier) for identifier in value.related)
        self._sections.write(record.kind, value)
        self.counts[record.kind] += 1


def prepare(source: Path, out: Path, *, today: date, progress: Progress = lambda done, total: None) -> Report:
    """Read a source file or folder, check every record, and write `out` and its manifest beside it.

    Args:
        today: Entries whose `valid_until` has passed on this day are reported.
        progress: Called with bytes done and bytes in all.

    Returns:
        The report; when it holds errors nothing was written and the earlier output stands.

    Raises:
        DataError: A file cannot be read at all.
        StorageError: The output folder cannot be written.
    """
    started = time.perf_counter()
    files = find(source)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".prepare-", dir=out.parent) as name:
            folder = Path(name)
            stage = _Stage(folder, today)
            with QuestionLedger(folder / "ledger.db") as ledger:
                stage.run(files, ledger, progress)
            inputs = {_name(path, source): sha256(path) for path in files}
            outputs: dict[str, str] = {}
            if not stage.levels["error"]:
                stage.join(folder / out.name)
                outputs = publish(folder, out, inputs, stage.counts, schema=SCHEMA_VERSION)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise StorageError(
            f"Не удалось записать {out}: {reason}.", hint="Освободите место или укажите --out."
        ) from error
    figures = [
        ReportCount(name=title, key=kind, value=stage.counts[kind])
        for kind, title in _TITLES.items()
        if stage.counts[kind]
    ]
    return Report(
        stage="prepare-data finance",
        parameters={"source": source.name, "today": today.isoformat()},
        artefacts=(str(manifest_path(out).absolute()),) if outputs else (),
        counts=tuple(figures),
        problems=tuple(stage.problems),
        problems_left_out=sum(stage.levels.values()) - len(stage.problems),
        inputs=inputs,
        outputs=outputs,
        seconds=time.perf_counter() - started,
    )


def _name(path: Path, source: Path) -> str:
    return path.name if path == source else path.relative_to(source).as_posix()


def load(path: Path) -> Corpus:
    """Read a processed file.

    Raises:
        DataError: The file is absent, damaged or of another schema.
    """
    hint = "Выполните: llmops prepare-data finance"
    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text)
        if document.pop("schema_version") != SCHEMA_VERSION:
            raise DataError(f"{path}: файл сделан другой версией программы.", hint=hint)
        learnt = [Wording.model_validate(item) for item in document.pop(_LEARNT, ())]
        corpus = Corpus.model_validate({**document, "sha256": hashlib.sha256(text.encode()).hexdigest()})
        return corpus.model_copy(update={"entries": merge(corpus.entries, learnt)}) if learnt else corpus
    except FileNotFoundError as error:
        raise DataError(f"Обработанных данных нет: {path}.", hint=hint) from error
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise DataError(f"Файл {path} не читается или испорчен.", hint=hint) from error
