"""Messages of other people's files, one at a time: phrases.txt, CSV, JSON, exports of Telegram Desktop.

A message knows its talk and its speaker; who answers whom is worked out later. Knows formats; cleans nothing.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from llmops.data.companion.json_stream import JsonStream
from llmops.data.encoding import open_messy
from llmops.errors import DataError
from llmops.schemas import Problem

_NAMED = re.compile(r"((?:[A-ZА-ЯЁ][\w-]*|[\w-]+ [A-ZА-ЯЁ][\w-]*)(?: [\w-]{1,20}){0,2}?)\s*:\s+(?=\S)")
_STAMP = re.compile(r"\[?\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? \d{1,2}:\d{2}(?::\d{2})?\]?[\s-]*")
_DASHED = re.compile(r"[-–—]\s*(?=[^\s\d-])")
_COLUMNS = {
    "message": "message", "question": "message", "вопрос": "message", "сообщение": "message", "prompt": "message",
    "input": "message", "reply": "reply", "answer": "reply", "ответ": "reply", "response": "reply", "output": "reply",
    "text": "text", "phrase": "text", "фраза": "text", "реплика": "text", "текст": "text", "content": "text",
    "name": "speaker", "speaker": "speaker", "from": "speaker", "role": "speaker", "author": "speaker",
    "имя": "speaker", "автор": "speaker", "rating": "rating", "оценка": "rating", "entry": "entry",
    "запись": "entry", "comment": "comment", "комментарий": "comment", "assistant": "assistant",
}  # fmt: skip
_PAUSE_S = 3 * 3600
_GOOD, _BAD = frozenset({"1", "+", "+1", "up", "👍"}), frozenset({"-1", "-", "−1", "down", "👎"})
USER, REPLY = "user", "assistant"


class Spoken(NamedTuple):
    """A message.

    Args:
        talk: Messages of one talk follow one another; a new number is a new talk.
        speaker: Empty for a phrase that answers nobody; what `USER` says begins an exchange and answers nothing.
        identity: By which a later message may name it.
        answers: The identity of the message that this one was a reply to.
    """

    text: str
    file: str
    line: int
    talk: int
    speaker: str = ""
    identity: str = ""
    answers: str = ""


class Rated(NamedTuple):
    """A rated turn: whether it was good, what was asked, and the situation that answered."""

    question: str
    good: bool
    situation: str
    comment: str
    file: str
    line: int


Item = Spoken | Rated | Problem


def read_text(path: Path) -> Iterator[Item]:
    """Read «Имя: фраза» and dialogues with dashes; a blank line ends a talk, other lines stand alone."""
    opening: tuple[Spoken, str] | None = None  # whether it opens a talk, the next line tells
    talk, turn = 0, 0
    stream, _ = open_messy(path)
    with stream:
        for number, raw in enumerate(stream, 1):
            line = raw.strip()
            spoken = _line(line, str(path), number, talk, turn)
            follows = bool(line and spoken.speaker)
            if opening:
                yield opening[0] if follows else _alone(*opening)
                opening = None
            if follows and turn == 0:
                opening = spoken, line
            elif line:
                yield spoken
            talk, turn = (talk, turn + 1) if follows else (talk + 1, 0)
    if opening:
        yield _alone(*opening)


def _line(line: str, file: str, number: int, talk: int, turn: int) -> Spoken:
    if stamp := _STAMP.match(line):
        line = line[stamp.end() :]
    if dash := _DASHED.match(line):
        return Spoken(line[dash.end() :], file, number, talk, f"-{turn % 2}")
    if ":" in line and (named := _NAMED.match(line)):
        return Spoken(line[named.end() :], file, number, talk, named[1])
    return Spoken(line, file, number, talk)


def _alone(spoken: Spoken, line: str) -> Spoken:
    """Return the whole line as a phrase: «Совет: …» is nobody's message."""
    return spoken._replace(text=line, speaker="")


def read_csv(path: Path) -> Iterator[Item]:
    """Read a table of messages and replies, of names and texts, or of ratings.

    Raises:
        DataError: The header names nothing that we know.
    """
    stream, _ = open_messy(path)
    with stream:
        first = stream.readline()
        stream.seek(0)
        reader = csv.reader(stream, delimiter=max(",;\t|", key=first.count))
        header = [_COLUMNS.get(name.strip().lower().lstrip("\ufeff"), "") for name in _rows_of(reader, [])]
        if not {"message", "text"} & set(header):
            raise DataError(
                f"{path}:1: нет столбцов message и reply или name и text.", hint="В первой строке - названия столбцов."
            )
        talk = 0
        while (row := _rows_of(reader, None)) is not None:
            talk += 1
            if isinstance(row, str) or (row and len(row) != len(header)):
                yield _left_out(path, reader.line_num, f"строка таблицы не читается: {_fault(row, header)}")
            elif row:
                yield from _fields(dict(zip(header, row, strict=True)), path, reader.line_num, talk)


def _rows_of(reader: Any, end: Any) -> Any:
    """Return the next row, a fault in words, or `end` after the last row."""
    try:
        return next(reader, end)
    except csv.Error as error:
        return str(error)


def _fault(row: list[str] | str, header: list[str]) -> str:
    return row if isinstance(row, str) else f"столбцов {len(row)}, а в первой строке {len(header)}"


def read_jsonl(path: Path) -> Iterator[Item]:
    """Read an object a line: message and reply, name and text, `messages` of a chat, or a rating."""
    stream, _ = open_messy(path)
    with stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield _left_out(path, number, f"строка JSON не читается: {error}")
                continue
            yield from _record(value, path, number, number)


def read_json(path: Path) -> Iterator[Item]:
    """Read an export of Telegram Desktop, of one chat or of all, or a list of what JSONL holds a line.

    Raises:
        DataError: The file is cut off or damaged.
    """
    found = False
    stream, _ = open_messy(path)
    with stream:
        telegram = _Telegram(str(path))
        for talk, (value, number, line) in enumerate(JsonStream(stream, path).items(), 1):
            found = True
            if isinstance(value, dict) and "id" in value and "type" in value:
                yield from telegram.take(value, number, line)
            else:
                yield from _record(value, path, line, talk)
    if not found:
        yield Problem(level="error", file=str(path), line=1, message="это не выгрузка Telegram Desktop: сообщений нет")


class _Telegram:
    """Tells one talk of a chat from the next.

    Service messages, forwards, what bots sent, stickers and media without a text are left out.
    """

    def __init__(self, file: str) -> None:
        self._file, self._talk, self._chat, self._moment = file, 0, 0, 0.0

    def take(self, fields: dict[str, Any], chat: int, line: int) -> Iterator[Spoken]:
        if fields["type"] != "message" or "forwarded_from" in fields or "via_bot" in fields:
            return
        text = _telegram_text(fields.get("text"))
        if not text.strip():
            return
        moment = _moment(fields)
        if chat != self._chat or abs(moment - self._moment) > _PAUSE_S:
            self._talk += 1
        self._chat, self._moment = chat, moment
        answered = fields.get("reply_to_message_id")
        speaker = str(fields.get("from_id") or fields.get("from") or "?")
        yield Spoken(
            text,
            self._file,
            line,
            self._talk,
            speaker,
            f"{chat}:{fields['id']}",
            f"{chat}:{answered}" if answered else "",
        )


def _moment(fields: dict[str, Any]) -> float:
    try:
        told = fields.get("date_unixtime")
        return float(told) if told else datetime.fromisoformat(str(fields.get("date", ""))).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def _telegram_text(value: Any) -> str:
    """Return the text of a message: a string, or a list of strings and entities."""
    if isinstance(value, list):
        return "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in value if part)
    return value if isinstance(value, str) else ""


def _record(value: Any, path: Path, number: int, talk: int) -> Iterator[Item]:
    if not isinstance(value, dict):
        yield _left_out(path, number, "ожидался объект")
    elif isinstance(value.get("messages"), list):
        yield from _chat(value["messages"], path, number, talk)
    else:
        known = {_COLUMNS[name]: told for name, told in value.items() if name in _COLUMNS}
        yield from _fields(known, path, number, talk)


def _chat(messages: list[Any], path: Path, number: int, talk: int) -> Iterator[Item]:
    for message in messages:
        if isinstance(message, dict) and message.get("role") in {USER, REPLY}:
            yield Spoken(str(message.get("content") or ""), str(path), number, talk, str(message["role"]))


def _fields(fields: dict[str, Any], path: Path, number: int, talk: int) -> Iterator[Item]:
    if fields.get("rating") not in {None, ""}:
        yield from _rated(fields, path, number)
    elif fields.get("message"):
        yield Spoken(str(fields["message"]), str(path), number, talk, USER if fields.get("reply") else "")
        if fields.get("reply"):
            yield Spoken(str(fields["reply"]), str(path), number, talk, REPLY)
    elif fields.get("text"):
        speaker = str(fields.get("speaker") or "")
        yield Spoken(str(fields["text"]), str(path), number, 0 if speaker else talk, speaker)


def _rated(fields: dict[str, Any], path: Path, number: int) -> Iterator[Item]:
    rating = str(fields["rating"]).strip().lower().removesuffix(".0")
    if str(fields.get("assistant") or "companion") != "companion":
        return
    if rating not in _GOOD | _BAD:
        yield _left_out(path, number, f"оценка «{rating}» непонятна: нужна + или -")
        return
    question, situation, comment = (str(fields.get(name) or "") for name in ("message", "entry", "comment"))
    yield Rated(question, rating in _GOOD, situation, comment, str(path), number)


def _left_out(path: Path, line: int, message: str) -> Problem:
    return Problem(level="warning", file=str(path), line=line, message=message)


READERS: dict[str, Callable[[Path], Iterator[Item]]] = {
    ".txt": read_text, ".csv": read_csv, ".tsv": read_csv, ".jsonl": read_jsonl, ".ndjson": read_jsonl,
    ".json": read_json,
}  # fmt: skip
