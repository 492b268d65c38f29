"""A conversation as plain text for models without a chat template: an introduction, a blank line, lines after dashes.

The person and the companion take turns, the answer is the next line. Training writes its texts with these functions and
backends write their prompts, so a model sees at run time what it has learnt from. Knows no model and no persona.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence

from llmops.language.wording import Gender
from llmops.schemas import Message

DASH = "-"
STOPS = ("\n", "Пользователь:", "Собеседник:", "Человек:", "Ассистент:", "User:", "Assistant:")
_BLANKS = re.compile(r"\s+")
_PARAGRAPHS = re.compile(r"\n\s*\n")
_LEADING_DASH = re.compile(r"^(?:[-–—]\s+)+")
_ELLIPSIS = "…"

Size = Callable[[Sequence[Message]], int]


def introduction(
    name: str, title: str, *, polite: bool, listener: Gender | None = None, known: Sequence[str] = (), manner: str = ""
) -> str:
    """Return the system text that states who speaks, to whom, and what is known of the person.

    Args:
        known: Sentences in the companion's own words: «Тебя зовут Аня.»
        manner: How the persona speaks; models that were trained here do without it.
    """
    to_whom = {"male": " с мужчиной", "female": " с женщиной", None: ""}[listener]
    first = f"{name}, {title}. Говорит на «{'вы' if polite else 'ты'}»{to_whom}."
    return "\n".join(line for line in (f"{first} {manner}".rstrip(), " ".join(known)) if line)


def line(text: str) -> str:
    """Return a message as one line of a dialogue: no line breaks, no dash of its own."""
    return _LEADING_DASH.sub("", _BLANKS.sub(" ", text).strip())


def spans(messages: Sequence[Message]) -> list[tuple[str, bool]]:
    """Return the text of messages in pieces, each with whether it is an answer: what a model learns to write."""
    heads = [_PARAGRAPHS.sub("\n", message.content.strip()) for message in messages if message.role == "system"]
    head = "\n".join(text for text in heads if text)
    pieces = [(head + "\n\n", False)] if head else []
    for message in messages:
        if message.role == "user":
            pieces.append((f"{DASH} {line(message.content)}\n", False))
        elif message.role == "assistant":
            pieces += [(DASH, False), (f" {line(message.content)}\n", True)]
    return pieces


def render(messages: Sequence[Message]) -> str:
    """Return the text that a model goes on with; it ends with a dash, the answer begins with a blank."""
    return "".join(text for text, _ in spans(messages)) + DASH


def fit(messages: Sequence[Message], room: int, size: Size) -> tuple[list[Message], bool]:
    """Return the messages that fit, and whether any had to go: the introduction and the newest ones stay.

    The oldest exchanges go first, then the beginning of the newest message, then the end of the introduction.

    Args:
        room: Tokens that the prompt may take.
        size: Counts the tokens of messages.
    """
    kept = list(messages)
    if size(kept) <= room:
        return kept, False
    heads = [message for message in kept if message.role == "system"]
    talk = [message for message in kept if message.role != "system"]
    if talk:
        begins = [place for place, message in enumerate(talk) if place == 0 or message.role == "user"]
        fitting = bisect_left(begins, True, key=lambda place: size([*heads, *talk[place:]]) <= room)
        talk = talk[begins[min(fitting, len(begins) - 1)] :]
    if talk and size([*heads, *talk]) > room:
        talk = [_cut(talk[-1], lambda message: size([*heads, message]), room, keep_end=True)]
    for place in reversed(range(len(heads))):
        if size([*heads, *talk]) > room:
            before, after = heads[:place], [*heads[place + 1 :], *talk]
            measure = _around(before, after, size)
            heads[place] = _cut(heads[place], measure, room, keep_end=False)
    return [*heads, *talk], True


def _around(before: list[Message], after: list[Message], size: Size) -> Callable[[Message], int]:
    return lambda message: size([*before, message, *after])


def _cut(message: Message, measure: Callable[[Message], int], room: int, *, keep_end: bool) -> Message:
    """Return a message with as much of its beginning or end as there is room for, found by halving."""
    text = message.content

    def part(length: int) -> Message:
        if length == len(text):
            return message
        cut = text[len(text) - length :] if keep_end else text[:length]
        return message.model_copy(update={"content": _ELLIPSIS + cut if keep_end else cut})

    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(part(middle)) <= room:
            low = middle
        else:
            high = middle - 1
    return part(low)


class Cutter:
    """Ends a text at the first of some stop strings, also where pieces meet.

    Args:
        stops: Texts that end the answer and are not part of it.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.done = False

    def push(self, piece: str) -> str:
        """Take a piece and return what certainly belongs to the answer."""
        if self.done:
            return ""
        text = self._held + piece
        places = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        if places:
            self.done, self._held = True, ""
            return text[: min(places)]
        held = max((_overlap(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]

    def rest(self) -> str:
        """Return what was held back, when nothing follows."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """Return how many characters at the end of a text begin a stop string."""
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:n])), 0)
