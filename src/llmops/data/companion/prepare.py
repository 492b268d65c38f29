"""`prepare-data companion`: the bank and messy real text → `phrases.csv` with its manifest.

Streams: rows are written as they are read. The output appears whole or not at all. Knows no index.
"""

from __future__ import annotations

import csv
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, TextIO, get_args

from llmops.data.companion.bank import HeldOutSays, MoreSays, Placed, Situation, read_bank, rows
from llmops.data.companion.cleaning import CHANGES, DROPS, Keep, clean
from llmops.data.companion.imported import Tally, exchanges, shortened
from llmops.data.companion.pairing import Exchanged, Names
from llmops.data.companion.remarks import Ledger, Remark, more_remarks, remarks
from llmops.data.companion.talks import READERS, Item, Rated
from llmops.data.publication import manifest_path, publish, sha256
from llmops.errors import DataError, StorageError
from llmops.schemas import Phrase, PhraseRole, Problem, Report, ReportCount

SCHEMA_VERSION = 1
FIELDS = tuple(Phrase.model_fields)
_BANK = frozenset({".yaml", ".yml"})
_KEEP_PROBLEMS = 1000
_TITLE_CHARS = 60
_TOLD_EVERY, _USUAL_BYTES = 2000, 80
IMPORTED = "imported"
ROLES = frozenset(get_args(PhraseRole))
Level = Literal["error", "warning"]
_KEEP_NOTHING = Keep()
_TITLES = {
    "situations": "ситуаций", "says": "формулировок", "pattern": "шаблонов", "reply": "ответов", "ask": "вопросов",
    "yes": "ответов на «да»", "no": "ответов на «нет»", "more": "продолжений", "held_out": "отложенных сообщений",
    "foreign": "сообщений вне ситуаций", "exchanges": "диалогов из файлов", "phrase": "отдельных фраз",
    "rated": "формулировок выучено из оценок", "rated_bad": "плохих оценок, работа для автора",
}  # fmt: skip

Progress = Callable[[int, int], None]


def find(source: Path) -> list[Path]:
    """Return the files of a folder, the bank first, or the file itself; personas are no phrases.

    Raises:
        DataError: Nothing is there, or the file's kind is unknown.
    """
    kinds = {*_BANK, *READERS}
    if source.is_file():
        if source.suffix.lower() not in kinds:
            raise DataError(f"Файл {source}: вид неизвестен.", hint=f"Годятся: {', '.join(sorted(kinds))}.")
        return [source]
    if not source.is_dir():
        raise DataError(f"Исходных данных нет: {source}.", hint="Укажите файл или папку через --source.")
    files = [path for path in source.rglob("*") if path.suffix.lower() in kinds and path.is_file()]
    files = [path for path in files if not path.name.endswith(".manifest.json")]
    found = [path for path in files if path.parent.name != "personas"]
    if not found:
        raise DataError(f"В папке {source} нет файлов с фразами.", hint=f"Годятся: {', '.join(sorted(kinds))}.")
    return sorted(found, key=lambda path: (path.suffix.lower() not in _BANK, str(path)))


class _Stage:
    """Writes rows and gathers findings."""

    def __init__(self, out: TextIO, personas: Mapping[str, bool]) -> None:
        self._writer = csv.writer(out, lineterminator="\n")
        self._writer.writerow(FIELDS)
        self._ledger = Ledger(personas)
        self._areas: set[str] = set()
        self._heads: dict[str, tuple[str, str, str, str]] = {}
        self._names = Names()
        self._referred: list[tuple[str, str, int]] = []
        self.counts: Counter[str] = Counter()
        self.levels: Counter[str] = Counter()
        self.problems: list[Problem] = []
        self.tally = Tally()

    def find(self, problem: Problem) -> None:
        """Keep a finding."""
        self.levels[problem.level] += 1
        if len(self.problems) < _KEEP_PROBLEMS:
            self.problems.append(problem)

    def bank(self, path: Path) -> None:
        """Take a file of the bank."""
        for item in read_bank(path):
            if isinstance(item, Problem):
                self.find(item)
                continue
            for remark in self._remarks(item):
                line = item.lines.get(remark.text, item.line)
                level: Level = "error" if remark.broken else "warning"
                self.find(Problem(level=level, file=item.file, line=line, message=remark.message))
            if isinstance(item.value, Situation):
                value = item.value
                self._area(item.area, item.area_title)
                self._heads[value.id] = (item.area, value.title, value.kind, value.mood)
                self.counts["situations"] += 1
            for row in rows(item):
                self._write(*(getattr(row, name) for name in FIELDS))

    def _area(self, area: str, title: str) -> None:
        if area not in self._areas:
            self._areas.add(area)
            self._write("", area, "", "talk", "neutral", "area", "", title)

    def _remarks(self, item: Placed) -> Iterator[Remark]:
        value = item.value
        if isinstance(value, Situation):
            return remarks(value, self._ledger)
        if isinstance(value, MoreSays):
            self._referred.append((value.situation, item.file, item.line))
            return more_remarks(value, self._ledger, held_out=isinstance(value, HeldOutSays))
        return iter(())

    def end_bank(self) -> None:
        """Tell of wordings whose situation is nowhere."""
        for situation, file, line in self._referred:
            if situation not in self._ledger.ids and situation not in self._heads:
                self.find(Problem(level="warning", file=file, line=line, message=f"ситуации «{situation}» нет"))

    def own(self, path: Path, keep: Keep) -> None:
        """Take a file that this stage has written; what was imported is cleaned again: a hand may have been at it."""
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            next(reader)
            numbered = ((reader.line_num, fields) for fields in reader)
            for _, group in groupby(numbered, lambda row: row[1][0] if row[1] and row[1][0] else row[0]):
                self._own(path, list(group), keep)

    def _own(self, path: Path, group: list[tuple[int, list[str]]], keep: Keep) -> None:
        """Take the rows of one situation, or a row of none."""
        for line, fields in group:
            if len(fields) != len(FIELDS) or fields[5] not in ROLES or not fields[7].strip():
                self.find(Problem(level="error", file=str(path), line=line, message="это не строка phrases.csv"))
                return
        for line, fields in group:
            if fields[1] == IMPORTED:
                cleaned = clean(fields[7], keep)
                if cleaned.dropped:
                    self.tally.note(f"убрано: {cleaned.dropped}", str(path), line, fields[7])
                    return
                fields[7] = cleaned.text
        self._take_rows([fields for _, fields in group])

    def _take_rows(self, group: list[list[str]]) -> None:
        for fields in group:
            if fields[0] and fields[1] != IMPORTED:
                if fields[1]:
                    self._heads.setdefault(fields[0], (fields[1], fields[2], fields[3], fields[4]))
                if fields[5] in {"says", "held_out"}:
                    self._ledger.says(fields[7], fields[0])
            self._write(*fields)

    def take(self, item: Exchanged | Rated | Problem) -> None:
        """Take an exchange, a rating or a problem of an imported file."""
        if isinstance(item, Problem):
            self.find(item)
        elif isinstance(item, Rated):
            self._rated(item)
        elif item.message:
            identifier, title = self._names.of(item), item.message[:_TITLE_CHARS]
            self._write(identifier, IMPORTED, title, "talk", "neutral", "says", "", item.message)
            self._write(identifier, IMPORTED, title, "talk", "neutral", "reply", "", item.reply)
            self.counts["exchanges"] += 1
        else:
            self._write("", IMPORTED, "", "talk", "neutral", "phrase", "", item.reply)

    def _rated(self, rated: Rated) -> None:
        if not rated.good:
            self.counts["rated_bad"] += 1
            about = f"ситуация «{rated.situation}»" if rated.situation else "ситуация не найдена"
            self._tell(rated, f"плохая оценка, {about}: {shortened(f'{rated.question} {rated.comment}')}")
            return
        question = clean(rated.question, _KEEP_NOTHING)
        head = self._heads.get(rated.situation)
        if head is None:
            self._tell(rated, f"оценка не выучена: ситуации «{rated.situation}» в банке нет")
        elif question.dropped:
            self._tell(rated, f"оценка не выучена: {question.dropped}")
        elif not self._ledger.says(question.text, rated.situation):
            self._write(rated.situation, *head, "says", "", question.text)
            self.counts["rated"] += 1

    def _tell(self, rated: Rated, message: str) -> None:
        self.find(Problem(level="info", file=rated.file, line=rated.line, message=message))

    def _write(self, *fields: str) -> None:
        self._writer.writerow(fields)
        self.counts[fields[5]] += 1


def prepare(
    source: Path,
    out: Path,
    *,
    personas: Mapping[str, bool],
    keep: Keep = _KEEP_NOTHING,
    workers: int = 1,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Read the bank and imported files of a folder, or one file, and write `out` and its manifest beside it.

    Args:
        personas: The ids of the personas, and whether each says «вы».
        workers: Processes that clean imported text.
        progress: Called with bytes done and bytes in all.

    Returns:
        The report; when it holds errors nothing was written and the earlier output stands.

    Raises:
        DataError: A file cannot be read at all.
        StorageError: The output folder cannot be written.
    """
    started, files = time.perf_counter(), find(source)
    outputs: dict[str, str] = {}
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".prepare-", dir=out.parent) as name:
            folder = Path(name)
            with (folder / out.name).open("w", encoding="utf-8", newline="") as stream:
                stage = _Stage(stream, personas)
                _read(files, stage, keep, workers, progress)
            inputs = {
                path.name if path == source else path.relative_to(source).as_posix(): sha256(path) for path in files
            }
            if not stage.levels["error"]:
                outputs = publish(folder, out, inputs, stage.counts, schema=SCHEMA_VERSION)
    except OSError as error:
        if error.filename and Path(error.filename) in files:
            raise DataError(f"Файл {error.filename} не читается: {error.strerror or error}") from error
        raise StorageError(
            f"Не удалось записать {out}: {error.strerror or error}.", hint="Освободите место или укажите --out."
        ) from error
    parameters = {"source": source.name, "keep": ", ".join(name for name in Keep._fields if getattr(keep, name))}
    return Report(
        stage="prepare-data companion",
        parameters=parameters,
        artefacts=(str(manifest_path(out).absolute()),) if outputs else (),
        counts=tuple(_figures(stage)),
        problems=(*stage.problems, *stage.tally.samples),
        problems_left_out=sum(stage.levels.values()) - len(stage.problems),
        inputs=inputs,
        outputs=outputs,
        seconds=time.perf_counter() - started,
    )


def _read(files: list[Path], stage: _Stage, keep: Keep, workers: int, progress: Progress) -> None:
    """Read the bank first: ratings and what is imported refer to it."""
    total, done, imported = sum(path.stat().st_size for path in files), 0, []
    for path in files:
        with _named(path):
            if path.suffix.lower() in _BANK:
                stage.bank(path)
            elif _is_own(path):
                stage.own(path, keep)
            else:
                imported.append(path)
                continue
        done += path.stat().st_size
        progress(done, total)
    stage.end_bank()
    items = _items(imported, lambda passed: progress(done + passed, total))
    for item in exchanges(items, keep, workers, stage.tally):
        stage.take(item)


def _items(files: list[Path], progress: Callable[[int], None]) -> Iterator[Item]:
    passed = 0
    for path in files:
        size = path.stat().st_size
        with _named(path):
            for number, item in enumerate(READERS[path.suffix.lower()](path), 1):
                if number % _TOLD_EVERY == 0:
                    progress(passed + min(size, number * _USUAL_BYTES))
                yield item
        passed += size
        progress(passed)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Tell which file it was that is no text or no table."""
    try:
        yield
    except UnicodeError as error:
        raise DataError(f"{path}: текст испорчен ({error}).", hint="Сохраните файл в UTF-8.") from error
    except csv.Error as error:
        raise DataError(f"{path}: CSV не читается: {error}.") from error


def _is_own(path: Path) -> bool:
    if path.suffix.lower() != ".csv":
        return False
    with path.open("rb") as stream:
        return stream.readline(200).decode("utf-8", "replace").strip() == ",".join(FIELDS)


def _figures(stage: _Stage) -> Iterator[ReportCount]:
    told = stage.tally.counts
    figures = [(title, key, stage.counts[key]) for key, title in _TITLES.items()]
    figures += [
        (f"сообщений {name}", key, told[name]) for name, key in (("прочитано", "read"), ("изменено", "changed"))
    ]
    for word, key, names in (("изменено", "changed", CHANGES), ("убрано", "dropped", DROPS)):
        figures += [
            (f"{word}: {name}", f"{key}_{number}", told[f"{word}: {name}"]) for number, name in enumerate(names)
        ]
    for title, key, value in figures:
        if value:
            yield ReportCount(name=title, key=key, value=value)


def persona_addresses(folder: Path) -> dict[str, bool]:
    """Return the ids of the personas of a folder, and whether each says «вы»."""
    found: dict[str, Any] = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))}
    return {name: "\naddress: вы" in text for name, text in found.items()}
