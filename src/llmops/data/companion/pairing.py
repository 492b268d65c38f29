"""Who answers whom: messages of talks → exchanges.

A message by one speaker after a message by another is a reply to it; what one says in a row is one message. Knows
clean messages; knows no output file.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from llmops.data.companion.talks import USER, Spoken

_JOINED = 400
_REMEMBERED = 4096
_SLUG = 40
_ENDS = frozenset(".!?…,:;)»")


class Exchanged(NamedTuple):
    """A message and what was answered to it; a phrase that answers nobody has no message."""

    message: str
    reply: str
    file: str
    line: int


class Pairing:
    """Joins what one speaker says in a row and pairs it with what another says next, or names as answered."""

    def __init__(self) -> None:
        self._message, self._current = "", ""
        self._at: Spoken | None = None
        self._open = False  # the current message may stand alone when nobody answers
        self._lost = ("", -1)
        self._known: dict[str, tuple[str, str]] = {}

    def take(self, spoken: Spoken, text: str) -> list[Exchanged]:
        """Take a message and what cleaning left of it; an empty one breaks the talk."""
        if not spoken.speaker:
            return [*self.rest(), *([Exchanged("", text, spoken.file, spoken.line)] if text else [])]
        at = self._at
        follows = at is not None and spoken.talk == at.talk and spoken.file == at.file
        if not text:
            ended = self.rest()
            self._lost = (spoken.file, spoken.talk)
            return ended
        self._remember(spoken, text)
        goes_on = follows and at and spoken.speaker == at.speaker and not spoken.answers
        if goes_on and len(self._current) + len(text) < _JOINED:
            self._current += f" {text}" if self._current[-1] in _ENDS else f". {text}"
            return []
        previous = self._current if follows and at and spoken.speaker != at.speaker else ""
        return self._begin(spoken, text, self._answered(spoken) or previous)

    def rest(self) -> list[Exchanged]:
        """Return what the last talk has left."""
        ended = self._end(answered=False)
        self._at = None
        return ended

    def _begin(self, spoken: Spoken, text: str, message: str) -> list[Exchanged]:
        if spoken.speaker == USER:
            message = ""
        ended = self._end(answered=bool(message) and message == self._current)
        self._open = not message and spoken.speaker != USER and (spoken.file, spoken.talk) != self._lost
        self._message, self._current, self._at = message, text, spoken
        return ended

    def _end(self, *, answered: bool) -> list[Exchanged]:
        if self._at is None or (not self._message and (answered or not self._open)):
            return []
        return [Exchanged(self._message, self._current, self._at.file, self._at.line)]

    def _remember(self, spoken: Spoken, text: str) -> None:
        if spoken.identity:
            if len(self._known) >= _REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[spoken.identity] = (spoken.speaker, text)

    def _answered(self, spoken: Spoken) -> str:
        """Return the message that this one was a reply to, when it is another speaker's."""
        speaker, text = self._known.get(spoken.answers, ("", ""))
        return text if speaker != spoken.speaker else ""


class Names:
    """Ids of imported situations: the file and the line, different for different exchanges of one run."""

    def __init__(self) -> None:
        self._slugs: dict[str, str] = {}
        self._last, self._count = ("", 0), 0

    def of(self, exchanged: Exchanged) -> str:
        """Return the id of the next exchange; those of one line follow one another."""
        place = (exchanged.file, exchanged.line)
        self._count = self._count + 1 if place == self._last else 1
        self._last = place
        more = f"_{self._count}" if self._count > 1 else ""
        return f"import-{self._slug(exchanged.file)}-{exchanged.line}{more}"

    def _slug(self, file: str) -> str:
        if file not in self._slugs:
            stem = "".join(c if c.isascii() and c.isalnum() else "-" for c in Path(file).stem.lower()).strip("-")
            slug = stem = stem[:_SLUG] or "file"
            taken, number = set(self._slugs.values()), 1
            while slug in taken:
                number += 1
                slug = f"{stem}_{number}"
            self._slugs[file] = slug
        return self._slugs[file]
