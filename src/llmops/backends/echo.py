"""`--backend echo`: repeats the person's last words, for tests and for trying everything around a model.

Knows no model: the same messages always give the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from llmops.backends.dialogue import Cutter, line
from llmops.protocols import StopSignal
from llmops.schemas import Message, Sampling, Token, Usage

_PIECE = re.compile(r"\S+\s*")


class EchoBackend:
    """A backend without a model; a word is its token."""

    name = "echo"
    model = "echo"

    def generate(self, messages: Sequence[Message], sampling: Sampling, stop: StopSignal) -> Iterator[Token]:
        said = next((message.content for message in reversed(messages) if message.role == "user"), "")
        cutter, written = Cutter(sampling.stop), 0
        for piece in _PIECE.findall(line(said)):
            if stop.is_set() or cutter.done or written == sampling.max_tokens:
                break
            written += 1
            if text := cutter.push(piece):
                yield Token(text=text)
        read = sum(len(message.content.split()) for message in messages)
        yield Token(text=cutter.rest(), usage=Usage(prompt_tokens=read, completion_tokens=written))
