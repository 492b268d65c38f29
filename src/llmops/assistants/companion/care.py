"""Answers to a crisis: the fixed text first, then short lines that keep the numbers in sight.

Knows a scene; knows no retrieval.
"""

from __future__ import annotations

from typing import Any

from llmops.assistants.companion import safety
from llmops.assistants.companion.scene import Scene
from llmops.language.wording import render
from llmops.schemas import Source

_CRISIS = "crisis-"
_CRISIS_TURNS = 4

Draft = dict[str, Any]


def kind_of(identifier: str) -> safety.Crisis:
    """Return the kind of crisis that a situation of the bank tells of."""
    name = identifier.removeprefix(_CRISIS)
    return next((kind for kind in safety.TEXTS if kind == name), "self")


def crisis(scene: Scene, kind: safety.Crisis) -> Draft:
    """Answer with the fixed text; said once, it is followed by short lines that keep the numbers in sight."""
    text = render(safety.TEXTS[kind], scene.chooser.voice) or ""
    if any(text == exchange.answer for exchange in scene.conversation.exchanges[-_CRISIS_TURNS:]):
        text = f"{scene.chooser.choose_text(safety.AFTERWARDS)} {safety.REMINDER}"
    source = Source(id=f"{_CRISIS}{kind}", title="Помощь в беде", score=1.0)
    return {"answer": text, "origin": "policy", "sources": (source,), "facts": scene.conversation.facts}


def in_crisis(scene: Scene) -> bool:
    """Tell whether the last answer was about a crisis."""
    return scene.last is not None and any(identifier.startswith(_CRISIS) for identifier in scene.last.entry_ids)


def crisis_goes_on(scene: Scene) -> Draft:
    """Stay with a person after a crisis, while nothing else is talked of."""
    source = Source(id=f"{_CRISIS}self", title="Помощь в беде", score=0.0)
    return {
        "answer": f"{scene.chooser.choose_text(safety.AFTERWARDS)} {safety.REMINDER}",
        "origin": "policy",
        "sources": (source,),
    }
