"""Letting a backend answer: the prompt, several candidates, the filters, the choice; the phrase bank is the fallback.

Crisis, refusals and memory are never left to a generator. Knows the backend's role; knows no engine.
"""

from __future__ import annotations

import time
from threading import Event

from llmops.assistants.companion.filters import complaint, tidy
from llmops.assistants.companion.persona import Persona
from llmops.assistants.companion.recollection import everything
from llmops.assistants.stream import TextStream
from llmops.backends.dialogue import introduction
from llmops.errors import BackendError
from llmops.language.stems import content_stems
from llmops.language.wording import render
from llmops.protocols import Backend, Retriever
from llmops.schemas import Conversation, Message, Reaction, Turn

_QUOTAS = (4, 2, 2, 1, 1)  # exchanges of each situation found
_TURNS = 6
_CANDIDATES = 3
_RULES = (
    "Отвечай по-русски, одной-двумя короткими живыми фразами, только за себя. Ты программа и не скрываешь этого."
    " Не придумывай себе жизни человека. Не давай советов о деньгах и лечении."
)


class Generation:
    """Writes replies with a backend.

    Args:
        retriever: Finds exchanges that show how the persona talks.
        bare: The model was trained on the bank and needs no rules in its prompt.
        candidates: How many replies to choose from.
    """

    def __init__(
        self, backend: Backend, retriever: Retriever, *, bare: bool = False, candidates: int = _CANDIDATES
    ) -> None:
        self._backend, self._retriever, self._bare, self._candidates = backend, retriever, bare, candidates

    def prompted(self, turn: Turn, conversation: Conversation, persona: Persona) -> Turn:
        """Return the turn with its prompt, or as it is when it must be answered by the bank."""
        if turn.origin != "phrase_bank" or not turn.retrieved:
            return turn
        messages = [Message(role="system", content=self._introduction(persona, turn))]
        messages += self._examples(turn, persona)
        for exchange in conversation.exchanges[-_TURNS:]:
            messages += [
                Message(role="user", content=exchange.question),
                Message(role="assistant", content=exchange.answer),
            ]
        messages.append(Message(role="user", content=turn.question))
        return turn.model_copy(update={"prompt": tuple(message for message in messages if message.content)})

    def _introduction(self, persona: Persona, turn: Turn) -> str:
        voice = persona.voice(turn.facts)
        known = [said for text in everything(turn.facts) if (said := render(text, voice))]
        manner = "" if self._bare else f"{persona.manner} {_RULES}"
        return introduction(
            persona.name, persona.title, polite=voice.polite, listener=voice.listener, known=known, manner=manner
        )

    def _examples(self, turn: Turn, persona: Persona) -> list[Message]:
        """Return exchanges of the situations that retrieval found, the best last, next to the dialogue."""
        voice, pairs = persona.voice(turn.facts), []
        for found, quota in zip(turn.retrieved, _QUOTAS, strict=False):
            entry = self._retriever.entry(found.id)
            if entry is None or entry.reaction is None or entry.reaction.kind != "talk":
                continue
            said = [text for line in _lines(entry.reaction, persona) if (text := render(line, voice))]
            pairs += list(zip(entry.questions, said, strict=False))[:quota]
        return [
            Message(role=role, content=text)
            for message, reply in reversed(pairs)
            for role, text in (("user", message), ("assistant", reply))
        ]

    def stream(self, turn: Turn, persona: Persona) -> TextStream:
        """Return the chosen reply as a stream; a backend that fails leaves the bank's answer, marked as degraded."""
        started = time.perf_counter()
        try:
            said = self._best(turn, persona)
            degraded = False
        except BackendError:
            said, degraded = "", True
        generated = turn.model_copy(update={"origin": "model"}) if said else turn
        return TextStream(
            generated,
            iter((said or turn.answer,)),
            model=self._backend.model,
            backend=self._backend.name,
            degraded=degraded,
            generate_ms=(time.perf_counter() - started) * 1000,
        )

    def _best(self, turn: Turn, persona: Persona) -> str:
        """Return the candidate that passes all filters and is the nearest to the matter; empty when none does."""
        earlier = [message.content for message in turn.prompt if message.role == "assistant"]
        passed = []
        for number in range(self._candidates):
            sampling = persona.sampling.model_copy(update={"seed": number + 1})
            pieces = self._backend.generate(turn.prompt, sampling, Event())
            text = tidy("".join(piece.text for piece in pieces))
            if not complaint(text, earlier[-_TURNS:]):
                passed.append(text)
        matter = set(content_stems(f"{turn.question} {turn.answer}"))
        return max(passed, key=lambda text: len(matter & set(content_stems(text))), default="")


def _lines(reaction: Reaction, persona: Persona) -> list[str]:
    own = [line.text for line in reaction.replies if line.persona == persona.id]
    return [*own, *(line.text for line in reaction.replies if not line.persona)]
