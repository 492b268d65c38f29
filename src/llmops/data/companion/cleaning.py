"""Cleaning one message: an ordered chain of named steps, then the reasons to drop it.

Most messages are plain and skip the chain after one look at their words. Cleaning clean text changes nothing: the
chain is repeated until it does not change. Knows one text at a time; knows no files and no duplicates.
"""

from __future__ import annotations

from typing import NamedTuple

from llmops.data.companion.reasons import LONGEST, SHORTEST, is_command, is_personal, reason
from llmops.data.companion.steps import LINK, STEPS, Step
from llmops.data.companion.vocabulary import UNTIDY, marks

_ROUNDS = 6
_KEPT_STEPS = {"ссылки": "links", "почта": "links", "упоминания": "links", "эмодзи": "emoji"}
CHANGES = tuple(name for name, _ in STEPS)
DROPS = (
    "пусто", "коротко", "длинно", "команда боту", "личные данные", "другой язык", "брань", "реклама",
    "не очищается", "повтор", "почти повтор",
)  # fmt: skip


class Keep(NamedTuple):
    """What is left in although it is dropped or removed otherwise."""

    emoji: bool = False
    links: bool = False
    obscene: bool = False
    foreign: bool = False
    duplicates: bool = False


class Cleaned(NamedTuple):
    """A message after the chain.

    Args:
        text: Empty when it was dropped.
        changes: The names of the steps that changed something.
        dropped: The name of the reason; empty when it stays.
    """

    text: str
    changes: tuple[str, ...] = ()
    dropped: str = ""


def clean(text: str, keep: Keep) -> Cleaned:
    """Clean a message, or drop it."""
    found = _marks(text)
    if not found and SHORTEST <= len(text) <= LONGEST:
        return Cleaned(text)
    changes: tuple[str, ...] = ()
    if found & UNTIDY:
        if is_command(text):
            return Cleaned("", (), "команда боту")
        if "[" in text and is_personal(text):  # a label: the chain would take its brackets
            return Cleaned("", (), "личные данные")
        text, changes = _chain(text, keep)
        if changes and changes[-1] == _ENDLESS:
            return Cleaned("", changes[:-1], _ENDLESS)
    dropped = reason(text, foreign=keep.foreign, obscene=keep.obscene)
    return Cleaned("" if dropped else text, changes, dropped)


def clean_all(texts: list[str], keep: Keep) -> list[Cleaned | None]:
    """Clean many messages; None for those that stay as they are."""
    return [found if found.changes or found.dropped else None for found in (clean(text, keep) for text in texts)]


_ENDLESS = "не очищается"


def _marks(text: str) -> int:
    """Return the marks of a text's words, and that it is untidy when a sign stands at its edge."""
    untidy = text[:1] == "-" or text[-1:] in {"-", ","}
    return UNTIDY if untidy else marks(text.lower())


def _chain(text: str, keep: Keep) -> tuple[str, tuple[str, ...]]:
    """Run the steps until nothing changes."""
    steps = [step for step in STEPS if not getattr(keep, _KEPT_STEPS.get(step[0], ""), False)]
    changes: dict[str, None] = {}
    for _ in range(_ROUNDS):
        tidy = _around_links(text, steps, changes) if keep.links and LINK.search(text) else _once(text, steps, changes)
        if tidy == text or not _marks(tidy) & UNTIDY:
            return tidy, tuple(changes)
        text = tidy
    return text, (*changes, _ENDLESS)


def _once(text: str, steps: list[Step], changes: dict[str, None]) -> str:
    for name, step in steps:
        changed = step(text)
        if changed != text:
            changes[name] = None
            text = changed
    return text


def _around_links(text: str, steps: list[Step], changes: dict[str, None]) -> str:
    """Clean what stands between links that stay."""
    pieces, end = [], 0
    for link in LINK.finditer(text):
        pieces += [_once(text[end : link.start()], steps, changes), link[0]]
        end = link.end()
    return " ".join(filter(None, [*pieces, _once(text[end:], steps, changes)]))
