"""What an exported model says: answers to wordings that it never learnt, read through the engine that people will use.

Nothing is chosen: the first answer of a fixed seed is the sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event

from llmops.assistants.companion.persona import Persona
from llmops.backends.dialogue import introduction
from llmops.backends.openvino import OpenvinoBackend
from llmops.schemas import Message, Sampling
from llmops.training.language_model.bank import Bank

_SAMPLES = 40
_SAMPLING = Sampling(max_tokens=80, temperature=0.6, top_p=0.9, top_k=40, repetition_penalty=1.05, seed=1)


def sample(folder: Path, bank: Bank, personas: Sequence[Persona]) -> list[tuple[str, str, str]]:
    """Return personas' names, people's lines and answers, spread over the held-out wordings."""
    backend = OpenvinoBackend(folder)
    wordings = [text for _, text in bank.unseen_says] or [item.says[0] for item in bank.situations if item.says]
    count = min(_SAMPLES, len(wordings))
    picked = [wordings[place * len(wordings) // count] for place in range(count)]
    rows = []
    for place, text in enumerate(picked):
        persona = personas[place % len(personas)]
        head = introduction(persona.name, persona.title, polite=persona.address == "вы")
        messages = [Message(role="system", content=head), Message(role="user", content=text)]
        answer = "".join(token.text for token in backend.generate(messages, _SAMPLING, Event()))
        rows.append((persona.name, text, answer))
    return rows


def written(rows: Sequence[tuple[str, str, str]]) -> str:
    """Return samples as a Markdown list."""
    lines = [f"- **{said}**\n  {name}: {answer}" for name, said, answer in rows]
    lead = "Формулировки отложены, при обучении их не было; ответы - первые и единственные, без отбора."
    return f"# Что отвечает модель\n\n{lead}\n\n" + "\n".join(lines) + "\n"
