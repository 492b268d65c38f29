"""An answer that arrives in pieces and ends with a `Reply`.

Knows turns and replies; knows no assistant.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from llmops.schemas import Reply, Timings, Turn


class TextStream:
    """Pieces of an answer; `reply` is what has been said so far.

    Args:
        pieces: Texts whose concatenation is the answer.
        model: The name of what answers.
        degraded: A backend was asked and failed.
        generate_ms: How long a model wrote before the first piece.
    """

    def __init__(
        self,
        turn: Turn,
        pieces: Iterator[str],
        *,
        model: str,
        backend: str = "embedded",
        degraded: bool = False,
        generate_ms: float | None = None,
    ) -> None:
        self._turn, self._pieces, self._model, self._backend = turn, pieces, model, backend
        self._degraded, self._generate_ms = degraded, generate_ms
        self._said: list[str] = []
        self._stopped = False
        self._started = time.perf_counter()
        self._ended: float | None = None

    def __iter__(self) -> Iterator[str]:
        for piece in self._pieces:
            if self._stopped:
                break
            self._said.append(piece)
            yield piece
        self._ended = time.perf_counter()

    def stop(self) -> None:
        self._stopped = True

    @property
    def reply(self) -> Reply:
        turn = self._turn
        elapsed = ((self._ended or time.perf_counter()) - self._started) * 1000
        return Reply(
            assistant=turn.assistant,
            persona=turn.persona,
            outcome=turn.outcome,
            reason=turn.reason,
            answer="".join(self._said),
            origin=turn.origin,
            sources=turn.sources,
            backend=self._backend,
            model=self._model,
            timings_ms=Timings(
                total=round((turn.retrieve_ms or 0.0) + (self._generate_ms or 0.0) + elapsed, 2),
                retrieve=turn.retrieve_ms and round(turn.retrieve_ms, 2),
                generate=self._generate_ms and round(self._generate_ms, 2),
            ),
            conversation_id=turn.conversation_id,
            trace_id=f"tr-{turn.id}",
            degraded=self._degraded,
            interrupted=self._stopped,
        )
