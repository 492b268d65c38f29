"""JSON larger than memory, one object at a time: the items of every list named `messages`, or of a top-level list.

Knows JSON and line numbers; knows no fields. A parser of events would tell no lines and would be one more dependency.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from llmops.errors import DataError

_CHUNK = 1 << 16
_LONGEST = 16 << 20
_OPENING = re.compile(r'"messages"\s*:\s*\[')
_REACH = 64  # an opening that a chunk cuts in two is no longer
_BETWEEN = re.compile(r"[\s,]*")


class Listed(NamedTuple):
    """An item of a list: which list of the file it is of, and where it stands."""

    value: Any
    number: int
    line: int


class JsonStream:
    """Reads on as far as it has to; what was passed is forgotten.

    Args:
        path: The name that errors tell.
    """

    def __init__(self, stream: TextIO, path: Path) -> None:
        self._stream, self._path = stream, path
        self._buffer, self._at, self._line = "", 0, 1
        self._decoder = json.JSONDecoder()

    def items(self) -> Iterator[Listed]:
        """Yield every item in order.

        Raises:
            DataError: The file ends within a list, or an item is no JSON.
        """
        number = 0
        while self._find(top=number == 0):
            number += 1
            while (value := self._item()) is not _END:
                yield Listed(value, number, self._started)

    def _find(self, *, top: bool) -> bool:
        """Go to the beginning of the next list; tell whether there is one."""
        if top:
            self._more()
            if self._buffer.lstrip("\ufeff \t\r\n").startswith("["):
                self._pass(self._buffer.index("[") + 1)
                return True
        while True:
            if found := _OPENING.search(self._buffer, self._at):
                self._pass(found.end())
                return True
            self._pass(max(self._at, len(self._buffer) - _REACH))
            if not self._more():
                return False

    def _item(self) -> Any:
        while True:
            self._pass(_BETWEEN.match(self._buffer, self._at).end())  # type: ignore[union-attr] # matches nothing as well
            self._started = self._line
            if self._buffer.startswith("]", self._at):
                self._pass(self._at + 1)
                return _END
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError) as error:
                if len(self._buffer) - self._at > _LONGEST or not self._more():
                    raise DataError(
                        f"{self._path}:{self._line}: JSON обрывается или испорчен.", hint="Выгрузите данные заново."
                    ) from error
                continue
            self._pass(end)
            return value

    def _pass(self, place: int) -> None:
        self._line += self._buffer.count("\n", self._at, place)
        self._at = place

    def _more(self) -> bool:
        """Read on; twice as much for an item that is still not whole, so that nothing is read often."""
        kept = self._buffer[self._at :]
        chunk = self._stream.read(max(_CHUNK, len(kept)))
        self._buffer, self._at = kept + chunk, 0
        return bool(chunk)


_END = object()
