"""`llmops monitor --unanswered`: the questions that were not answered, as the next entries to write.

Knows how topics look at 80 columns; how questions are gathered is known by `tracking.unanswered`.
"""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from llmops.language.numbers import plural

if TYPE_CHECKING:
    from llmops.cli.output import Output
    from llmops.schemas import AssistantName
    from llmops.settings import Settings
    from llmops.tracking.unanswered import Topic, Unanswered

_WIDTH = 80
_SHOWN, _SHOWN_FOREIGN = 20, 5
_LONGEST = 90
_EXAMPLES = 3
_QUESTIONS = ("вопрос", "вопроса", "вопросов")
_PEOPLE = ("человека", "человек", "человек")
_TOPICS = ("тема", "темы", "тем")
_MISSING = {"wording": "похоже, не хватает формулировок", "entry": "похоже, не хватает записи"}


def show_unanswered(
    output: Output, settings: Settings, since: float, assistant: AssistantName | None, as_json: bool
) -> None:
    """Print the topics of a period, as text or as one JSON document.

    Args:
        since: Seconds since 1970; 0 for all time.
        assistant: None for all of them.
    """
    from llmops import wiring
    from llmops.tracking.unanswered import gather

    with wiring.monitor_outbox(settings) as outbox:
        found = gather(outbox, wiring.parts(settings)[0], since=since, assistant=assistant)
    if as_json:
        output.json(found)
        return
    width = min(_WIDTH, shutil.get_terminal_size((_WIDTH, 24)).columns)
    output.data("\n".join(_lines(found, max(width, 40))))


def _lines(found: Unanswered, width: int) -> Iterator[str]:
    yield from textwrap.wrap(_heading(found), width)
    if found.without_texts:
        yield from textwrap.wrap(
            f"Ещё {plural(found.without_texts, ('отказ', 'отказа', 'отказов'))} без текстов: вопросы не сохранялись.",
            width,
        )
    own = [topic for topic in found.topics if not topic.foreign]
    foreign = [topic for topic in found.topics if topic.foreign]
    yield from _list(own, _SHOWN, 1, width)
    if foreign:
        yield from ("", "Приняты за чужие темы:")
        yield from _list(foreign, _SHOWN_FOREIGN, len(own) + 1, width)


def _heading(found: Unanswered) -> str:
    period = f"с {found.since.astimezone():%d.%m.%Y %H:%M}" if found.since else "за всё время"
    if not found.questions:
        return f"Вопросов без ответа {period} нет."
    counted = f"{plural(found.questions, _QUESTIONS)} от {plural(found.people, _PEOPLE)}"
    return f"Без ответа {period}: {counted}, {plural(len(found.topics), _TOPICS)}."


def _list(topics: Sequence[Topic], shown: int, first: int, width: int) -> Iterator[str]:
    for number, topic in enumerate(topics[:shown], first):
        yield ""
        yield from _topic(topic, f"{number:2d}. ", width)
    if len(topics) > shown:
        yield from ("", f"… и ещё {plural(len(topics) - shown, _TOPICS)}; все - в --json")


def _topic(topic: Topic, mark: str, width: int) -> Iterator[str]:
    blank = " " * len(mark)
    counted = f"{plural(topic.size, _QUESTIONS)} от {plural(topic.people, _PEOPLE)}"
    yield from textwrap.wrap(
        f"{counted}: {_quoted(topic.question)}", width, initial_indent=mark, subsequent_indent=blank
    )
    details: list[str] = []
    if topic.examples:
        details.append("ещё: " + ", ".join(_quoted(text) for text in topic.examples[:_EXAMPLES]))
    if topic.size > 1 and topic.key_words:
        details.append("слова: " + ", ".join(topic.key_words))
    if topic.nearest and not topic.foreign:
        score = f"{topic.nearest.score:.2f}".replace(".", ",")
        details.append(f"ближайшая запись: {_quoted(topic.nearest.title)} ({score}) - {_MISSING[topic.missing]}")
    for detail in details:
        yield from textwrap.wrap(detail, width, initial_indent=blank, subsequent_indent=blank)


def _quoted(text: str) -> str:
    """Return a text on one line in quotation marks, without its long tail."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return f"«{line}»" if len(line) <= _LONGEST else f"«{line[:_LONGEST].rstrip()}…»"
