"""Answers to «запомни …»: what is kept for later conversations, and what is not.

Knows a scene; knows no store.
"""

from __future__ import annotations

from llmops.assistants.companion import texts
from llmops.assistants.companion.care import Draft
from llmops.assistants.companion.facts import merge, read_facts
from llmops.assistants.companion.scene import Scene
from llmops.language.topic import topic_text
from llmops.language.wording import render
from llmops.schemas import PersonFact


def remembering(scene: Scene, wish: str) -> Draft:
    """Keep for later conversations what the person asks to; secrets are not kept."""
    if wish == "?":
        return {"answer": render(texts.REMEMBER_WHAT, scene.chooser.voice) or "", "outcome": "clarify"}
    wanted = read_facts(wish, scene.conversation.facts)
    told = tuple(fact for fact in wanted if fact.kind != "gender") or _noted(wish)
    if not told:
        return {"answer": texts.NOT_SECRETS}
    lasting = tuple(fact.model_copy(update={"lasting": True}) for fact in (*told, *wanted))
    line = scene.chooser.choose_text(text.replace("{value}", wish) for text in texts.REMEMBERED)
    return {"answer": line, "facts": merge(scene.facts, lasting)}


def _noted(wish: str) -> tuple[PersonFact, ...]:
    note = PersonFact(kind="note", value=wish)
    return (note,) if topic_text(wish) == wish else ()
