"""Source files to raw records, one at a time: YAML, CSV, JSONL, XLSX, and a Python file holding one dictionary.

Knows formats and line numbers; knows nothing of what a good entry is. Nothing is executed: YAML may not hold
aliases or tags, Python is parsed as a literal.
"""

from __future__ import annotations

import ast
import csv
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import yaml

from llmops.data.encoding import open_text, repaired
from llmops.data.safe_yaml import YamlBuilder, compose
from llmops.errors import DataError

_WHOLE_FILE_LIMIT = 64 << 20
_WHOLE_FILE_MB = _WHOLE_FILE_LIMIT >> 20
_YAML_KINDS = {
    "entries": "entry",
    "policy": "policy",
    "out_of_scope": "out_of_scope",
    "concepts": "concept",
    "held_out": "held_out",
}
_COLUMNS = {
    "вопрос": "question",
    "вопросы": "questions",
    "ответ": "answer",
    "тема": "area",
    "заголовок": "title",
    "оценка": "rating",
    "комментарий": "comment",
    "запись": "entry",
}
_NEEDED = frozenset({"question", "answer", "rating"})
_LIST_FIELDS = frozenset({"questions", "patterns", "related"})


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record as it stands in a file, not yet checked."""

    kind: str
    fields: Any
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Note:
    """Something that reading repaired or could not use."""

    level: str
    file: str
    line: int
    message: str


Item = RawRecord | Note


def find(source: Path) -> list[Path]:
    """Return the source files of a folder in the order of their names, or the file itself.

    Raises:
        DataError: Nothing is there, or the file's kind is unknown.
    """
    if source.is_file():
        if source.suffix.lower() not in _READERS:
            known = ", ".join(sorted(_READERS))
            raise DataError(f"Файл {source}: вид «{source.suffix}» неизвестен.", hint=f"Годятся: {known}.")
        return [source]
    if not source.is_dir():
        raise DataError(f"Исходных данных нет: {source}.", hint="Укажите файл или папку через --source.")
    found = sorted(path for path in source.rglob("*") if path.suffix.lower() in _READERS and path.is_file())
    if not found:
        raise DataError(f"В папке {source} нет файлов с данными.", hint="Годятся: " + ", ".join(sorted(_READERS)) + ".")
    return found


def read(path: Path) -> Iterator[Item]:
    """Yield the records of one file in order, and notes on what was repaired.

    Raises:
        DataError: The file as a whole cannot be read; the sentence names file and line.
    """
    try:
        yield from _READERS[path.suffix.lower()](path)
    except UnicodeError as error:
        raise DataError(f"{path}: текст испорчен ({error}).", hint="Сохраните файл в UTF-8.") from error
    except OSError as error:
        raise DataError(f"Файл {path} не читается: {error.strerror or error}") from error


def _encoding_note(path: Path, encoding: str) -> Iterator[Note]:
    if encoding not in ("utf-8", "ascii"):
        yield Note("repaired", str(path), 1, f"кодировка {encoding} прочитана как есть; лучше хранить в UTF-8")


def _whole(path: Path) -> tuple[str, str]:
    if path.stat().st_size > _WHOLE_FILE_LIMIT:
        raise DataError(f"Файл {path} больше {_WHOLE_FILE_MB} МБ.", hint="Большие данные передавайте в JSONL или CSV.")
    stream, encoding = open_text(path)
    with stream:
        return stream.read(), encoding


def _read_yaml(path: Path) -> Iterator[Item]:
    text, encoding = _whole(path)
    yield from _encoding_note(path, encoding)
    fixed = repaired(text)
    if fixed != text:
        yield Note("repaired", str(path), 1, "текст был раскодирован дважды, исправлен")
    builder = YamlBuilder(path)
    head: dict[str, Any] = {}
    lists: list[tuple[str, yaml.SequenceNode]] = []
    for key, value in compose(path, fixed).value:
        name = builder.value(key, 0)
        if name in _YAML_KINDS and isinstance(value, yaml.SequenceNode):
            lists.append((_YAML_KINDS[name], value))
        elif name in ("area", "title"):
            head[name] = builder.value(value, 0)
        else:
            raise DataError(f"{path}:{key.start_mark.line + 1}: неизвестный раздел «{name}».")
    if "area" in head:
        yield RawRecord("area", {"id": head["area"], "title": head.get("title", head["area"])}, str(path), 1)
    for kind, sequence in lists:
        yield from _yaml_records(path, kind, sequence, builder, head)


def _yaml_records(
    path: Path, kind: str, sequence: yaml.SequenceNode, builder: YamlBuilder, head: dict[str, Any]
) -> Iterator[RawRecord]:
    for node in sequence.value:
        fields = builder.value(node, 1)
        if kind == "entry" and isinstance(fields, dict) and "area" in head:
            fields = {"area": head["area"], **fields}
        yield RawRecord(kind, fields, str(path), node.start_mark.line + 1)


def _read_csv(path: Path) -> Iterator[Item]:
    stream, encoding = open_text(path)
    yield from _encoding_note(path, encoding)
    with stream:
        first = stream.readline()
        stream.seek(0)
        delimiter = max(",;\t", key=first.count)
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        try:
            header = _columns(path, next(reader, []))
            for row in reader:
                if row:
                    yield from _row(path, reader.line_num, header, row)
        except csv.Error as error:
            raise DataError(f"{path}:{reader.line_num}: CSV не читается: {error}.") from error


def _columns(path: Path, names: Iterable[object]) -> list[str]:
    """Return the columns of a table by the names we know; a table of ratings needs no answers."""
    plain = [str(name or "").strip().lower().lstrip("\ufeff") for name in names]
    header = [_COLUMNS.get(name, name) for name in plain]
    if not {"answer", "rating"} & set(header) or not {"question", "questions"} & set(header):
        raise DataError(
            f"{path}:1: нет столбцов question и answer, есть: {', '.join(header) or 'ничего'}.",
            hint="В первой строке - столбцы: question, answer, можно id, area, title, reference, as_of.",
        )
    return header


def _row(path: Path, line: int, header: list[str], row: list[str]) -> Iterator[Item]:
    if len(row) != len(header):
        yield Note("error", str(path), line, f"столбцов {len(row)}, а в первой строке {len(header)}")
        return
    cells = dict(zip(header, (repaired(cell) for cell in row), strict=True))
    if any(cells[name] != cell for name, cell in zip(header, row, strict=True)):
        yield Note("repaired", str(path), line, "текст был раскодирован дважды, исправлен")
    yield _entry_row(
        path,
        line,
        {name: cell for name, cell in cells.items() if cell.strip() or name in _NEEDED},
    )


def _entry_row(path: Path, line: int, fields: dict[str, Any]) -> RawRecord:
    """A row with one question is an entry with one wording; ids and titles may be left out. A rating makes it rated."""
    if "rating" in fields:
        return RawRecord("rated", {name: value for name, value in fields.items() if value is not None}, str(path), line)
    entry = dict(fields)
    for name in _LIST_FIELDS & set(entry):
        if isinstance(entry[name], str):
            entry[name] = [part.strip() for part in entry[name].split("|")]
    if "question" in entry:
        entry["questions"] = [entry.pop("question"), *entry.get("questions", [])]
    entry.setdefault("id", f"row-{_slug(path)}-{line}")
    entry.setdefault("area", "imported")
    questions = entry.get("questions")
    entry.setdefault("title", questions[0] if isinstance(questions, list) and questions else "")
    return RawRecord("entry", entry, str(path), line)


def _slug(path: Path) -> str:
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in path.stem.lower()).strip("-")
    return kept[:40] or "file"


def _read_jsonl(path: Path) -> Iterator[Item]:
    stream, encoding = open_text(path)
    yield from _encoding_note(path, encoding)
    with stream:
        for line, text in enumerate(stream, 1):
            if not text.strip():
                continue
            fixed = repaired(text)
            if fixed != text:
                yield Note("repaired", str(path), line, "текст был раскодирован дважды, исправлен")
            try:
                fields = json.loads(fixed)
            except (ValueError, RecursionError) as error:
                yield Note("error", str(path), line, f"строка JSON не читается: {error}")
                continue
            if isinstance(fields, dict):
                yield _entry_row(path, line, fields)
            else:
                yield Note("error", str(path), line, "ожидался объект с полями question и answer")


def _read_xlsx(path: Path) -> Iterator[Item]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"Файл {path} не читается как XLSX: {error}.") from error
    rows = book.worksheets[0].iter_rows(values_only=True)
    header = _columns(path, next(rows, ()))
    for line, row in enumerate(rows, 2):
        if any(cell is not None for cell in row):
            yield from _row(path, line, header, [_cell(cell) for cell in row])
    book.close()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _read_python(path: Path) -> Iterator[Item]:
    text, encoding = _whole(path)
    yield from _encoding_note(path, encoding)
    try:
        tree = ast.parse(repaired(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise DataError(f"{path}:{getattr(error, 'lineno', 1) or 1}: файл Python не читается: {error}.") from error
    literals = [
        node.value
        for node in tree.body
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Dict)
    ]
    if len(literals) != 1:
        raise DataError(f"{path}:1: ожидался один словарь вида имя = {{вопрос: ответ}}, найдено: {len(literals)}.")
    for key, value in zip(literals[0].keys, literals[0].values, strict=True):
        line = value.lineno
        try:
            question, answer = ast.literal_eval(key) if key else None, ast.literal_eval(value)
        except (ValueError, TypeError, RecursionError):
            yield Note("error", str(path), line, "значение не литерал: выполнять код нельзя")
            continue
        if isinstance(answer, dict):
            yield _entry_row(path, line, {"question": question, **answer})
        else:
            yield _entry_row(path, line, {"question": question, "answer": answer})


_READERS: dict[str, Callable[[Path], Iterator[Item]]] = {
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
    ".csv": _read_csv,
    ".jsonl": _read_jsonl,
    ".xlsx": _read_xlsx,
    ".py": _read_python,
}
