"""`prepare-data finance`: source files → `final_data.json` with its manifest.

Streams: records are read, checked and written one at a time. The output appears whole or not at all.
Knows no index.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TextIO

from filelock import FileLock
from pydantic import BaseModel

from llmops import __version__
from llmops.data.checks import QuestionLedger, validate
from llmops.data.sources import Note, RawRecord, find, read
from llmops.errors import DataError, StorageError
from llmops.schemas import Corpus, Entry, PolicyRule, Problem, Report, ReportCount

SCHEMA_VERSION = 1
_SECTIONS = {"area": "areas", "entry": "entries", "policy": "policy", "out_of_scope": "out_of_scope", "concept": "concepts", "held_out": "held_out"}
_TITLES = {"entry": "записей", "question": "вопросов", "pattern": "шаблонов", "policy": "правил отказа", "out_of_scope": "сообщений вне темы", "concept": "понятий", "held_out": "записей с отложенными вопросами", "area": "областей"}
_KEEP_PROBLEMS = 1000

Progress = Callable[[int, int], None]


class _Sections:
    """One temporary file per section of the output, so that any source may hold any kind of record."""

    def __init__(self, folder: Path) -> None:
        self._paths = {kind: folder / name for kind, name in _SECTIONS.items()}
        self._streams: dict[str, TextIO] = {kind: path.open("w", encoding="utf-8") for kind, path in self._paths.items()}

    def write(self, kind: str, value: BaseModel | str) -> None:
        data = value if isinstance(value, str) else value.model_dump(mode="json", exclude_defaults=True)
        self._streams[kind].write(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")

    def join(self, out: Path) -> None:
        """Write all sections as one JSON document, a record a line."""
        for stream in self._streams.values():
            stream.close()
        with out.open("w", encoding="utf-8", newline="\n") as target:
            target.write(f'{{"schema_version":{SCHEMA_VERSION}')
            for kind, name in _SECTIONS.items():
                target.write(f',\n"{name}":[')
                with self._paths[kind].open(encoding="utf-8") as lines:
                    for number, line in enumerate(lines):
                        target.write((",\n" if number else "\n") + line.rstrip("\n"))
                target.write("\n]")
            target.write("}\n")
            target.flush()
            os.fsync(target.fileno())


class _Findings:
    """Problems as they come: all are counted, the first thousand are kept."""

    def __init__(self) -> None:
        self.levels: Counter[str] = Counter()
        self.kept: list[Problem] = []

    def add(self, problem: Problem) -> None:
        self.levels[problem.level] += 1
        if len(self.kept) < _KEEP_PROBLEMS:
            self.kept.append(problem)


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
    findings, counts = _Findings(), Counter[str]()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".prepare-", dir=out.parent))
    except OSError as error:
        raise StorageError(f"В папку {out.parent} нельзя писать: {error.strerror or error}.", hint="Укажите другую через --out.") from error
    try:
        sections = _Sections(folder)
        with QuestionLedger(folder / "ledger.db") as ledger:
            _stream(files, sections, ledger, findings, counts, today=today, progress=progress)
        outputs: dict[str, str] = {}
        inputs = {path.name if path == source else path.relative_to(source).as_posix(): _sha256(path) for path in files}
        if not findings.levels["error"]:
            sections.join(folder / out.name)
            outputs = _publish(folder, out, inputs, counts)
    except OSError as error:
        raise StorageError(f"Не удалось записать {out}: {error.strerror or error}.", hint="Освободите место или укажите --out.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    figures = [ReportCount(name=title, value=counts[kind]) for kind, title in _TITLES.items() if counts[kind]]
    return Report(
        stage="prepare-data finance",
        counts=tuple(figures),
        problems=tuple(findings.kept),
        problems_left_out=sum(findings.levels.values()) - len(findings.kept),
        inputs=inputs,
        outputs=outputs,
        seconds=time.perf_counter() - started,
    )


def _stream(
    files: list[Path], sections: _Sections, ledger: QuestionLedger, findings: _Findings, counts: Counter[str], *, today: date, progress: Progress
) -> None:
    total = sum(path.stat().st_size for path in files)
    done = 0
    related: list[tuple[RawRecord, str]] = []
    for path in files:
        size, seen = path.stat().st_size, 0
        for item in read(path):
            seen += 1
            if seen % 2000 == 0:
                progress(done + min(size, seen * 200), total)
            if isinstance(item, Note):
                findings.add(Problem.model_validate({"level": item.level, "file": item.file, "line": item.line, "message": item.message}))
                continue
            value, problems = validate(item, today)
            for problem in problems:
                findings.add(problem)
            if value is not None:
                _keep(item, value, sections, ledger, findings, counts, related)
        done += size
        progress(done, total)
    for record, identifier in related:
        if not ledger.has(identifier):
            findings.add(Problem(level="warning", file=record.file, line=record.line, message=f"related: записи «{identifier}» нет"))


def _keep(
    record: RawRecord, value: BaseModel | str, sections: _Sections, ledger: QuestionLedger, findings: _Findings, counts: Counter[str], related: list[tuple[RawRecord, str]]
) -> None:
    if isinstance(value, (Entry, PolicyRule)):
        for problem in ledger.add(record, value.id, value.questions, value.answer):
            findings.add(problem)
        counts["question"] += len(value.questions)
        counts["pattern"] += len(value.patterns)
    if isinstance(value, Entry) and value.related:
        bare = RawRecord(record.kind, None, record.file, record.line)
        related.extend((bare, identifier) for identifier in value.related)
    sections.write(record.kind, value)
    counts[record.kind] += 1


def _publish(folder: Path, out: Path, inputs: dict[str, str], counts: Counter[str]) -> dict[str, str]:
    """Rename the finished files into place; the manifest last, since it names the data's hash."""
    digest = _sha256(folder / out.name)
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "tool_version": __version__,
        "data_sha256": digest,
        "counts": dict(sorted(counts.items())),
        "sources": inputs,
    }
    manifest_name = f"{out.stem}.manifest.json"
    (folder / manifest_name).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    with FileLock(folder.parent / f".{out.name}.lock", timeout=60):
        (folder / out.name).replace(out)
        (folder / manifest_name).replace(out.with_name(manifest_name))
    return {out.name: digest}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


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
        return Corpus.model_validate({**document, "sha256": hashlib.sha256(text.encode()).hexdigest()})
    except FileNotFoundError as error:
        raise DataError(f"Обработанных данных нет: {path}.", hint=hint) from error
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise DataError(f"Файл {path} не читается или испорчен.", hint=hint) from error
